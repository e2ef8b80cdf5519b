"""Work in child processes that are killed at a deadline: a hang or a crash costs one item."""

import multiprocessing
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, TimeoutError, wait
from dataclasses import dataclass
from functools import partial
from typing import Any

from pebble import ProcessExpired, ProcessPool

TASKS_PER_WORKER = 2000  # then the process is replaced, so that a leak in a C library cannot grow for ever
_IN_FLIGHT = 4  # tasks per worker that wait or run


@dataclass(frozen=True)
class Failure:
    """An item that gave no result, and why."""

    reason: str


def run_in_workers(
    function: Callable[[Any, Any], Any], context: Any, items: Iterable[Any], n_workers: int, deadline_seconds: float
) -> Iterator[tuple[Any, Any]]:
    """Calls function(context, item) for every item, and yields (item, result) as they are done.

    The context goes to each process once. An item that passes the deadline, or whose process dies
    twice, yields a Failure; other exceptions of the function are raised here.

    Args:
        function: importable by name.
        context, items: anything that can be pickled.
        n_workers: processes.
        deadline_seconds: per item; its process is killed and replaced.
    """
    pool = ProcessPool(
        n_workers, TASKS_PER_WORKER, _start, (function, context), multiprocessing.get_context("spawn")
    )  # fmt: skip
    remaining = iter(items)
    waiting: dict[Any, Any] = {}
    died: set[Any] = set()

    def submit(item: Any) -> None:
        waiting[pool.schedule(_run, args=[item], timeout=deadline_seconds)] = item

    try:
        for item in remaining:
            submit(item)
            if len(waiting) == _IN_FLIGHT * n_workers:
                break
        while waiting:
            done, _ = wait(waiting, return_when=FIRST_COMPLETED)
            for future in done:
                item = waiting.pop(future)
                try:
                    result = future.result()
                except TimeoutError:
                    result = Failure(f"not done after {deadline_seconds:g} s")
                except ProcessExpired:
                    if item not in died:
                        died.add(item)
                        submit(item)
                        continue
                    result = Failure("the process crashed")
                yield item, result
                for following in remaining:
                    submit(following)
                    break
        pool.close()
    finally:
        pool.stop()
        pool.join()


_task: Callable[[Any], Any] | None = None


def _start(function: Callable[[Any, Any], Any], context: Any) -> None:
    global _task
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    _task = partial(function, context)


def _run(item: Any) -> Any:
    assert _task is not None
    return _task(item)
