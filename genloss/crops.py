"""A picture of the places where two versions differ most, for people who would rather look than read."""

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, PngImagePlugin

from genloss.model.files import write_atomically
from genloss.model.images.decode import DecodedImage
from genloss.model.pairs.difference import Window, differing_windows
from genloss.model.pairs.grounds import pixels_on_one_ground

WINDOWS = 3
CROP_PX = 96
SHOWN_PX = 288  # each pixel three times as large
MARGIN_PX = 8
CAPTION_PX = 20
AMPLIFIED = 4  # differences of a few levels are invisible on paper


def save_crops(first: DecodedImage, second: DecodedImage, path: Path) -> list[Window]:
    """Saves a PNG of up to three places, one a row: first version, second version, their difference times four.

    A transparent version is shown on the ground that the other one has.

    Args:
        path: of the PNG; replaced if it exists.

    Returns:
        The places, the most different first; empty if all pixels are the same.

    Raises:
        OSError: the file cannot be written.
    """
    pixels = pixels_on_one_ground(first, second)
    windows = [one for one in differing_windows(*pixels, WINDOWS, CROP_PX) if one.difference > 0]
    step = SHOWN_PX + MARGIN_PX
    sheet = Image.new("RGB", (3 * step + MARGIN_PX, max(1, len(windows)) * (step + CAPTION_PX) + CAPTION_PX), "white")
    draw = ImageDraw.Draw(sheet)
    for column, title in enumerate(("first", "second", f"difference times {AMPLIFIED}")):
        draw.text((MARGIN_PX + column * step, 4), title, fill="black")
    for row, window in enumerate(windows):
        top = CAPTION_PX + row * (step + CAPTION_PX)
        for column, crop in enumerate((window.left, window.right, _difference(window))):
            shown = Image.fromarray(crop).resize((SHOWN_PX, SHOWN_PX), Image.Resampling.NEAREST)
            sheet.paste(shown, (MARGIN_PX + column * step, top))
        place = f"at ({window.left_px}, {window.top_px}): {window.difference:.1f} of 255 levels on average"
        if not window.aligned:
            place += "; not aligned: the two do not seem to show the same picture"
        draw.text((MARGIN_PX, top + SHOWN_PX + 4), place, fill="black")
    stream = io.BytesIO()
    mark = PngImagePlugin.PngInfo()
    mark.add_text("Software", "genloss")  # tells outputs.py that genloss may replace this file
    sheet.save(stream, "PNG", optimize=True, pnginfo=mark)
    write_atomically(path, stream.getvalue())
    return windows


def _difference(window: Window) -> NDArray[np.uint8]:
    distance = np.abs(window.left.astype(np.int16) - window.right.astype(np.int16))
    return np.minimum(distance * AMPLIFIED, 255).astype(np.uint8)
