"""Memory that a process keeps between pictures."""

import ctypes
import sys

KEPT_BYTES = 32 << 20
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # malloc.h


def keep_memory() -> None:
    """Makes this process keep up to KEPT_BYTES of the arrays that it frees; does nothing without the GNU C library.

    That library hands arrays of more than a few hundred kilobytes back to the system when they are freed, and gets them anew,
    page by page, for the next step or picture. Programs call this, and the library itself does not.
    """
    if sys.platform.startswith("linux") and (set_option := getattr(ctypes.CDLL(None), "mallopt", None)) is not None:
        for option in (_TRIM_THRESHOLD, _MMAP_THRESHOLD):
            set_option(option, KEPT_BYTES)
