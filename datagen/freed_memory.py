"""Memory that a C library has freed, given back to the system."""

import ctypes


def trim_memory() -> None:
    """Gives memory that ImageMagick has freed back to the system, where the C library can (glibc).

    Left alone, glibc keeps the largest picture's worth of it for good: five times what is needed.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
