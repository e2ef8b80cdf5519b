"""Previews as PNG, for programs that cannot draw a format, such as a browser and TIFF."""

import io

from PIL import Image

from genloss.model.images.decode import decode
from genloss.model.images.guard import MAX_PIXELS

# EXIF orientation -> what turns the stored pixels into what people see (CIPA DC-008, 4.6.4).
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_COMPRESSION = 3  # looked at once: seconds count for more than bytes


def render_preview(data: bytes, longest_side_px: int, max_pixels: int = MAX_PIXELS) -> bytes:
    """A PNG of the first frame, alpha over white, turned as its EXIF orientation says.

    Args:
        data: the whole file.
        longest_side_px: a larger picture is shrunk to this by averaging areas; a smaller one keeps its size.
        max_pixels: largest width times height to accept.

    Raises:
        ImageError: as decode.
    """
    decoded = decode(data, max_pixels)
    picture = Image.fromarray(decoded.rgb)
    factor = longest_side_px / max(picture.size)
    if factor < 1:
        size = (max(1, round(picture.width * factor)), max(1, round(picture.height * factor)))
        picture = picture.resize(size, Image.Resampling.BOX)
    turn = _TURNS.get(decoded.orientation)
    if turn is not None:
        picture = picture.transpose(turn)
    stream = io.BytesIO()
    picture.save(stream, "PNG", compress_level=_COMPRESSION)
    return stream.getvalue()
