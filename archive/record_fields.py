"""Reads the fields of a JSON object with type checks; fields that nobody reads are errors."""

import difflib
import math
import re
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from genloss.archive.json_paths import take_path

Choice = TypeVar("Choice", bound=StrEnum)


class Fields:
    """The fields of one object.

    Every method reads and removes one field. It raises ValueError if the field is missing or malformed.

    Args:
        record: object from json or tomllib.
    """

    def __init__(self, record: dict[str, Any]) -> None:
        self._left = dict(record)
        self._taken: list[str] = []

    def text(self, name: str, form: re.Pattern[str] | None = None) -> str:
        """A text; with `form`, the whole text must match it."""
        value = self._take(name)
        if not isinstance(value, str) or (form is not None and not form.fullmatch(value)):
            raise ValueError(f"{name} is {value!r}, not {'text' if form is None else 'of the form ' + form.pattern}")
        return value

    def integer(self, name: str, least: int, most: int = (1 << 63) - 1) -> int:
        """A whole number in [least, most]."""
        value = self._take(name)
        if type(value) is not int or not least <= value <= most:
            raise ValueError(f"{name} is {value!r}, not a whole number of at least {least}")
        return value

    def number(self, name: str) -> float:
        """A finite number."""
        value = self._take(name)
        if type(value) not in (int, float) or not math.isfinite(value):
            raise ValueError(f"{name} is {value!r}, not a number")
        return float(value)

    def share(self, name: str) -> float | None:
        """A number in [0, 1], or None."""
        if self._left.get(name, "") is None:
            return self._take(name)
        value = self.number(name)
        if not 0 <= value <= 1:
            raise ValueError(f"{name} is {value}, not between 0 and 1")
        return value

    def boolean(self, name: str) -> bool:
        """True or false."""
        value = self._take(name)
        if type(value) is not bool:
            raise ValueError(f"{name} is {value!r}, not true or false")
        return value

    def choice(self, name: str, choices: type[Choice]) -> Choice | None:
        """One of the choices, or None."""
        value = self._take(name)
        if value is None:
            return None
        if value not in list(choices):
            raise ValueError(f"{name} is {value!r}{nearest(str(value), choices)}; it may be {', '.join(choices)}")
        return choices(value)

    def array(self, name: str) -> list[Any]:
        """An array of anything."""
        value = self._take(name)
        if not isinstance(value, list):
            raise ValueError(f"{name} is {value!r}, not a list")
        return value

    def texts(self, name: str) -> list[str]:
        """An array of texts."""
        values = self.array(name)
        if not all(isinstance(value, str) for value in values):
            raise ValueError(f"{name} is {values!r}, not a list of texts")
        return values

    def size(self, name: str) -> tuple[int, int]:
        """Height and width in pixels, above 0."""
        values = self.array(name)
        if len(values) != 2 or not all(type(value) is int and value > 0 for value in values):
            raise ValueError(f"{name} is {values!r}, not a height and a width")
        return values[0], values[1]

    def path(self, name: str) -> Path:
        """A path in the fields that json_paths.path_fields writes."""
        self._taken += [name, f"{name}_base64"]
        return take_path(self._left, name)

    def record(self, name: str) -> "Fields | None":
        """An object's fields, or None."""
        value = self._take(name)
        if value is not None and not isinstance(value, dict):
            raise ValueError(f"{name} is {value!r}, not an object")
        return None if value is None else Fields(value)

    def end(self) -> None:
        """Rejects fields that nobody read."""
        for name in self._left:
            raise ValueError(f"unknown field {name!r}{nearest(name, self._taken)}")

    def has(self, name: str) -> bool:
        """Whether an optional field is present; its name counts as known for suggestions."""
        self._taken.append(name)
        return name in self._left

    def _take(self, name: str) -> Any:
        self._taken.append(name)
        if name not in self._left:
            raise ValueError(f"{name} is missing")
        return self._left.pop(name)


def nearest(name: str, known: Iterable[str]) -> str:
    """A suggestion for error messages with the most similar known name; empty if no name is similar."""
    alike = difflib.get_close_matches(name, list(known), 1)
    return f" (did you mean '{alike[0]}'?)" if alike else ""
