"""Lets Ctrl-C interrupt between two records, never inside one."""

import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any, Self, TypeVar

Item = TypeVar("Item")


class Interrupts:
    """While active, Ctrl-C and SIGTERM raise KeyboardInterrupt; inside `held`, they wait for the end of the block.

    Only for the main thread.
    """

    def __init__(self) -> None:
        self._held = 0
        self._pending = False
        self._previous: dict[int, Any] = {}

    def __enter__(self) -> Self:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._previous[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Runs a block to its end before an interrupt is raised."""
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1
        if self._pending and not self._held:
            self._pending = False
            raise KeyboardInterrupt

    def held_each(self, items: Iterable[Item]) -> Iterator[Item]:
        """Yields the items. Interrupts wait from the making of an item until the caller asks for the next."""
        source = iter(items)
        while True:
            with self.held():
                try:
                    item = next(source)
                except StopIteration:
                    return
                yield item

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self._held:
            self._pending = True
        else:
            raise KeyboardInterrupt
