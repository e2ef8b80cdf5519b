"""Makes untrusted text, such as file names, safe for terminals and spreadsheets."""

import os
from typing import Any

# Zero-width joiners: Persian, Indian scripts and emoji are written with them.
JOINERS = "\u200c\u200d"
# OWASP, "CSV Injection".
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def printable(text: str) -> str:
    """Escapes control characters, line ends and undecodable bytes, so that text takes one line and controls no terminal.

    Args:
        text: any text; undecodable bytes of a name are surrogates.

    Source: Unicode Technical Report 36, 2.10 and 3.7.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(character) if _is_harmful(character) else character for character in text)


def storable(name: str) -> str:
    """Escapes the bytes of a file name that are not UTF-8, as in "\\xe9", so that a file or a database can store the name."""
    return name if name.isascii() else os.fsencode(name).decode("utf-8", "backslashreplace")


def neutralised(value: Any) -> Any:
    """Puts an apostrophe before text that a spreadsheet would run as a formula; numbers do not change."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_STARTS) else value


def counted(count: int, noun: str) -> str:
    """A number with its noun, as in "1 file" or "1,234 files"."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _is_harmful(character: str) -> bool:
    """Whether a terminal may take it for a command, a line end or a change of direction."""
    import unicodedata  # plain text does not need it

    category = unicodedata.category(character)
    return (category[0] == "C" and character not in JOINERS) or category in ("Zl", "Zp")


def _escaped(character: str) -> str:
    if "\udc80" <= character <= "\udcff":  # a byte of a name that is not UTF-8
        return f"\\x{ord(character) - 0xDC00:02x}"
    return character.encode("unicode_escape", "surrogatepass").decode()
