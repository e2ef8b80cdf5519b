"""Silences libraries that print to standard error: libtiff about damaged files, TensorFlow at import."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def quiet_codecs() -> Iterator[None]:
    """Inside the block, file descriptor 2 goes to /dev/null, but sys.stderr still works.

    Only for the main thread of a program, and not nested. Child processes that start inside inherit the silence.
    """
    try:
        kept = os.dup(2)
    except OSError:  # the program has no standard error
        yield
        return
    python_stderr = sys.stderr
    with (
        open(os.devnull, "wb") as nowhere,
        os.fdopen(kept, "w", encoding=python_stderr.encoding, errors="backslashreplace") as out,
    ):
        python_stderr.flush()
        os.dup2(nowhere.fileno(), 2)
        out.reconfigure(line_buffering=True)
        sys.stderr = out
        try:
            yield
        finally:
            sys.stderr = python_stderr
            out.flush()
            os.dup2(kept, 2)


@contextmanager
def quiet_stderr() -> Iterator[None]:
    """Inside the block, all output to standard error is dropped, Python's own included."""
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def discard_stdout() -> None:
    """Sends standard output to /dev/null after a failed write; Python's last flush would fail again, with exit code 120."""
    with suppress(OSError), open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
