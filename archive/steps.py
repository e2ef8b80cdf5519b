"""Steps of apply and undo after which tests may kill the process."""

from collections.abc import Callable

# Called with the name of each completed step, such as "journalled"; tests kill the process there.
Reached = Callable[[str], None]


def go_on(step: str) -> None:
    """Does nothing; the default outside tests."""
