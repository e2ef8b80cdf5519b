"""Worker processes with a deadline: a hang or a crash loses one task, never the run.

Every pool of the project uses this class: for scores, for pair generation, for pair sets and for collections.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, InvalidStateError
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from types import TracebackType
from typing import Any, Self

from pebble import CONSTS, ProcessExpired, ProcessPool

from genloss.model.worker_process import run_task, start_worker

# Then the process is replaced, so that a leak in a C library cannot grow for ever.
TASKS_PER_WORKER = 2000
# Processes hold the pool's lock only while a task or a result passes through its pipe. A process that is killed in that
# very moment leaves the lock held; the pool is given up after this long instead of a minute, and its tasks move to a new one.
CONSTS.channel_lock_timeout = 10.0
# A task that has moved to new pools this often counts as the cause of their failure.
MOST_MOVES = 3
# Pebble loses tasks that are handed over in the moment in which a pool breaks. So a thread checks the pool this often.
_WATCH_SECONDS = 1.0


class TaskTimeoutError(Exception):
    """A task passed its deadline; its process was killed and replaced."""


class WorkerDiedError(Exception):
    """The process died on a task in every try."""


class WorkerPool:
    """Child processes that run tasks under a deadline. A dead process is replaced; threads may share the pool.

    Processes start at once, by "spawn", so a program that uses a pool needs the usual `if __name__ == "__main__":`.

    Args:
        prepare: called with `arguments` once in every process; importable by name.
        arguments: anything that can be pickled.
        n_workers: processes; by default one for each core that this process may use.
        deadline_seconds: most time for one task, without the wait for a worker.
        tries: how often a task is started if its process dies, 1 or 2.
        tasks_per_worker: a process is replaced after this number of tasks.
        timed_out: makes the error of a task that passed its deadline, from a text.
        died: makes the error of a task whose process died.
    """

    def __init__(
        self,
        prepare: Callable[..., None],
        arguments: tuple[Any, ...] = (),
        n_workers: int | None = None,
        deadline_seconds: float = 60.0,
        tries: int = 1,
        tasks_per_worker: int = TASKS_PER_WORKER,
        timed_out: Callable[[str], Exception] = TaskTimeoutError,
        died: Callable[[str], Exception] = WorkerDiedError,
    ) -> None:
        self.deadline_seconds = deadline_seconds
        self.n_workers = n_workers or n_usable_cores()
        self._prepare = (prepare, arguments, deadline_seconds)
        self._tries = tries
        self._tasks_per_worker = tasks_per_worker
        self._timed_out, self._died = timed_out, died
        self._lock = threading.RLock()
        self._tasks: dict[Future[Any], _Task] = {}
        self._closed = threading.Event()
        self._failure: OSError | RuntimeError | None = None
        self._given_up: list[threading.Thread] = []
        self._pool = self._start_pool()
        threading.Thread(target=self._watch, name="genloss-watch", daemon=True).start()

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Queues one task.

        Args:
            function: importable by name.
            arguments: anything that can be pickled.

        Returns:
            A future of its result or exception. Cancelling it withdraws a task that no worker has started.

        Raises:
            RuntimeError: after close().
            OSError, RuntimeError: dead processes could not be replaced.
        """
        outer: Future[Any] = Future()
        with self._lock:
            if self._failure is not None:
                raise self._failure
            if self._closed.is_set():
                raise RuntimeError("these workers are closed")
            self._schedule(_Task(outer, function, arguments))
        outer.add_done_callback(self._forget)
        return outer

    @property
    def n_unfinished(self) -> int:
        """Number of tasks that wait for a worker or run."""
        return len(self._tasks)

    @property
    def running(self) -> bool:
        """Whether tasks can be run."""
        return not self._closed.is_set() and self._pool.active

    def close(self) -> None:
        """Stops all workers at once; unfinished tasks are cancelled."""
        with self._lock:
            self._closed.set()
        for future in list(self._tasks):
            future.cancel()
        if self._failure is None:  # else this pool is being ended already
            self._pool.stop()
            self._pool.join()
        for ending in self._given_up:
            ending.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _schedule(self, task: "_Task") -> None:
        """Hands a task to the pool, or to a new pool if this one is broken; the caller holds the lock."""
        call = partial(
            ProcessPool.schedule, function=run_task, args=(task.function, task.arguments), timeout=self.deadline_seconds
        )
        try:
            inner = call(self._pool)
        except RuntimeError:  # it is broken
            self._replace(self._pool)
            if self._failure is not None:
                _settle(task.outer, self._failure)
                return
            inner = call(self._pool)
        task.pool, task.inner = self._pool, inner
        self._tasks[task.outer] = task
        inner.add_done_callback(partial(self._finish, task))

    def _replace(self, broken: ProcessPool) -> None:
        """Starts a new pool and moves all unanswered tasks of the broken pool there; the caller holds the lock."""
        # Pebble gives a pool up when an idle worker dies (killed because the machine ran out of memory, say).
        if self._pool is not broken or self._closed.is_set():
            return
        broken.stop()
        ending = threading.Thread(target=broken.join, daemon=True)  # the caller may be one of its threads
        try:
            ending.start()
            self._given_up.append(ending)
            self._pool = self._start_pool()
        except (OSError, RuntimeError) as error:  # a limit of processes or threads; nobody would answer the tasks
            self._failure = error
            self._closed.set()
            for task in list(self._tasks.values()):
                _settle(task.outer, error)
            return
        for task in list(self._tasks.values()):
            if task.pool is broken and task.inner is not None and not task.inner.done():
                self._move(task)

    def _move(self, task: "_Task") -> None:
        """Restarts a task of a broken pool, a few times only, because the task itself may break the pools."""
        if task.n_moves == MOST_MOVES or self._closed.is_set():
            _settle(task.outer, self._died("the worker processes died"))
            return
        task.n_moves += 1
        self._schedule(task)

    def _watch(self) -> None:
        """Replaces a broken pool that would not answer a task it has."""
        while not self._closed.wait(_WATCH_SECONDS) and threading.main_thread().is_alive():
            with self._lock:
                if self._tasks and not self._closed.is_set() and not self._pool.active:
                    self._replace(self._pool)

    def _finish(self, task: "_Task", inner: Future[Any]) -> None:
        if inner is not task.inner:
            return  # a pool that was given up answers for a task that a new pool has taken over
        try:
            _settle(task.outer, inner.result())
        except TimeoutError:
            _settle(task.outer, self._timed_out(f"{self.deadline_seconds:g} s"))
        except ProcessExpired as error:
            self._after_death(task, error.exitcode)
        except BrokenProcessPool:
            with self._lock:
                self._replace(task.pool)
                self._move(task)
        except CancelledError:
            task.outer.cancel()
        except Exception as error:
            _settle(task.outer, error)

    def _after_death(self, task: "_Task", exit_code: int) -> None:
        if hasattr(signal, "SIGALRM") and exit_code == -signal.SIGALRM:  # this process was too busy to stop it in time
            _settle(task.outer, self._timed_out(f"{self.deadline_seconds:g} s"))
            return
        with self._lock:
            # Pebble's worker exits by itself, with a code above 0, when another one died holding the pool's lock: the
            # task is not at fault, and the pool will answer nothing any more. A crash is a signal, whose code is below 0.
            if exit_code > 0 and not task.n_moves:
                self._replace(task.pool)
                self._move(task)
                return
            task.n_deaths += 1
            if task.n_deaths < self._tries and not self._closed.is_set():
                self._schedule(task)
                return
        _settle(task.outer, self._died(f"the worker process died (exit status {exit_code})"))

    def _forget(self, outer: Future[Any]) -> None:
        with self._lock:
            task = self._tasks.pop(outer, None)
            # A task and its future hold each other. Parted, they are freed at once, with the result, and not some time later.
            inner = None if task is None else task.inner
            if task is not None:
                task.inner = None
        if outer.cancelled():
            outer.set_running_or_notify_cancel()  # without this, concurrent.futures.wait would wait for ever
            # Pebble kills the worker of a running task that is cancelled, so only waiting ones are taken back.
            if inner is not None and not inner.running():
                inner.cancel()

    def _start_pool(self) -> ProcessPool:
        context = multiprocessing.get_context("spawn")
        pool = ProcessPool(self.n_workers, self._tasks_per_worker, start_worker, self._prepare, context)
        # Ctrl-C is the parent's to handle. Threads and processes inherit the mask, so that no worker sees it while it
        # still imports, not even one that replaces another.
        previous = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if hasattr(signal, "pthread_sigmask") else None
        try:
            if not pool.active:  # reading `active` starts the processes
                raise RuntimeError("the worker processes cannot be started")
        finally:
            if previous is not None:
                signal.pthread_sigmask(signal.SIG_SETMASK, previous)
        return pool


def n_usable_cores() -> int:
    """Number of cores that this process may use, at least 1. Containers and taskset limit it."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(eq=False)
class _Task:
    """A task in progress: the caller's future, the function to call, and the pool that has the task."""

    outer: Future[Any]
    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    n_moves: int = 0
    n_deaths: int = 0
    pool: ProcessPool = field(init=False)
    inner: Future[Any] | None = field(init=False)


def _settle(future: Future[Any], result: Any) -> None:
    with suppress(InvalidStateError):  # the caller has cancelled it in the meantime
        if isinstance(result, Exception):
            future.set_exception(result)
        else:
            future.set_result(result)
