"""A hang or a crash costs one file, and scores are those of this process."""

import multiprocessing
import os
import signal
import time
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import pytest
from PIL import Image

from genloss.model.errors import DecodeCrashedError, DecodeTimeoutError, FileUnreadableError, ImageTruncatedError
from genloss.model.scoring.workers import ScoringWorkers
from tests.conftest import ROOT, saved

FILES = sorted((ROOT / "samples/cat").iterdir())


@pytest.fixture(scope="module")
def workers():  # type: ignore[no-untyped-def]
    with ScoringWorkers(n_workers=2) as workers:
        yield workers


def _pids() -> list[int]:
    return [process.pid for process in multiprocessing.active_children()]


def test_scores_are_bit_for_bit_those_of_this_process_from_any_thread(workers, scorer):
    here = [scorer.score(path.read_bytes()) for path in FILES]
    with ThreadPoolExecutor(4) as threads:
        from_bytes = list(threads.map(lambda path: workers.submit(path.read_bytes()).result(), FILES))
        from_files = list(threads.map(lambda path: workers.submit_file(path).result(), FILES))
    for one, other, third in zip(here, from_bytes, from_files, strict=True):
        assert one == other == third
        assert one.evidence.tobytes() == other.evidence.tobytes() == third.evidence.tobytes()


def test_errors_come_back_with_their_type(workers, tmp_path):
    assert isinstance(workers.submit(FILES[0].read_bytes()[:-100]).exception(), ImageTruncatedError)
    assert isinstance(workers.submit_file(tmp_path / "none").exception(), FileUnreadableError)
    os.symlink(FILES[0], tmp_path / "link")
    assert isinstance(workers.submit_file(tmp_path / "link", follow_links=False).exception(), FileUnreadableError)


def test_a_file_that_takes_too_long_is_given_up_and_the_others_are_scored(scorer):
    slow = saved(Image.new("L", (10_000, 9_999)), "PNG")
    quick = saved(Image.new("L", (8, 8)), "PNG")
    with ScoringWorkers(n_workers=1, deadline_seconds=0.5) as workers:
        first = workers.submit(slow)
        others = [workers.submit(quick) for _ in range(3)]
        with pytest.raises(DecodeTimeoutError, match=r"within 0\.5 s"):
            first.result(timeout=60)
        assert {one.result(timeout=60) for one in others} == {scorer.score(quick)}


def test_a_crash_costs_one_file(workers, scorer):
    futures = [workers.submit_file(path) for path in FILES * 3]
    while not any(future.done() for future in futures):
        time.sleep(0.01)
    os.kill(_pids()[0], signal.SIGKILL)
    errors = [error for error in (future.exception(timeout=60) for future in futures) if error is not None]
    assert len(errors) <= 1
    assert all(isinstance(error, DecodeCrashedError) for error in errors)
    assert workers.submit_file(FILES[0]).result(timeout=60) == scorer.score_file(FILES[0])


def test_late_failures_of_a_pool_that_was_given_up_cost_nothing(workers, scorer):
    waiting = [workers.submit_file(path) for path in FILES]
    pool = workers._pool
    task = pool._tasks[waiting[-1]]
    for _ in range(2):  # Pebble says so of every task it had, some time after it broke
        late: Future = Future()
        late.set_exception(BrokenProcessPool())
        pool._finish(task, late)
    assert [future.result(timeout=60) for future in waiting] == [scorer.score_file(path) for path in FILES]


def test_workers_that_die_while_idle_are_replaced(workers, scorer):
    assert workers.submit_file(FILES[0]).result(timeout=60)
    for pid in _pids():
        os.kill(pid, signal.SIGKILL)
    time.sleep(0.5)
    futures = [workers.submit_file(FILES[1]) for _ in range(5)]
    assert {future.result(timeout=60) for future in futures} == {scorer.score_file(FILES[1])}


def test_closing_stops_at_once_and_leaves_no_process():
    before = set(_pids())
    workers = ScoringWorkers(n_workers=1)
    futures = [workers.submit_file(path) for path in FILES]
    workers.close()
    assert all(future.done() for future in futures)
    assert set(_pids()) <= before
    with pytest.raises(RuntimeError, match="closed"):
        workers.submit(b"")
