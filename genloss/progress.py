"""A progress bar on standard error, where a person would see one."""

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")


def progress(items: Iterable[Item], total: int | None = None) -> Iterator[Item]:
    """Passes items through behind a progress bar on stderr; only where stderr is a terminal and stdout is not.

    On a terminal the records themselves show the progress. The bar is gone at the end.
    """
    if not sys.stderr.isatty() or sys.stdout.isatty() or (total is not None and total < 20):
        yield from items
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("scoring"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False) as bar:
        task = bar.add_task("scoring", total=total)
        for item in items:
            yield item
            bar.advance(task)
