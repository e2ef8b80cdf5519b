"""Silence for libraries that print on standard error by themselves: libtiff about damaged files, TensorFlow at its import."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def quiet_codecs() -> Iterator[None]:
    """Inside, file descriptor 2 leads nowhere, while sys.stderr still writes to where it led.

    For the main thread of a program, once at a time; child processes started inside inherit the silence.
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
    """Inside, nothing that the process or its libraries write to standard error shows, Python's own output included."""
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
    """Leads standard output nowhere: buffered text would fail again when Python ends, with more lines and exit code 120."""
    with suppress(OSError), open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
