"""Progress of a training on a terminal: a bar for each phase, a line for each epoch, on standard error."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from genloss.model.printable import printable
from genloss.model.training.reports import EpochReport


class TrainingConsole:
    """Observer of model.training.run that shows the progress; a context manager that stops the bars at its end."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        columns = (
            TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:.0f} %"), TimeElapsedColumn(),
            TimeRemainingColumn(),
        )  # fmt: skip
        self._progress = Progress(*columns, console=self._console)
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        return self  # bars start with the first step, so that an earlier error stands on a line of its own

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._tasks:
            self._progress.stop()

    def step(self, phase: str, done: int, total: int, **figures: float) -> None:
        """Moves the phase's bar, which appears at its first step."""
        note = f"loss {figures['loss']:.4f}, pair accuracy {100 * figures['pair_accuracy']:.1f} %" if figures else ""
        self.show(phase, done, total, note)

    def show(self, phase: str, done: int, total: int, note: str) -> None:
        """Like `step`, with any note behind the phase's name."""
        if phase not in self._tasks:
            self._progress.start()
            self._tasks[phase] = self._progress.add_task(phase, total=total)
        text = f"{phase}: {note}" if note else phase
        self._progress.update(self._tasks[phase], completed=done, total=total, description=text)

    def epoch(self, phase: str, report: EpochReport) -> None:
        """Prints a line about an epoch."""
        self.print(
            f"{phase}, epoch {report.epoch}: loss {report.loss:.4f}, pair accuracy {100 * report.pair_accuracy:.2f} %, "
            f"validation {100 * report.validation_accuracy:.2f} %, {report.seconds:.0f} s"
        )

    def phase(self, phase: str) -> None:
        """Prints the name of a phase."""
        self.print(phase)

    def print(self, text: str) -> None:
        """Prints a line above the bars."""
        self._console.print(printable(text), markup=False, soft_wrap=True)
