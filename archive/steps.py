"""Places in apply and undo at which a process may be killed."""

from collections.abc import Callable

# Called with the name of every step that was reached, such as "journalled"; tests end the process there.
Reached = Callable[[str], None]


def go_on(step: str) -> None:
    """What everybody but tests does at a step: nothing."""
