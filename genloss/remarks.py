"""What commands tell a person beside their results: lines on standard error, safe for any terminal."""

import shlex
import sys

from genloss.model.printable import printable

WARNING = "Lower is closer to the original. Scores compare versions of the same picture only."


def say(text: str) -> None:
    """Prints a line that begins with the program's name; whatever names of files hold, it stays one line."""
    print(f"genloss: {printable(text)}", file=sys.stderr)


def command_line(*words: object) -> str:
    """A command to copy into a shell: words with spaces or quotes in them are quoted."""
    return shlex.join(map(str, words))
