"""Comparisons in threads and workers: a hang or a crash leaves its pair to the judge, and memory stays bounded."""

import os
import signal
import subprocess
import sys
from concurrent.futures import Future

import pytest
from PIL import Image

from genloss.model.errors import DecodeCrashedError, DecodeTimeoutError, FileUnreadableError, ImageTruncatedError
from genloss.model.pairs.findings import Apart, KeptPlanes, find
from genloss.model.pairs.planes import VersionPlanes
from genloss.model.scoring.comparing import MOST_DEATHS, SubmittedPairs
from genloss.model.scoring.workers import ScoringWorkers
from tests.fixtures import LIMIT_SECONDS, ROOT, saved

CAT = ROOT / "samples/cat"
NAMES = ("original.jpg", "messenger.jpg", "shrunk.png")


@pytest.fixture(scope="module")
def workers():  # type: ignore[no-untyped-def]
    with ScoringWorkers(n_workers=1, deadline_seconds=LIMIT_SECONDS) as workers:
        yield workers


def _crash(*arguments: object) -> None:
    """Stands for a pair that brings OpenCV down."""
    os.kill(os.getpid(), signal.SIGSEGV)


def test_workers_find_what_this_process_finds_from_bytes_and_files(workers):
    data = [(CAT / name).read_bytes() for name in NAMES]
    for first, second in ((0, 1), (2, 0), (1, 2)):
        here = find(*(VersionPlanes.read(data[position]) for position in (first, second)))
        by_bytes = workers.submit_finding(data[first], data[second]).result(LIMIT_SECONDS)
        by_file = workers.submit_file_finding((CAT / NAMES[first], CAT / NAMES[second])).result(LIMIT_SECONDS)
        for found in (by_bytes, by_file):
            assert (found.made, found.made_backwards) == (here.made, here.made_backwards)
            assert found.comparison.forwards_vector.tobytes() == here.comparison.forwards_vector.tobytes()
            assert found.comparison.registration == here.comparison.registration


def test_different_pictures_are_told_apart_and_errors_keep_their_type(workers, tmp_path):
    data = (CAT / NAMES[0]).read_bytes()
    other = (ROOT / "samples/drawing/original.png").read_bytes()
    assert workers.submit_finding(data, other).result(LIMIT_SECONDS) == Apart()
    assert isinstance(workers.submit_finding(data, data[:-100]).exception(LIMIT_SECONDS), ImageTruncatedError)
    for files, digests in (((CAT / NAMES[0], tmp_path / "gone"), (None, None)), ((CAT / NAMES[0],) * 2, (None, "0" * 64))):
        assert isinstance(workers.submit_file_finding(files, digests).exception(LIMIT_SECONDS), FileUnreadableError)


def test_a_pair_that_crashes_its_worker_is_an_error_of_that_pair(workers, monkeypatch):
    data = (CAT / NAMES[2]).read_bytes()
    monkeypatch.setattr("genloss.model.scoring.compare_in_worker.find_in_bytes", _crash)
    crashed = workers.submit_finding(data, data)
    monkeypatch.undo()
    assert isinstance(crashed.exception(LIMIT_SECONDS), DecodeCrashedError)
    assert workers.submit_finding(data, data).result(LIMIT_SECONDS) is not None


def _done(result: object) -> Future:  # type: ignore[type-arg]
    future: Future = Future()  # type: ignore[type-arg]
    future.set_exception(result) if isinstance(result, Exception) else future.set_result(result)
    return future


def test_a_version_that_workers_die_of_is_not_compared_again_and_the_others_are():
    begun, errors = [], []

    def submit(first: int, second: int) -> Future:  # type: ignore[type-arg]
        begun.append((first, second))
        return _done(DecodeTimeoutError("not scored within 1 s") if 0 in (first, second) else (first, second))

    compare = SubmittedPairs(submit, n_ahead=1, on_error=errors.append)
    pairs = [(first, second) for second in range(6) for first in range(second)]
    assert list(compare(pairs)) == [None if 0 in pair else pair for pair in pairs]
    assert sum(0 in pair for pair in begun) == MOST_DEATHS
    assert len(errors) == MOST_DEATHS


def test_a_file_that_cannot_be_read_loses_its_pairs_only():
    compare = SubmittedPairs(lambda *pair: _done(FileUnreadableError("gone") if 1 in pair else pair), n_ahead=2)
    assert list(compare([(0, 1), (0, 2), (1, 2), (2, 3)])) == [None, (0, 2), None, (2, 3)]


@pytest.mark.parametrize("how", ["stopped", "too late"])
def test_nothing_is_begun_after_the_end(how):
    compare = SubmittedPairs(lambda *pair: pytest.fail("begun"), n_ahead=2, seconds=None if how == "stopped" else -1.0)
    if how == "stopped":
        compare.stop()
    assert list(compare([(0, 1), (1, 2)])) == [None, None]


def test_kept_planes_are_bounded_in_bytes_and_read_once():
    data = saved(Image.new("RGB", (64, 64)), "PNG")
    size = VersionPlanes.read(data).n_bytes_kept
    kept, read = KeptPlanes(3 * size), []

    def get(key: str) -> None:
        kept.get(key, lambda: read.append(key) or VersionPlanes.read(data))

    for key in "abcabcdabc":
        get(key)
        assert len(kept) <= 3
    assert "".join(read) == "abcdabc"
    small = KeptPlanes(0)
    for key in "xyz":
        small.get(key, lambda: VersionPlanes.read(data))
    assert len(small) == 2
    small.clear()
    assert len(small) == 0


def test_scoring_alone_loads_no_opencv():
    code = (
        "import sys, genloss.model.scoring.scorer, genloss.model.scoring.workers, genloss.commands.score, genloss.records; "
        "print('cv2' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False"
