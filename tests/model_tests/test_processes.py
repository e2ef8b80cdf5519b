"""A pool of processes loses no task: not to a deadline, a death, a lost lock, or a kill while nothing was running."""

import gc
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
import weakref
from concurrent.futures import CancelledError, wait
from concurrent.futures.process import BrokenProcessPool
from unittest.mock import Mock

import pytest

from genloss.model.processes import TaskTimeoutError, WorkerDiedError, WorkerPool
from tests.fixtures import LIMIT_SECONDS, ROOT, wait_until
from tests.model_tests.pool_tasks import (
    die_once,
    double,
    end,
    fail,
    fatal_result,
    lose_patience,
    nothing,
    own_pid,
    touch_and_wait,
)

# Long enough that no task on a busy machine comes near it, where a test is not about the deadline.
PATIENT_SECONDS = 300.0


def _pool(n_workers=2, prepare=nothing, deadline_seconds=PATIENT_SECONDS, **options):
    return WorkerPool(prepare, (), n_workers, deadline_seconds, **options)


def _pids():
    return {process.pid for process in multiprocessing.active_children()}


def _results(futures):
    return [future.result(LIMIT_SECONDS) for future in futures]


def test_results_and_exceptions_come_back():
    with _pool() as pool:
        futures = [pool.submit(double, number) for number in range(50)]
        assert _results(futures) == [2 * number for number in range(50)]
        with pytest.raises(LookupError, match="nothing there"):
            pool.submit(fail).result(LIMIT_SECONDS)
        assert pool.n_unfinished == 0
        assert pool.running
    assert not pool.running


def test_what_is_done_is_freed_at_once():
    """A long run held its results until Python looked for garbage: its memory grew by a kilobyte a file."""
    with WorkerPool(nothing, n_workers=1) as pool:
        gc.collect()
        gc.disable()
        try:
            kept = []
            for number in range(20):
                future = pool.submit(double, number)
                assert future.result(LIMIT_SECONDS) == 2 * number
                kept.append(weakref.ref(future))
                del future
            wait_until(lambda: sum(one() is not None for one in kept) <= 2, "results are freed")  # the last may be in use
        finally:
            gc.enable()


def test_a_task_past_its_deadline_is_given_up_and_the_others_are_done(tmp_path):
    with _pool(1, deadline_seconds=1.0) as pool:
        hanging = pool.submit(touch_and_wait, tmp_path / "began", tmp_path / "never")
        others = [pool.submit(double, number) for number in range(5)]
        with pytest.raises(TaskTimeoutError, match=r"^1 s$"):
            hanging.result(LIMIT_SECONDS)
        assert (tmp_path / "began").exists()
        assert _results(others) == [0, 2, 4, 6, 8]


def test_a_worker_that_its_own_alarm_ended_has_passed_its_deadline():
    """As happens where the parent is too busy to end it in time."""
    with _pool(1) as pool, pytest.raises(TaskTimeoutError):
        pool.submit(end, signal.SIGALRM).result(LIMIT_SECONDS)


def test_a_death_costs_one_task_and_says_how_it_came(tmp_path):
    with _pool(2) as pool:
        fatal = pool.submit(end, signal.SIGSEGV)
        others = [pool.submit(double, number) for number in range(20)]
        with pytest.raises(WorkerDiedError, match="exit status -11"):
            fatal.result(LIMIT_SECONDS)
        assert _results(others) == [2 * number for number in range(20)]
        with pytest.raises(WorkerDiedError):
            pool.submit(die_once, tmp_path / "once").result(LIMIT_SECONDS)


def test_a_task_is_tried_as_often_as_asked(tmp_path):
    with _pool(1, tries=2) as pool:
        assert pool.submit(die_once, tmp_path / "once").result(LIMIT_SECONDS) == "done"
        with pytest.raises(WorkerDiedError):
            pool.submit(end, signal.SIGKILL).result(LIMIT_SECONDS)


def test_a_task_that_ends_its_process_in_order_loses_only_itself():
    with _pool(1) as pool:
        others = [pool.submit(double, number) for number in range(5)]
        with pytest.raises(WorkerDiedError, match="exit status 3"):
            pool.submit(end, -3).result(LIMIT_SECONDS)
        assert _results([*others, pool.submit(double, 7)]) == [0, 2, 4, 6, 8, 14]


def test_a_worker_killed_while_it_holds_the_pools_lock_costs_one_task(tmp_path):
    """All others move to a new pool, also the task whose worker waited in vain for the lock to give its result back."""
    began, release = tmp_path / "began", tmp_path / "release"
    with _pool(2, prepare=lose_patience) as pool:
        beside = pool.submit(touch_and_wait, began, release)
        fatal = pool.submit(fatal_result, began)
        waiting = [pool.submit(double, number) for number in range(5)]
        with pytest.raises(WorkerDiedError, match="exit status -9"):
            fatal.result(LIMIT_SECONDS)
        release.touch()
        assert beside.result(LIMIT_SECONDS) not in (os.getpid(), None)
        assert _results(waiting) == [0, 2, 4, 6, 8]
        assert _results([pool.submit(double, number) for number in range(5)]) == [0, 2, 4, 6, 8]


def test_workers_killed_while_idle_are_replaced_whenever_the_next_task_comes():
    with _pool(2) as pool:
        for seconds in (0.0, 0.05, 0.15, 0.4):  # before, while and after the pool finds out
            killed = {pool.submit(own_pid).result(LIMIT_SECONDS)} | _pids()
            for pid in _pids():
                os.kill(pid, signal.SIGKILL)
            time.sleep(seconds)
            assert pool.submit(own_pid).result(LIMIT_SECONDS) not in killed


def test_a_task_that_a_broken_pool_does_not_know_of_is_done_all_the_same():
    """Pebble answers for the tasks it has begun to hand out, and forgets one that came while it broke."""
    with _pool(1) as pool:
        assert pool.submit(double, 1).result(LIMIT_SECONDS) == 2
        broken = pool._pool
        broken.stop()
        broken.join()
        stranded = pool.submit(double, 2)
        task = pool._tasks[stranded]
        with pool._lock:  # as if it had been handed to the broken one
            pool._pool, lively = broken, pool._pool
            task.pool = broken
            task.inner = type(task.inner)()
        lively.stop()
        lively.join()
        assert stranded.result(LIMIT_SECONDS) == 4


def test_late_failures_of_a_pool_that_was_given_up_cost_nothing(tmp_path):
    with _pool(1) as pool:
        future = pool.submit(touch_and_wait, tmp_path / "began", tmp_path / "release")
        task = pool._tasks[future]
        for _ in range(2):  # Pebble says so of every task it had, some time after it broke
            late = type(task.inner)()
            late.set_exception(BrokenProcessPool())
            pool._finish(task, late)
        (tmp_path / "release").touch()
        assert future.result(LIMIT_SECONDS)


def test_a_worker_is_replaced_after_so_many_tasks():
    with _pool(1, tasks_per_worker=3) as pool:
        pids = _results([pool.submit(own_pid, number) for number in range(9)])
    assert [len(set(pids[first : first + 3])) for first in (0, 3, 6)] == [1, 1, 1]
    assert len(set(pids)) == 3


def test_cancelling_leaves_a_task_that_has_begun_and_its_worker_alone(tmp_path):
    began, release = tmp_path / "began", tmp_path / "release"
    with _pool(1) as pool:
        running = pool.submit(touch_and_wait, began, release)
        waiting = pool.submit(double, 1)
        wait_until(began.exists, "the first task runs")
        assert waiting.cancel()
        assert running.cancel()
        assert pool.n_unfinished == 0
        assert wait([waiting, running], timeout=0).not_done == set()
        release.touch()
        wait_until((tmp_path / "began-ended").exists, "the task that was cancelled ends by itself")
        assert pool.submit(double, 2).result(LIMIT_SECONDS) == 4
    with pytest.raises(CancelledError):
        waiting.result()


def test_closing_stops_at_once_and_leaves_no_process(tmp_path):
    pool = _pool(2)
    began = [tmp_path / name for name in "ab"]
    futures = [pool.submit(touch_and_wait, path, tmp_path / "never") for path in (*began, tmp_path / "c")]
    wait_until(lambda: all(path.exists() for path in began), "both workers are busy")
    assert _pids()
    pool.close()
    assert wait(futures, timeout=0).not_done == set()
    assert all(future.cancelled() for future in futures)
    assert _pids() == set()
    assert not pool.running
    with pytest.raises(RuntimeError, match="closed"):
        pool.submit(double, 1)


def test_tasks_do_not_wait_for_workers_that_the_system_refuses(tmp_path, monkeypatch):
    refused = Mock(side_effect=RuntimeError("can't start new thread"))
    with _pool(1) as pool:
        waiting = pool.submit(touch_and_wait, tmp_path / "began", tmp_path / "never")
        wait_until((tmp_path / "began").exists, "the worker is busy")
        monkeypatch.setattr(pool, "_start_pool", refused)
        with pool._lock:
            pool._replace(pool._pool)  # as after the death of its workers
        with pytest.raises(RuntimeError, match="can't start new thread"):
            waiting.result(LIMIT_SECONDS)
        with pytest.raises(RuntimeError, match="can't start new thread"):
            pool.submit(double, 1)
        assert not pool.running


def test_any_thread_may_hand_over_tasks():
    results = {}

    def work(first, pool):
        results[first] = _results([pool.submit(double, first + number) for number in range(20)])

    with _pool(2) as pool:
        threads = [threading.Thread(target=work, args=(first, pool)) for first in (0, 100, 200)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(LIMIT_SECONDS)
    assert results == {first: [2 * (first + number) for number in range(20)] for first in (0, 100, 200)}


@pytest.mark.parametrize("flag", ["-O", "-OO"])
def test_workers_start_where_assertions_are_off(flag):
    code = """
from genloss.model.scoring.workers import ScoringWorkers
if __name__ == "__main__":
    with ScoringWorkers(n_workers=1) as workers:
        print(workers.submit_file("samples/cat/original.jpg").result(timeout=%d).generation_loss)
"""
    result = subprocess.run(
        [sys.executable, flag, "-c", code % LIMIT_SECONDS], cwd=ROOT, capture_output=True, text=True, timeout=2 * LIMIT_SECONDS
    )
    assert result.returncode == 0, result.stderr
    assert 0 <= float(result.stdout) <= 1
