"""The table of exit codes, and the place where errors become exit codes."""

import errno
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
# How the loader of libraries, ONNX Runtime and OpenCV say that there is no memory.
_NO_MEMORY = ("failed to map segment", "cannot allocate memory", "bad_alloc", "failed to allocate", "insufficient memory")
_OF_LIBRARIES = ("onnxruntime", "cv2")
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
    except KeyboardInterrupt:
        say("interrupted")
        return EXIT_INTERRUPTED
    except BrokenPipeError:  # `| head` has read enough
        discard_stdout()
        return 0
    except Exception as error:
        if not _say_stopped(error):
            raise
        return EXIT_STOPPED
    return EXIT_SOME_FAILED if n_failed else 0


def _say_stopped(error: Exception) -> bool:
    """Says in a line what stopped a command; False if the error is a fault of genloss."""
    if _is_out_of_memory(error):
        say("out_of_memory: this process gets no further memory; free some, or raise its limit, such as ulimit -v")
    elif isinstance(error, GenerationLossError):
        say(f"{error.code}: {error}")
    elif isinstance(error, OSError):
        _say_refused(error)
    elif str(error) == _NO_THREAD or type(error).__name__ == _NO_PROCESS:
        say(
            "the system allows no further thread or process, or no memory for it; raise its limit, such as ulimit -u, "
            "ulimit -v, or a container's --pids-limit"
        )
    else:
        return False
    return True


def _is_out_of_memory(error: BaseException | None) -> bool:
    """Whether the error, or one that caused it, says that the system gives no further memory."""
    if error is None:
        return False
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM):
        return True
    is_of_library = isinstance(error, ImportError) or type(error).__module__.startswith(_OF_LIBRARIES)
    is_said = is_of_library and any(words in str(error).lower() for words in _NO_MEMORY)
    return is_said or _is_out_of_memory(error.__cause__)


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
