"""The objective of a study: draws a configuration, runs the trial in a process, reports, prunes and returns its values."""

import multiprocessing
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

import optuna

from genloss.model.errors import SearchError
from genloss.model.training.reports import N_PARTS, PartReport
from genloss.search.space import draw
from genloss.search.study import requeue_stale
from genloss.search.trial_messages import Failed, Judged, Measured, Refused, TrialTask
from genloss.search.trial_process import start_trial

# Building, exporting and judging come on top of the time for training, and so does a slow machine.
EXTRA_SECONDS = 900.0

Message = Measured | PartReport | Judged | Refused | Failed


class TrialFailedError(SearchError):
    """A trial failed; the study continues."""


@dataclass(frozen=True)
class Objective:
    """Called by Optuna with a trial; returns its values.

    Attributes:
        task: settings that all trials share; each trial replaces the document.
        objectives: "accuracy" alone, or with "latency".
        on_progress: called with the trial's number and the finished share, in [0, 1].
        running: numbers of the started trials; the last one may still run.

    Raises:
        optuna.TrialPruned: the trial is worse than others at the same part, or its tower is larger or slower than allowed.
        TrialFailedError: training failed, or the process died.
    """

    task: TrialTask
    objectives: tuple[str, ...]
    on_progress: Callable[[int, float], None] = lambda number, share: None
    running: list[int] = field(default_factory=list)

    def __call__(self, trial: optuna.Trial) -> float | tuple[float, ...]:
        """Values of the objectives, in their order."""
        self.running.append(trial.number)
        document = draw(trial)
        trial.set_user_attr("document", document)
        with closing(self._messages(trial, replace(self.task, document=document))) as messages:
            return self._value(trial, messages)

    def _value(self, trial: optuna.Trial, messages: Iterable[Message]) -> float | tuple[float, ...]:
        measured: Measured | None = None
        parts: list[dict[str, float]] = []
        for message in messages:
            match message:
                case Measured():
                    measured = message
                    for name, value in asdict(message).items():
                        trial.set_user_attr(name, value)
                case PartReport():
                    parts.append(asdict(message))
                    trial.set_user_attr("parts", parts)
                    if len(self.objectives) == 1:
                        trial.report(message.validation_accuracy, message.part)
                        if trial.should_prune():
                            trial.set_user_attr("ended", f"pruned after part {message.part} of {N_PARTS}")
                            raise optuna.TrialPruned
                case Refused():
                    trial.set_user_attr("ended", message.reason)
                    raise optuna.TrialPruned
                case Failed():
                    raise _failed(trial, message.reason)
                case Judged():
                    if measured is None:
                        raise _failed(trial, "its tower was judged before it was measured")
                    values = {"accuracy": message.accuracy, "latency": measured.latency}
                    return tuple(values[name] for name in self.objectives)
        raise _failed(trial, "its process ended without a result")

    def _messages(self, trial: optuna.Trial, task: TrialTask) -> Generator[Message, None, None]:
        """What the trial's process sends; the process is gone when this ends, for whatever reason."""
        context = multiprocessing.get_context("spawn")
        receiver, sender = context.Pipe(duplex=False)
        process = context.Process(target=start_trial, args=(task, sender))
        process.start()
        sender.close()
        try:
            yield from self._listen(trial, task, process, receiver)
        finally:
            process.kill()
            process.join()
            receiver.close()

    def _listen(self, trial: optuna.Trial, task: TrialTask, process: BaseProcess, receiver: Connection) -> Iterator[Message]:
        started = looked = time.monotonic()
        while True:
            now = time.monotonic()
            if now - looked > 5:
                requeue_stale(trial.study)
                looked = now
            if now - started > 2 * task.seconds + EXTRA_SECONDS:
                yield Failed(f"not done {now - started:.0f} s after its start")
                return
            self.on_progress(trial.number, min(1.0, (now - started) / task.seconds))
            if not receiver.poll(0.5):
                continue
            try:
                message: Message = receiver.recv()
            except EOFError:
                process.join()
                yield Failed(_death(process.exitcode))
                return
            yield message


def _failed(trial: optuna.Trial, reason: str) -> TrialFailedError:
    """The error to raise, once the report knows the reason."""
    trial.set_user_attr("ended", reason)
    return TrialFailedError(reason)


def _death(code: int | None) -> str:
    if code == -9:
        return "its process was killed, most likely for lack of memory"
    return (
        f"its process ended with signal {-code}"
        if code is not None and code < 0
        else f"its process ended with exit code {code}"
    )
