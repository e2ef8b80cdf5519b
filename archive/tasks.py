"""Runs tasks on files in worker processes with a deadline, or in a thread of this process for few files."""

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from genloss.archive.verify import PairRelation, relate
from genloss.model.errors import ArchiveError, DecodeCrashedError, DecodeTimeoutError, ImageError
from genloss.model.images.decode import decode
from genloss.model.pairs.hues import take_hues
from genloss.model.pairs.laying import Sides
from genloss.model.processes import WorkerPool
from genloss.model.scoring.compare_in_worker import read_version

DEADLINE_SECONDS = 60.0
_KEPT_SIDES = 48

Submit = Callable[..., "Future[Any]"]


@contextmanager
def task_runner(isolated: bool, n_workers: int | None = None, deadline_seconds: float = DEADLINE_SECONDS) -> Iterator[Submit]:
    """A function that runs a task, submit(function, *arguments), and returns a future.

    Args:
        isolated: whether to use worker processes; a crash or a hang then loses only that task.
        n_workers: number of worker processes; one for each core by default.
        deadline_seconds: for a task in a worker process.

    Raises:
        ArchiveError: the worker processes do not start, or this process may start none.
    """
    if isolated:
        check_may_start()
        pool = WorkerPool(
            _prepare, (), n_workers, deadline_seconds, died=DecodeCrashedError,
            timed_out=lambda limit: DecodeTimeoutError(f"not decoded within {limit}"),
        )  # fmt: skip
        with pool:
            _check_start(pool)
            yield pool.submit
        return
    thread = ThreadPoolExecutor(1)
    try:
        yield thread.submit
    finally:
        thread.shutdown(wait=True, cancel_futures=True)
        _kept.clear()


def relate_files(paths: tuple[str, str], digests: tuple[str, str], max_pixels: int) -> PairRelation:
    """The relation of two files; for worker processes, which cache the last decoded files.

    Args:
        paths: of both files.
        digests: sha256 that the files must still have.
        max_pixels: largest width times height to accept.

    Raises:
        ImageError: a file cannot be decoded, or its bytes have changed.
    """
    first, second = (_sides(path, digest, max_pixels) for path, digest in zip(paths, digests, strict=True))
    return relate(first, second)


def results_of(tasks: Iterable[tuple[Any, "Future[Any]"]]) -> Iterator[tuple[Any, Any]]:
    """Yields each item with its result, or with its ImageError."""
    for item, future in tasks:
        yield item, result_of(future)


def result_of(future: "Future[Any]") -> Any:
    """The result of a task, or its ImageError."""
    try:
        return future.result()
    except ImageError as error:
        return error


def check_may_start() -> None:
    """Raises an ArchiveError in a daemonic process, where multiprocessing ends with an AssertionError."""
    if multiprocessing.current_process().daemon:
        raise ArchiveError(
            "a daemonic process, such as a worker of multiprocessing.Pool, may not start worker processes; "
            "scan in another process, or give isolated=False for files you trust"
        )


def _check_start(pool: WorkerPool) -> None:
    """Raises an ArchiveError at once if worker processes die before their first task.

    Otherwise every picture would be reported as broken.
    """
    try:
        pool.submit(os.getpid).result()
    except DecodeCrashedError as error:
        raise ArchiveError(
            'the worker processes do not start: a program that scans needs `if __name__ == "__main__":` around what it does, '
            "or isolated=False"
        ) from error


def _prepare() -> None:
    with open(os.devnull, "wb") as nowhere:  # libtiff prints about damaged files; errors come back as exceptions
        os.dup2(nowhere.fileno(), 2)


_kept: dict[str, Sides] = {}


def _sides(path: str, digest: str, max_pixels: int) -> Sides:
    found = _kept.pop(digest, None)
    if found is None:
        image = decode(read_version(Path(path), digest), max_pixels)
        found = Sides(image.luma, image.alpha, take_hues(image), image.orientation)
    _kept[digest] = found
    while len(_kept) > _KEPT_SIDES:
        _kept.pop(next(iter(_kept)), None)
    return found
