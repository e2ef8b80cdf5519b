"""Previews of the extreme pictures of a set: smallest, largest, oddest ratio, worst quality, false names."""

import base64
import os
from dataclasses import dataclass

from genloss.dataset.view import View
from genloss.model.errors import ImageError
from genloss.model.parallel import Failure, run_in_processes

_MOST_EACH = 6
_LONGEST_SIDE_PX = 160
_DEADLINE_SECONDS = 20.0
_MOST_BYTES = 64 << 20
_SOUND = "broken = '' AND width_px AND height_px"
_RATIO = "1.0 * MAX(width_px, height_px) / MIN(width_px, height_px)"
# Heading, SQL condition, SQL order, SQL expression of the caption.
_KINDS = (
    ("Smallest", _SOUND, "width_px * height_px", "width_px || 'x' || height_px || ' px'"),
    ("Largest", _SOUND, "width_px * height_px DESC", "width_px || 'x' || height_px || ' px'"),
    ("Oddest ratio", f"{_SOUND} AND {_RATIO} > 1.5", f"{_RATIO} DESC", "width_px || 'x' || height_px || ' px'"),
    ("Worst quality", f"{_SOUND} AND jpeg_quality < 75", "jpeg_quality, path",
     "'quality ' || jpeg_quality || ', ' || subsampling"),
    ("Least chroma", f"{_SOUND} AND subsampling IN ('4:1:1', '4:1:0')", "path", "subsampling || ', quality ' || jpeg_quality"),
    ("False name", "false_name", "path", "format || ' called ' || named_format || ', ' || n_bytes || ' bytes'"),
)  # fmt: skip

_BY_SIZE = ("Smallest", "Largest", "Oddest ratio")  # left out if all pictures have the same size


@dataclass(frozen=True)
class OddPicture:
    """Preview of a picture in the report.

    Attributes:
        path: of the file.
        words: caption.
        picture: PNG in base64; "" if it could not be drawn.
        why_not: why the picture could not be drawn; "" if it was.
    """

    path: str
    words: str
    picture: str
    why_not: str


def odd_pictures(view: View) -> list[tuple[str, list[OddPicture]]]:
    """Heading and previews of each kind that occurs in the set. An audit decodes pixels only here."""
    n_sizes = next(view.select("COUNT(DISTINCT width_px || 'x' || height_px)", f"AND {_SOUND}"))[0]
    chosen = {
        heading: [
            (os.fsdecode(path), words)
            for path, words in view.select(f"path, {words}", f"AND {condition} ORDER BY {order} LIMIT {_MOST_EACH}")
        ]
        for heading, condition, order, words in _KINDS
        if n_sizes > 1 or heading not in _BY_SIZE
    }
    paths = sorted({path for pictures in chosen.values() for path, _ in pictures})
    # In a process of its own, because these are the files most likely to crash a decoder.
    drawn = dict(run_in_processes(_draw, None, paths, 1, _DEADLINE_SECONDS)) if paths else {}
    return [
        (heading, [_odd_picture(path, words, drawn[path]) for path, words in pictures])
        for heading, pictures in chosen.items()
        if pictures
    ]


def _odd_picture(path: str, words: str, drawn: "tuple[str, str] | Failure") -> OddPicture:
    picture, why_not = ("", drawn.reason) if isinstance(drawn, Failure) else drawn
    return OddPicture(path, words, picture, why_not)


def _draw(context: None, path: str) -> tuple[str, str]:
    """PNG in base64, and the reason if there is none; one of the two is always empty."""
    from genloss.model.images.preview import render_preview  # the codecs are loaded in this process only

    try:
        with open(path, "rb") as stream:
            data = stream.read(_MOST_BYTES)
        return base64.b64encode(render_preview(data, _LONGEST_SIDE_PX)).decode(), ""
    except (ImageError, OSError) as error:
        return "", str(error)
