"""libjpeg-turbo's own interface, if the system has that library: a JPEG's planes as stored, chroma not scaled up.

Python packages for it need version 3, which Debian 12 and Ubuntu 24.04 do not have. The four functions used here have not
changed since version 1.4.
"""

from ctypes import CDLL, POINTER, byref, c_char_p, c_int, c_ulong, c_void_p
from functools import cache

import numpy as np
from numpy.typing import NDArray

_NAMES = ("libturbojpeg.so.0", "libturbojpeg.0.dylib", "turbojpeg.dll")
# turbojpeg.h: enum TJSAMP and what it means across and down, enum TJCS, TJFLAG_*.
_SAMPLINGS = {0: (1, 1), 1: (2, 1), 2: (2, 2)}
_YCBCR = 1
_STOP_ON_WARNING, _ACCURATE_DCT = 8192, 4096


def installed() -> bool:
    """Whether the system has the library."""
    return _library() is not None


def decode_planes(data: bytes) -> tuple[list[NDArray[np.uint8]], tuple[int, int]] | None:
    """Y, Cb and Cr of a JPEG at their stored sizes, and the scale of the chroma: (1, 1), (2, 1) or (2, 2).

    Args:
        data: the whole file.

    Returns:
        (H, W), (h, w) and (h, w) uint8 with h = H / down and w = W / across, rounded up. None without the library, for
        other colours or samplings, and for any damaged file.
    """
    library = _library()
    handle = library.tjInitDecompress() if library else None
    if library is None or not handle:
        return None
    try:
        width_px, height_px, sampling, colours = (c_int() for _ in range(4))
        found = (byref(one) for one in (width_px, height_px, sampling, colours))
        if library.tjDecompressHeader3(handle, data, len(data), *found) or colours.value != _YCBCR:
            return None
        if sampling.value not in _SAMPLINGS:
            return None
        across, down = _SAMPLINGS[sampling.value]
        # Luma is padded to whole pixels of chroma.
        rows, columns = -(-height_px.value // down), -(-width_px.value // across)
        shapes = [(rows * down, columns * across), (rows, columns), (rows, columns)]
        planes = [np.empty(shape, np.uint8) for shape in shapes]
        places = (c_void_p * 3)(*(plane.ctypes.data for plane in planes))
        if library.tjDecompressToYUVPlanes(
            handle, data, len(data), places, 0, None, 0, _STOP_ON_WARNING | _ACCURATE_DCT
        ):  # fmt: skip
            return None
    finally:
        library.tjDestroy(handle)
    planes[0] = np.ascontiguousarray(planes[0][: height_px.value, : width_px.value])
    return planes, (across, down)


@cache
def _library() -> CDLL | None:
    for name in _NAMES:
        try:
            library = CDLL(name)
            library.tjInitDecompress.restype = c_void_p
            library.tjDestroy.argtypes = [c_void_p]
            library.tjDecompressHeader3.argtypes = [c_void_p, c_char_p, c_ulong, *[POINTER(c_int)] * 4]
            library.tjDecompressToYUVPlanes.argtypes = [
                c_void_p, c_char_p, c_ulong, POINTER(c_void_p), c_int, POINTER(c_int), c_int, c_int,
            ]  # fmt: skip
        except (OSError, AttributeError):  # not there, or without these functions
            continue
        return library
    return None
