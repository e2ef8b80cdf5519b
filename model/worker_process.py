"""What runs in the processes of a WorkerPool: their start, and a task under a deadline that the kernel keeps."""

import signal
from collections.abc import Callable
from typing import Any

_alarm_seconds = 0.0


def start_worker(prepare: Callable[..., None], arguments: tuple[Any, ...], deadline_seconds: float) -> None:
    """Prepares a new process.

    Args:
        prepare: called with `arguments`.
        deadline_seconds: most time for one task.
    """
    global _alarm_seconds
    # Python's own handlers wait for the C code to come back, which a hanging decoder does not.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _alarm_seconds = deadline_seconds + 1.0
    prepare(*arguments)


def run_task(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    """Calls the function. The kernel kills this process soon after the deadline, in case the parent is dead or busy."""
    if not hasattr(signal, "setitimer"):
        return function(*arguments)
    signal.setitimer(signal.ITIMER_REAL, _alarm_seconds)  # Python sets no handler for its signal
    try:
        return function(*arguments)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
