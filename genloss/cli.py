"""The program `genloss`: where a command starts, and where the process exits."""

import os
import sys
from functools import partial


def main() -> None:
    """Entry point of the installed program."""
    try:
        code = run()
    except KeyboardInterrupt:  # while modules are loaded; a command that runs turns it into its exit code itself
        from genloss.exit_codes import EXIT_INTERRUPTED

        code = EXIT_INTERRUPTED
    if "genloss.parser" not in sys.modules and "genloss.model.processes" not in sys.modules:
        # Only memory is left to free, and Python takes longer for that than for scoring a picture.
        os._exit(code)
    from genloss.exit_codes import EXIT_INTERRUPTED

    if code == EXIT_INTERRUPTED:
        # A thread may have been sending a task. Python 3.13 complains when it collects what is left of that.
        sys.unraisablehook = lambda unraisable: None
    sys.exit(code)


def run() -> int:
    """Runs the command in sys.argv.

    Returns:
        The exit code; all output is flushed.
    """
    _open_missing_streams()
    # File names need not be UTF-8; printing one must not end the run.
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    command, *words = sys.argv[1:] or [""]
    if command == "score" and words and not any(word.startswith("-") or not word for word in words):
        # Names alone need no option parser, which takes longer to load than scoring a picture takes.
        from genloss.exit_codes import exit_code_of

        return exit_code_of(partial(_score, words))
    from genloss.parser import parse_and_run

    return parse_and_run()


def _open_missing_streams() -> None:
    """Opens the null device for every standard stream that was closed before the start (`>&-`).

    The next opened file would get the descriptor of the stream otherwise, and a catalog would get what a codec prints.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115


def _score(names: list[str]) -> int:
    from genloss.early_start import start_early

    opening = start_early(names)
    from genloss.batch import BatchOptions
    from genloss.score_files import score_files

    return score_files(names, options=BatchOptions(opening=opening))


if __name__ == "__main__":
    main()
