"""A progress bar on standard error: items done, total, speed and remaining time."""

import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")

FEW_ITEMS = 20  # fewer items are done before anybody reads a bar


def progress(
    items: Iterable[Item],
    total: int | Callable[[], int] | None = None,
    beside_output: bool = False,
    doing: str = "scoring",
    unit: str = "files",
    weigh: Callable[[Item], int] = lambda item: 1,
) -> Iterator[Item]:
    """Yields the items, and shows a bar until the last if standard error is a terminal.

    Args:
        items: any number of them.
        total: number of items, or a function that counts them in a thread of its own; None if unknown.
        beside_output: whether the items are printed to standard output meanwhile. If that is a terminal, too, the items
            show the progress themselves, and there is no bar.
        doing: name of the work in the bar.
        unit: plural noun for the speed in the bar.
        weigh: number of units in an item.
    """
    hidden = not sys.stderr.isatty() or (beside_output and sys.stdout.isatty())
    if hidden or (isinstance(total, int) and total < FEW_ITEMS):
        yield from items
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (
        TextColumn(doing), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"), TimeElapsedColumn(),
        TextColumn("left"), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False) as bar:
        task = bar.add_task(doing, total=None if callable(total) else total, rate="")
        if callable(total):
            count = total
            threading.Thread(target=lambda: bar.update(task, total=count()), daemon=True).start()
        for item in items:
            yield item
            speed = bar.tasks[0].speed
            bar.update(task, advance=weigh(item), rate="" if speed is None else f"{speed:.0f} {unit}/s")


def watch_stages(items: Iterable[Item], total: int, doing: str) -> Iterator[Item]:
    """Like `progress`, for a stage of the work on a collection; archive/grouping.py names the stages."""
    units = {"looking": "files", "gathering words": "files", "comparing": "pairs", "ranking": "groups", "drawing": "files"}
    return progress(items, total, doing=doing, unit=units.get(doing, "shards"))  # an engine has stages of its own
