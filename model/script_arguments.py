"""Arguments of the scripts outside the program `genloss`: wrong ones are one line, and numbers have bounds."""

import argparse
import math
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from genloss.model.printable import printable

WRONG_ARGUMENTS = 2  # exit code, as of the program genloss


class ScriptParser(argparse.ArgumentParser):
    """A parser whose errors are one line, which a long usage text would hide."""

    def error(self, message: str) -> NoReturn:
        """Prints the message and exits with code 2."""
        name = self.prog.removesuffix(".py")
        self.exit(WRONG_ARGUMENTS, f"{name}: {printable(message)}; see {self.prog} --help\n")


def named_text(text: str) -> str:
    """A name or an address; an empty one is refused, because it would stand for none.

    Raises:
        ArgumentTypeError: the name is empty, or has bytes that are not UTF-8.
    """
    _refuse_empty(text)
    if any("\udc80" <= character <= "\udcff" for character in text):
        raise argparse.ArgumentTypeError("has bytes that are not UTF-8")
    return text


def named_path(text: str) -> Path:
    """A path; an empty one is refused, because it would stand for the current folder.

    Raises:
        ArgumentTypeError: the name is empty.
    """
    _refuse_empty(text)
    return Path(text)


def _refuse_empty(text: str) -> None:
    if not text:
        raise argparse.ArgumentTypeError("is empty; a variable in the command may not be set")


def whole_number(least: int, most: int | None = None) -> Callable[[str], int]:
    """A function that parses an integer between two bounds, which belong to the range; raises ArgumentTypeError."""

    def parse(text: str) -> int:
        try:
            number = int(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(f"must be a whole number, got {text!r}") from error
        if number < least:
            raise argparse.ArgumentTypeError(f"must be {least:,} or more, got {number}")
        if most is not None and number > most:
            raise argparse.ArgumentTypeError(f"must be {most:,} or less, got {number}")
        return number

    return parse


def number_above_0(most: float = math.inf) -> Callable[[str], float]:
    """A function that parses a finite number above 0 and at most `most`; raises ArgumentTypeError."""

    def parse(text: str) -> float:
        try:
            number = float(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(f"must be a number, got {text!r}") from error
        if not 0 < number < math.inf:
            raise argparse.ArgumentTypeError(f"must be more than 0 and finite, got {text}")
        if number > most:
            raise argparse.ArgumentTypeError(f"must be {most:,g} or less, got {text}")
        return number

    return parse
