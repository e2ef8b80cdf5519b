"""Returns memory that was freed to the system."""

import ctypes


def trim_memory() -> None:
    """Returns memory that this process has freed to the system, if the C library can (glibc).

    Otherwise glibc keeps much of it: with ImageMagick five times what the largest picture needs, and after the words of a
    collection were paired half of what they took.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
