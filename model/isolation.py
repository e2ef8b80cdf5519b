"""Decoding and scoring in worker processes that are killed at a deadline: a hang or a crash costs one file."""

import ctypes
import multiprocessing
import os
import platform
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future, InvalidStateError
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pebble import CONSTS, ProcessExpired, ProcessPool

from model.bundle import BUNDLED, Bundle, load_bundle
from model.errors import BundleError, DecodeCrashedError, DecodeTimeoutError
from model.guard import DEADLINE_SECONDS, MAX_PIXELS
from model.reading import read_file
from model.scorer import Score, Scorer

# Then the process is replaced, so that a leak in a C library cannot grow for ever.
TASKS_PER_WORKER = 10_000
# The GNU C library hands arrays of more than a few hundred kilobytes back to the system when they are freed, and gets
# them anew, page by page, for the next picture. A worker keeps up to this much of them.
KEPT_BYTES = 32 << 20
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # malloc.h
# Processes hold the pool's lock only while a file or a result passes through its pipe. One that is killed in that very
# moment leaves it locked; then the pool is given up after this long instead of a minute, and its files go to a new one.
CONSTS.channel_lock_timeout = 10.0


@dataclass(frozen=True)
class TimedScore:
    """A file's verdict and what it cost.

    Attributes:
        score: as Scorer gives it.
        seconds: of decoding, measuring and scoring, without waiting.
    """

    score: Score
    seconds: float


class ScoringWorkers:
    """A pool of processes with one Scorer each; safe to share between threads.

    Scores are bit for bit those of model.scorer.Scorer in this process. Processes are started anew
    ("spawn"), so a program that uses this class needs the usual `if __name__ == "__main__":`.

    Args:
        bundle: folder of a trained bundle; the one shipped with genloss by default.
        max_pixels: largest width times height to accept.
        n_workers: processes; one per core this process may use by default.
        deadline_seconds: for reading, decoding and scoring one file, without the time it waits for a worker.

    Attributes:
        bundle: the checked bundle.
        deadline_seconds: as given.

    Raises:
        BundleError: the bundle is missing, damaged or of another feature version.
    """

    def __init__(
        self,
        bundle: Path | str = BUNDLED,
        max_pixels: int = MAX_PIXELS,
        n_workers: int | None = None,
        deadline_seconds: float = DEADLINE_SECONDS,
    ) -> None:
        self.bundle: Bundle = load_bundle(Path(bundle))
        self.deadline_seconds = deadline_seconds
        self._arguments = (str(bundle), max_pixels, deadline_seconds)
        self._n_workers = n_workers or len(os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else "1") or 1
        self._lock = threading.RLock()
        self._tasks: dict[Future[Any], _Task] = {}
        self._closed = False
        self._pool = self._start_pool()

    def submit(self, data: bytes) -> Future[Score]:
        """Scores one file's bytes.

        Returns:
            A future of the score, or of an ImageError: that of the decoder, DecodeTimeoutError or
            DecodeCrashedError. Cancelling it takes back what no worker has begun.

        Raises:
            RuntimeError: after close().
        """
        return self._submit(_score, data)

    def submit_file(self, path: Path | str, follow_links: bool = True) -> Future[Score]:
        """Reads and scores one file; the reading too happens in the worker, under the deadline.

        Returns:
            As `submit`; FileUnreadableError and FileTooLargeError are possible too.

        Raises:
            RuntimeError: after close().
        """
        return self._submit(_score_file, os.fspath(path), follow_links)

    def submit_timed(self, data: bytes, with_reasons: bool) -> Future["TimedScore"]:
        """Scores one file's bytes, says why where asked, and how long it took.

        Returns:
            As `submit`.

        Raises:
            RuntimeError: after close().
        """
        return self._submit(_score_timed, data, with_reasons)

    @property
    def n_unfinished(self) -> int:
        """Files that wait for a worker or are being scored."""
        return len(self._tasks)

    @property
    def running(self) -> bool:
        """Whether files can be scored."""
        return not self._closed and self._pool.active

    def close(self) -> None:
        """Stops all workers at once; what they have not finished is cancelled."""
        with self._lock:
            self._closed = True
            unfinished = list(self._tasks)
        for future in unfinished:
            future.cancel()
        self._pool.stop()
        self._pool.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        outer: Future[Any] = Future()
        with self._lock:
            if self._closed:
                raise RuntimeError("these workers are closed")
            self._schedule(_Task(outer, function, arguments))
        outer.add_done_callback(self._forget)
        return outer

    def _schedule(self, task: "_Task") -> None:
        """Hands a task to the pool, or to a new one where the pool is broken; the lock is held."""
        if not self._pool.active:
            self._replace(self._pool)
        task.pool = self._pool
        task.inner = self._pool.schedule(task.function, args=task.arguments, timeout=self.deadline_seconds)
        self._tasks[task.outer] = task
        task.inner.add_done_callback(partial(self._finish, task))

    def _replace(self, broken: ProcessPool) -> None:
        """Starts a new pool and moves all that the broken one left unanswered; the lock is held.

        Pebble gives a pool up when an idle worker dies (killed because the machine ran out of memory, say).
        """
        if self._pool is not broken or self._closed:
            return
        threading.Thread(target=broken.join, daemon=True).start()  # its threads may be the caller
        self._pool = self._start_pool()
        for task in list(self._tasks.values()):
            if task.pool is broken and not task.inner.done():
                self._retry(task)

    def _retry(self, task: "_Task") -> None:
        if task.retried or self._closed:
            _settle(task.outer, DecodeCrashedError("the worker processes died"))
            return
        task.retried = True
        self._schedule(task)

    def _finish(self, task: "_Task", inner: Future[Any]) -> None:
        if inner is not task.inner:
            return  # a pool that was given up answers for a task that a new one has by now
        try:
            _settle(task.outer, inner.result())
        except TimeoutError:
            _settle(task.outer, DecodeTimeoutError(f"not scored within {self.deadline_seconds:g} s"))
        except ProcessExpired as error:
            _settle(task.outer, DecodeCrashedError(f"the worker process died (exit status {error.exitcode})"))
        except BrokenProcessPool:
            with self._lock:
                self._replace(task.pool)
                self._retry(task)
        except CancelledError:
            task.outer.cancel()
        except Exception as error:
            _settle(task.outer, error)

    def _forget(self, outer: Future[Any]) -> None:
        with self._lock:
            task = self._tasks.pop(outer, None)
        # Pebble kills the worker of a running task that is cancelled, so only waiting ones are taken back.
        if task is not None and outer.cancelled() and not task.inner.running():
            task.inner.cancel()

    def _start_pool(self) -> ProcessPool:
        pool = ProcessPool(
            self._n_workers, TASKS_PER_WORKER, _start, self._arguments, multiprocessing.get_context("spawn")
        )  # fmt: skip
        # Ctrl-C is the parent's to handle. Threads and processes inherit the mask, so that no worker sees it while it
        # still imports, not even one that replaces another.
        previous = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if hasattr(signal, "pthread_sigmask") else None
        try:
            assert pool.active  # starts its workers
        finally:
            if previous is not None:
                signal.pthread_sigmask(signal.SIG_SETMASK, previous)
        return pool


@dataclass(eq=False)
class _Task:
    """One file on its way: what the caller waits for, what is to be called, and where it was handed to."""

    outer: Future[Any]
    function: Callable[..., Any]
    arguments: tuple
    retried: bool = False
    pool: ProcessPool = field(init=False)
    inner: Future[Any] = field(init=False)


def _settle(future: Future[Any], result: Any) -> None:
    with suppress(InvalidStateError):  # the caller has cancelled it in the meantime
        if isinstance(result, Exception):
            future.set_exception(result)
        else:
            future.set_result(result)


_scorer: Scorer | BundleError | None = None
_longest_seconds = DEADLINE_SECONDS


def _start(bundle: str, max_pixels: int, deadline_seconds: float) -> None:
    global _scorer, _longest_seconds
    # Python's own handlers wait for the C code to come back, which a hanging decoder does not.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with open(os.devnull, "wb") as nowhere:  # libtiff prints about damaged files; errors come back as exceptions
        os.dup2(nowhere.fileno(), 2)
    _longest_seconds = deadline_seconds + 1.0
    _keep_memory()
    try:
        _scorer = Scorer(bundle, max_pixels)
    except BundleError as error:  # raised by every task, for there is nobody to raise it to here
        _scorer = error


def _keep_memory() -> None:
    if platform.libc_ver()[0] == "glibc":
        library = ctypes.CDLL(None)
        for option in (_TRIM_THRESHOLD, _MMAP_THRESHOLD):
            library.mallopt(option, KEPT_BYTES)


def _score(data: bytes) -> Score:
    with _alarm():
        return _ready().score(data)


def _score_timed(data: bytes, with_reasons: bool) -> TimedScore:
    with _alarm():
        started = time.perf_counter()
        score = _ready().score(data, with_reasons)
        return TimedScore(score, time.perf_counter() - started)


def _score_file(path: str, follow_links: bool) -> Score:
    with _alarm():
        return _ready().score(read_file(path, follow_links))


def _ready() -> Scorer:
    if not isinstance(_scorer, Scorer):
        raise _scorer or BundleError("the worker was not started")
    return _scorer


@contextmanager
def _alarm() -> Iterator[None]:
    """Has the kernel kill this process a little after the deadline, in case the one that should was killed itself."""
    if not hasattr(signal, "setitimer"):
        yield
        return
    signal.setitimer(signal.ITIMER_REAL, _longest_seconds)  # Python sets no handler for its signal
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
