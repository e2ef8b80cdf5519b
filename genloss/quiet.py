"""Silence for C libraries that print on standard error by themselves, as libtiff does about damaged files."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


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
