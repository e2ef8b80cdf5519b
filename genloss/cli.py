"""The program `genloss`: the way in, and the way out."""

import os
import sys
from functools import partial


def main() -> None:
    """Entry point of the installed program."""
    code = run()
    if "genloss.parser" not in sys.modules and "genloss.model.processes" not in sys.modules:
        # Nothing is left to be put away but memory, and Python takes longer for that than for scoring a picture.
        os._exit(code)
    sys.exit(code)


def run() -> int:
    """Runs the command in sys.argv.

    Returns:
        The code to exit with; all that was printed is written out.
    """
    # File names need not be UTF-8; printing one must not end the run.
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    command, *words = sys.argv[1:] or [""]
    if command == "score" and words and not any(word.startswith("-") for word in words):
        # Names alone need no parser of options, which takes longer to load than a picture takes to score.
        from genloss.exit_codes import exit_code_of

        return exit_code_of(partial(_score, words))
    from genloss.parser import parse_and_run

    return parse_and_run()


def _score(names: list[str]) -> int:
    from genloss.score_files import score_files

    return score_files(names)


if __name__ == "__main__":
    main()
