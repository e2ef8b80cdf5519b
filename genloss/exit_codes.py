"""The table of exit codes, and the place where errors become exit codes."""

import os
import sys
from collections.abc import Callable

from genloss.model.errors import GenerationLossError, OutputError
from genloss.model.quiet import discard_stdout
from genloss.remarks import say

EXIT_STOPPED = 2
EXIT_SOME_FAILED = 3
EXIT_INTERRUPTED = 130
# What Python raises where the system refuses another thread, and where it refuses a pool's first process.
_NO_THREAD, _NO_PROCESS = "can't start new thread", "BrokenProcessPool"
EXIT_CODES = """0    done
1    a crash, which is a bug
2    wrong arguments, or an error that stopped everything
3    done, but some inputs failed
4    done, and `genloss leaks --fail-on-leaks` found leaks
130  interrupted"""


def exit_code_of(command: Callable[[], int]) -> int:
    """Runs a command; its errors become one line on standard error.

    Args:
        command: returns how many of its inputs failed.

    Returns:
        The exit code, one of EXIT_CODES.
    """
    try:
        n_failed = command()
        sys.stdout.flush()
    except GenerationLossError as error:
        say(f"{error.code}: {error}")
        return EXIT_STOPPED
    except KeyboardInterrupt:
        say("interrupted")
        return EXIT_INTERRUPTED
    except BrokenPipeError:  # `| head` has read enough
        discard_stdout()
        return 0
    except OSError as error:
        _say_refused(error)
        return EXIT_STOPPED
    except RuntimeError as error:
        if str(error) != _NO_THREAD and type(error).__name__ != _NO_PROCESS:
            raise
        say("the system allows no further thread or process; raise its limit, such as ulimit -u or a container's --pids-limit")
        return EXIT_STOPPED
    return EXIT_SOME_FAILED if n_failed else 0


def _say_refused(error: OSError) -> None:
    """Says what the system refused, such as a write to a full disk, to a read-only folder or to standard output."""
    where = error.filename
    try:
        sys.stdout.flush()
    except OSError:  # what cannot be printed now cannot be printed at the exit either
        where = where or "standard output"
        discard_stdout()
    why = error.strerror or str(error)
    say(f"{OutputError.code}: {os.fsdecode(where)}: {why}" if isinstance(where, str | bytes) else f"{OutputError.code}: {why}")
