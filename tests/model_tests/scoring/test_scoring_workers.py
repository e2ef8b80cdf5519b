"""A hang or a crash costs one file, and scores are those of this process."""

import multiprocessing
import os
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image

from genloss.model.errors import DecodeCrashedError, DecodeTimeoutError, FileUnreadableError, ImageTruncatedError
from genloss.model.scoring.workers import ScoringWorkers
from tests.fixtures import LIMIT_SECONDS, ROOT, saved, wait_until

FILES = sorted((ROOT / "samples/cat").iterdir())
QUICK = saved(Image.new("L", (8, 8)), "PNG")


@pytest.fixture(scope="module")
def workers():  # type: ignore[no-untyped-def]
    with ScoringWorkers(n_workers=2, deadline_seconds=LIMIT_SECONDS) as workers:
        yield workers


def _pids() -> list[int]:
    return [process.pid for process in multiprocessing.active_children()]


def _crash(data: bytes) -> None:
    """Stands for a decoder that a file brings down."""
    os.kill(os.getpid(), signal.SIGSEGV)


def test_scores_are_bit_for_bit_those_of_this_process_from_any_thread(workers, scorer):
    here = [scorer.score(path.read_bytes()) for path in FILES]
    with ThreadPoolExecutor(4) as threads:
        from_bytes = list(threads.map(lambda path: workers.submit(path.read_bytes()).result(), FILES))
        from_files = list(threads.map(lambda path: workers.submit_file(path).result(), FILES))
    assert here == from_bytes == from_files
    for direct, by_bytes, by_file in zip(here, from_bytes, from_files, strict=True):
        assert direct.evidence.tobytes() == by_bytes.evidence.tobytes() == by_file.evidence.tobytes()


def test_errors_come_back_with_their_type(workers, tmp_path):
    assert isinstance(workers.submit(FILES[0].read_bytes()[:-100]).exception(), ImageTruncatedError)
    assert isinstance(workers.submit_file(tmp_path / "none").exception(), FileUnreadableError)
    os.symlink(FILES[0], tmp_path / "link")
    assert isinstance(workers.submit_file(tmp_path / "link", follow_links=False).exception(), FileUnreadableError)


def test_a_file_that_takes_too_long_is_given_up_and_the_next_one_is_scored():
    slow = saved(Image.new("L", (10_000, 9_999)), "PNG")
    with ScoringWorkers(n_workers=1, deadline_seconds=0.5) as workers:
        first = workers.submit(slow)
        with pytest.raises(DecodeTimeoutError, match=r"^not scored within 0\.5 s$"):
            first.result(LIMIT_SECONDS)
        wait_until(lambda: workers.submit(QUICK).exception(LIMIT_SECONDS) is None, "a small picture is scored in half a second")


def test_a_killed_worker_costs_one_file_at_most(scorer):
    with ScoringWorkers(n_workers=2, deadline_seconds=LIMIT_SECONDS) as workers:
        futures = [workers.submit_file(path) for path in FILES * 3]
        wait_until(lambda: any(future.done() for future in futures), "the first file is scored")
        os.kill(_pids()[0], signal.SIGKILL)
        outcomes = [future.exception(LIMIT_SECONDS) or future.result() for future in futures]
        errors = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
        assert len(errors) <= 1  # none, where the worker had just given its result back
        assert {type(error) for error in errors} <= {DecodeCrashedError}
        right = [scorer.score_file(path) for path in FILES] * 3
        assert [outcome for outcome in outcomes if outcome not in errors] == [
            score for score, outcome in zip(right, outcomes, strict=True) if outcome not in errors
        ]
        assert workers.submit_file(FILES[0]).result(LIMIT_SECONDS) == right[0]


def test_a_file_that_crashes_its_decoder_is_an_error_of_that_file(workers, scorer, monkeypatch):
    monkeypatch.setattr("genloss.model.scoring.workers._score", _crash)
    crashed = workers.submit(b"")
    monkeypatch.undo()
    with pytest.raises(DecodeCrashedError, match="exit status -11"):
        crashed.result(LIMIT_SECONDS)
    assert workers.submit_file(FILES[0]).result(LIMIT_SECONDS) == scorer.score_file(FILES[0])


def test_closing_cancels_what_is_unfinished():
    workers = ScoringWorkers(n_workers=1)
    futures = [workers.submit_file(path) for path in FILES]
    assert workers.running
    workers.close()
    assert all(future.done() for future in futures)
    assert (workers.running, workers.n_unfinished) == (False, 0)
    with pytest.raises(RuntimeError, match="closed"):
        workers.submit(b"")
