"""Remarks of commands to people, beside the results: lines on standard error, safe for any terminal."""

import sys

from genloss.model.printable import printable

WARNING = "Lower is closer to the original. Scores compare versions of the same picture only."


def say(text: str) -> None:
    """Prints one line that begins with the program's name; line ends and control characters in file names are escaped."""
    print(f"genloss: {printable(text)}", file=sys.stderr)


def command_line(*words: object) -> str:
    """A command to copy into a shell: words with spaces or quotes in them are quoted."""
    import shlex  # hardly ever needed

    return shlex.join(map(str, words))
