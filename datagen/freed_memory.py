"""Returns memory that a C library has freed to the system."""

import ctypes


def trim_memory() -> None:
    """Returns memory that ImageMagick has freed to the system, if the C library can (glibc).

    Otherwise glibc keeps as much as the largest picture took, five times what is needed.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
