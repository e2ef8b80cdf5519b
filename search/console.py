"""Terminal output of a search, on standard error: bars for the study and the running trial, and a line for each trial."""

from types import TracebackType
from typing import Self

import optuna
from optuna.trial import FrozenTrial, TrialState
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from genloss.model.printable import printable
from genloss.model.training.reports import N_PARTS
from genloss.search.study import best_trials, settled_trials


class SearchConsole:
    """Shows the progress of a search; a context manager."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, soft_wrap=True)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._progress = Progress(*columns, console=self._console)
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._tasks:
            self._progress.stop()

    def show_measuring(self, done: int, total: int) -> None:
        """Moves the bar of measured versions; it appears with the first version."""
        self._update("measuring", "measuring versions", done, total)

    def show_study(self, study: optuna.Study, n_trials: int) -> None:
        """Moves the bar of finished trials, and names the best trial."""
        self._update("study", describe_best(study), len(settled_trials(study)), n_trials)

    def show_trial(self, number: int, share: float) -> None:
        """Moves the bar of the running trial.

        Args:
            number: number of the trial.
            share: share of its time that is over, in [0, 1].
        """
        self._update("trial", f"trial {number}", int(share * N_PARTS), N_PARTS)

    def print(self, text: str) -> None:
        """Prints a line above the bars."""
        self._console.print(printable(text), highlight=False, markup=False)

    def _update(self, task: str, description: str, done: int, total: int) -> None:
        if not self._tasks:
            self._progress.start()  # only now: an error before the first bar is one line
        if task not in self._tasks:
            self._tasks[task] = self._progress.add_task(description, total=total)
        self._progress.update(self._tasks[task], description=description, completed=done, total=total)


def describe_trial(trial: FrozenTrial) -> str:
    """One line with the accuracy and latency of a trial's tower, or the reason why it ended early."""
    if trial.state == TrialState.COMPLETE:
        speed = f"{trial.user_attrs['latency']:.2f} times the shipped tower's time, {trial.user_attrs['megabytes']:.1f} MB"
        return f"trial {trial.number}: {100 * trial.values[0]:.2f} %, {speed}"
    reached = f", {100 * trial.value:.2f} %" if trial.value is not None else ""
    return f"trial {trial.number}: {trial.user_attrs.get('ended', 'failed')}{reached}"


def describe_best(study: optuna.Study) -> str:
    """The study's highest accuracy and the trial that reached it."""
    best = best_trials(study)
    return f"best {100 * best[0].values[0]:.2f} % (trial {best[0].number})" if best else "no trial judged yet"
