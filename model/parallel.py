"""Runs many items through workers with bounded memory. Results come as they are done, or in the order of the items."""

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future

Item = TypeVar("Item")
Pending = TypeVar("Pending")

_IN_FLIGHT = 4  # tasks per worker of run_in_processes that wait or run


@dataclass(frozen=True)
class Failure:
    """An item without a result, and the reason."""

    reason: str


def run_in_processes(
    function: Callable[[Any, Item], Any], context: Any, items: Iterable[Item], n_workers: int, deadline_seconds: float
) -> Iterator[tuple[Item, Any]]:
    """Calls function(context, item) for every item, and yields (item, result) as they are done, in any order.

    The context goes to each process once. An item that passes the deadline, or whose process dies
    twice, yields a Failure; other exceptions of the function are raised here.

    Args:
        function: importable by name.
        context, items: anything that can be pickled; taken while there is room, so any number of items.
        n_workers: processes.
        deadline_seconds: per item.
    """
    from concurrent.futures import FIRST_COMPLETED, wait

    from genloss.model.processes import TaskTimeoutError, WorkerDiedError, WorkerPool  # not needed by in_order

    remaining = iter(items)
    waiting: dict[Future[Any], Item] = {}
    with WorkerPool(_keep_task, (function, context), n_workers, deadline_seconds, tries=2) as pool:

        def submit_next() -> None:
            for item in remaining:
                waiting[pool.submit(_run_task, item)] = item
                return

        for _ in range(_IN_FLIGHT * n_workers):
            submit_next()
        while waiting:
            done, _ = wait(waiting, return_when=FIRST_COMPLETED)
            for future in done:
                item = waiting.pop(future)
                try:
                    result = future.result()
                except TaskTimeoutError as error:
                    result = Failure(f"not done after {error}")
                except WorkerDiedError:
                    result = Failure("the process crashed")
                submit_next()
                yield item, result


def in_order(submit: Callable[[Item], Pending], items: Iterable[Item], n_ahead: int) -> Iterator[tuple[Item, Pending]]:
    """Yields every item with its future, in the order of `items`; the caller waits for the result.

    A thread of its own takes the items, so that a slow source of items (a pipe) delays no finished result. At most `n_ahead`
    items are submitted and not yet read.

    Args:
        submit: starts the work on one item, and gives its future.
        items: any number of them; an error raised by the iterator is raised here, in its place.
        n_ahead: at least 1.
    """
    slots = threading.Semaphore(n_ahead)
    submitted: SimpleQueue[Any] = SimpleQueue()
    stopped = threading.Event()

    def feed() -> None:
        ending: BaseException | None = None
        try:
            for item in items:
                slots.acquire()
                if stopped.is_set():
                    return
                submitted.put((item, submit(item)))
        except BaseException as error:  # whatever it is, the reader has to see it
            ending = error
        submitted.put(ending)

    threading.Thread(target=feed, name="genloss-feed", daemon=True).start()
    try:
        while isinstance(pair := submitted.get(), tuple):
            yield pair
            slots.release()
        if pair is not None:
            raise pair
    finally:
        stopped.set()
        slots.release()


# What follows runs in the child processes.
_task: Callable[[Any], Any] | None = None


def _keep_task(function: Callable[[Any, Any], Any], context: Any) -> None:
    global _task
    _task = partial(function, context)


def _run_task(item: Any) -> Any:
    if _task is None:
        raise RuntimeError("the worker was not started")
    return _task(item)
