"""libjpeg-turbo by simplejpeg, which refuses a file whose colour profile is damaged. The profile says nothing about pixels."""

from typing import Any

import simplejpeg
from numpy.typing import NDArray

_APP2, _SCAN, _PROFILE = 0xE2, 0xDA, b"ICC_PROFILE\0"
_COMPLAINT = "ICC"  # "Corrupt JPEG data: bad ICC marker"


def decode_jpeg(data: bytes, colour_space: str, **options: Any) -> NDArray:
    """As simplejpeg.decode_jpeg; a damaged colour profile is passed over.

    Raises:
        ValueError, OSError: the file is damaged.
    """
    try:
        return simplejpeg.decode_jpeg(data, colour_space, **options)
    except ValueError as error:
        if _COMPLAINT not in str(error):
            raise
    return simplejpeg.decode_jpeg(_without_profile(data), colour_space, **options)


def stored_colours(data: bytes) -> str:
    """The colour space of the stored planes, such as "YCbCr".

    Raises:
        ValueError, OSError: the header is damaged.
    """
    try:
        return str(simplejpeg.decode_jpeg_header(data)[2])
    except ValueError as error:
        if _COMPLAINT not in str(error):
            raise
    return str(simplejpeg.decode_jpeg_header(_without_profile(data))[2])


def _without_profile(data: bytes) -> bytes:
    """The file without the segments of its colour profile."""
    kept, position = [data[:2]], 2
    while position + 4 <= len(data) and data[position] == 0xFF:
        marker = data[position + 1]
        if marker == 0xFF:  # a fill byte
            position += 1
            continue
        end = position + 2 + int.from_bytes(data[position + 2 : position + 4])
        if marker == _SCAN:
            break
        if marker != _APP2 or not data.startswith(_PROFILE, position + 4):
            kept.append(data[position:end])
        position = end
    return b"".join([*kept, data[position:]])
