"""Attributes of a data set that an audit counts; each has a table, lists of files and perhaps a chart."""

from dataclasses import dataclass
from typing import Any

from genloss.dataset.file_facts import FileFacts


@dataclass(frozen=True)
class Attribute:
    """A property of files whose values are counted.

    Attributes:
        name: unique; prefix of the names of its lists.
        heading: of its table.
        expression: SQL expression of the counted value; must agree with `values_of`.
        condition: SQL; other files are left out.
        most: rows shown, the most frequent first; 0 for all, in the order of the values.
        compared: whether comparisons of sets or classes test it.
        note: a sentence below the table.
    """

    name: str
    heading: str
    expression: str
    condition: str = "1"
    most: int = 0
    compared: bool = False
    note: str = ""


_SIZE = "width_px || 'x' || height_px"
_SAID_FALSELY = "format || ' called ' || named_format"
_DAMAGE = "CASE WHEN broken LIKE 'unreadable: %' THEN 'unreadable' ELSE broken END"
ATTRIBUTES = (
    Attribute("format", "Format, by the first bytes", "CASE format WHEN '' THEN 'none' ELSE format END", compared=True),
    Attribute("false-name", "Names that say another format", _SAID_FALSELY, "false_name"),
    Attribute("broken", "Broken files", _DAMAGE, "broken != ''",
              note="By their headers and ends: a picture may be damaged in between."),
    Attribute("mode", "Colour", "mode", "mode != ''", compared=True,
              note="Grey stored as colour is certain only by Huffman codes made for the picture; others may be grey, too."),
    Attribute("size", "Most frequent sizes", _SIZE, "width_px", most=20),
    Attribute("quality", "JPEG quality", "jpeg_quality", "jpeg_quality IS NOT NULL", compared=True),
    Attribute("chroma-quality", "JPEG quality of chroma, where it is not that of luma", "chroma_quality",
              "chroma_quality != jpeg_quality"),
    Attribute("tables", "Quantisation tables", "tables", "tables != ''", most=30, compared=True,
              note="Tables other than libjpeg's are non-standard: their quality is the nearest by least squares."),
    Attribute("subsampling", "Chroma subsampling", "subsampling", "subsampling != ''", compared=True),
    Attribute("coding", "JPEG coding",
              "coding || CASE arithmetic WHEN 1 THEN ', arithmetic' ELSE '' END", "format = 'jpeg' AND coding != ''",
              compared=True),
    Attribute("restart", "Restart markers", "'every ' || restart_interval || ' MCUs'", "restart_interval", most=10),
    Attribute("orientation", "EXIF orientation", "orientation", "orientation"),
    Attribute("icc", "ICC profiles", "icc_profile", "icc_profile != ''", most=20),
    Attribute("thumbnail", "Embedded thumbnails", "'with a thumbnail'", "thumbnail_bytes"),
    Attribute("camera", "Cameras", "camera", "camera != ''", most=20),
    Attribute("editor", "Traces of editors", "editor", "editor != ''", most=30),
    Attribute("trailing", "Bytes after the end", "'with bytes after the end'", "trailing_bytes"),
    Attribute("frames", "More than one picture", "CASE animated WHEN 1 THEN 'animated' ELSE 'pages or second pictures' END",
              "n_frames > 1"),
)  # fmt: skip


def values_of(facts: FileFacts) -> dict[str, Any]:
    """Attribute name -> value for the attributes that a file has, as computed by the expressions in ATTRIBUTES."""
    if not facts.is_picture:
        return {}
    values: dict[str, Any] = {"format": facts.format or "none"}
    if facts.false_name:
        values["false-name"] = f"{facts.format} called {facts.named_format}"
    if facts.broken:
        values["broken"] = "unreadable" if facts.broken.startswith("unreadable: ") else facts.broken
    if facts.width_px:
        values["size"] = f"{facts.width_px}x{facts.height_px}"
    if facts.jpeg_quality is not None:
        values["quality"] = facts.jpeg_quality
        if facts.chroma_quality is not None and facts.chroma_quality != facts.jpeg_quality:
            values["chroma-quality"] = facts.chroma_quality
    if facts.format == "jpeg" and facts.coding:
        values["coding"] = facts.coding + (", arithmetic" if facts.arithmetic else "")
    if facts.restart_interval:
        values["restart"] = f"every {facts.restart_interval} MCUs"
    if facts.orientation:
        values["orientation"] = facts.orientation
    if facts.thumbnail_bytes:
        values["thumbnail"] = "with a thumbnail"
    if facts.trailing_bytes:
        values["trailing"] = "with bytes after the end"
    if facts.n_frames > 1:
        values["frames"] = "animated" if facts.animated else "pages or second pictures"
    texts = (("mode", facts.mode), ("tables", facts.tables), ("subsampling", facts.subsampling),
             ("icc", facts.icc_profile), ("camera", facts.camera), ("editor", facts.editor))  # fmt: skip
    values.update((name, text) for name, text in texts if text)
    return values
