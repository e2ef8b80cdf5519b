"""What the headers of one file say, and the columns it is kept in."""

from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any


@dataclass(slots=True)
class FileFacts:
    """Facts of a file; empty, 0 or None where its format has no such thing or its headers do not tell.

    Attributes:
        path: as named on the command line and found below it.
        folder: that it lies in, below the named one; its class in a labelled set.
        n_bytes: size of the file.
        is_picture: whether its bytes or its name are those of a picture.
        format: by its first bytes, "jpeg", "png" and so on; also "html", "pdf" ... where that is what they are.
        named_format: by the suffix of its name; empty where the suffix says nothing.
        false_name: its name says another format than its bytes.
        mode: "grey", "colour", "palette", "cmyk", each perhaps with " + alpha"; "grey stored as colour" where it is certain.
        bit_depth: bits of a sample.
        width_px, height_px: as stored, before any orientation is applied.
        coding: of a JPEG "baseline", "extended", "progressive" or "lossless"; "interlaced" for others that are.
        arithmetic: arithmetic coding of a JPEG instead of Huffman codes.
        subsampling: 4:a:b of a lossy picture in colour; component factors where that notation cannot say it.
        jpeg_quality: of the luma table, in [1, 100]; the least squares fit where no libjpeg table is matched exactly.
        chroma_quality: the same of the chroma table.
        standard_tables: every table is exactly one of libjpeg's.
        tables: whose quantisation tables these are, such as "libjpeg", "mozjpeg (Robidoux)" or "Photoshop 10".
        restart_interval: in MCUs; 0 without restart markers.
        orientation: EXIF orientation, 1 to 8; 0 where it is not given.
        icc_profile: its description, or "unnamed".
        thumbnail_bytes: size of the embedded thumbnail.
        camera: maker and model by EXIF.
        editor: programs that left their names.
        trailing_bytes: after the end of the picture.
        n_frames: pictures in the file; those of an animation, pages, or a camera's second pictures.
        animated: the frames are an animation.
        lossless: stored without loss, by its headers.
        broken: why the file is no whole picture; empty when its headers are sound.
    """

    path: str = ""
    folder: str = ""
    n_bytes: int = 0
    is_picture: bool = True
    format: str = ""
    named_format: str = ""
    false_name: bool = False
    mode: str = ""
    bit_depth: int | None = None
    width_px: int | None = None
    height_px: int | None = None
    coding: str = ""
    arithmetic: bool = False
    subsampling: str = ""
    jpeg_quality: int | None = None
    chroma_quality: int | None = None
    standard_tables: bool = False
    tables: str = ""
    restart_interval: int = 0
    orientation: int = 0
    icc_profile: str = ""
    thumbnail_bytes: int = 0
    camera: str = ""
    editor: str = ""
    trailing_bytes: int = 0
    n_frames: int = 1
    animated: bool = False
    lossless: bool = False
    broken: str = ""

    def add_editor(self, name: str) -> None:
        """Notes a program's name once."""
        name = " ".join("".join(character if character.isprintable() else " " for character in name).split())[:80]
        if name and name not in self.editor:
            self.editor = f"{self.editor}; {name}" if self.editor else name

    def break_off(self, reason: str) -> None:
        """Keeps the first reason why the file is no whole picture."""
        self.broken = self.broken or reason


COLUMNS: dict[str, Any] = {field.name: field.type for field in fields(FileFacts)}
as_row = attrgetter(*COLUMNS)
