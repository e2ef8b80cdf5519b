"""Work that runs ahead of its reader by a bounded number of items, while results keep their order."""

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_order(
    submit: Callable[[Item], Future[Result]], items: Iterable[Item], n_ahead: int
) -> Iterator[tuple[Item, Future[Result]]]:
    """Yields every item with its future, in the order of `items`; wait for the future's result.

    The items are taken in a thread of their own, so that a slow source of items (a pipe) delays no result
    that is ready, and at most `n_ahead` of them are submitted and not yet read.

    Args:
        submit: starts the work on one item.
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
