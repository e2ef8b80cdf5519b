"""Turns and crops of JPEG files without decoding, as jpegtran, photo viewers and cameras do: the coefficients stay.

Needs libturbojpeg, which Debian and Ubuntu install with libjpeg-turbo (package libturbojpeg0).

Source: turbojpeg.h of libjpeg-turbo 2, functions tjInitTransform and tjTransform.
"""

from ctypes import CDLL, POINTER, Structure, byref, c_char_p, c_int, c_ulong, c_void_p, string_at
from functools import cache

NAMES = ("libturbojpeg.so.0", "libturbojpeg.0.dylib", "turbojpeg.dll")
OPERATIONS = {
    "none": 0, "mirrored": 1, "flipped": 2, "transposed": 3, "transversed": 4, "turned_90": 5, "turned_180": 6, "turned_270": 7,
}  # fmt: skip
_TRIM, _CROP = 2, 4


class _Transform(Structure):
    """struct tjtransform."""

    _fields_ = [
        ("x", c_int), ("y", c_int), ("width", c_int), ("height", c_int), ("op", c_int), ("options", c_int),
        ("data", c_void_p), ("custom_filter", c_void_p),
    ]  # fmt: skip


def transform_jpeg(data: bytes, operation: str = "none", box: tuple[int, int, int, int] | None = None) -> bytes:
    """A JPEG with the same coefficients, turned, mirrored or cropped.

    Args:
        data: a JPEG file.
        operation: one of OPERATIONS. Blocks at the right and lower edge that cannot be turned are cut off.
        box: left, top, width and height to keep, in pixels of the result; left and top are rounded down to whole MCUs.

    Raises:
        ValueError: libjpeg-turbo refuses.
    """
    library = _library()
    handle = library.tjInitTransform()
    try:
        left, top, width, height = box or (0, 0, 0, 0)
        if box:
            across, down = _mcu_px(library, handle, data)
            left, top = left - left % across, top - top % down
        options = _TRIM | (_CROP if box else 0)
        wanted = _Transform(left, top, width, height, OPERATIONS[operation], options, None, None)
        made, n_bytes = c_void_p(), c_ulong()
        if library.tjTransform(handle, data, len(data), 1, byref(made), byref(n_bytes), byref(wanted), 0):
            raise ValueError(f"{operation} {box}: {library.tjGetErrorStr2(handle).decode()}")
        found = string_at(made, n_bytes.value)
        library.tjFree(made)
        return found
    finally:
        library.tjDestroy(handle)


def _mcu_px(library: CDLL, handle: int, data: bytes) -> tuple[int, int]:
    """Width and height of the units that a JPEG is made of."""
    width, height, sampling, colours = (c_int() for _ in range(4))
    library.tjDecompressHeader3(handle, data, len(data), byref(width), byref(height), byref(sampling), byref(colours))
    return {0: (8, 8), 1: (16, 8), 2: (16, 16), 3: (8, 8), 4: (8, 16), 5: (32, 8)}[sampling.value]


@cache
def _library() -> CDLL:
    for name in NAMES:
        try:
            library = CDLL(name)
        except OSError:
            continue
        library.tjInitTransform.restype = c_void_p
        library.tjDestroy.argtypes = library.tjFree.argtypes = [c_void_p]
        library.tjGetErrorStr2.argtypes, library.tjGetErrorStr2.restype = [c_void_p], c_char_p
        library.tjDecompressHeader3.argtypes = [c_void_p, c_char_p, c_ulong, *[POINTER(c_int)] * 4]
        library.tjTransform.argtypes = [
            c_void_p, c_char_p, c_ulong, c_int, POINTER(c_void_p), POINTER(c_ulong), POINTER(_Transform), c_int,
        ]  # fmt: skip
        return library
    raise OSError("libturbojpeg is not installed")
