"""Facts from the headers of a file, and their columns in tables."""

from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any


@dataclass(slots=True)
class FileFacts:
    """Facts of a file. A fact is empty, 0 or None if the format lacks it or the headers do not tell it.

    Attributes:
        path: the folder as given on the command line, then the path below it.
        folder: folder of the file, below the given folder; the class in a labelled set.
        n_bytes: size of the file.
        is_picture: whether the first bytes or the suffix are those of a picture.
        format: by the first bytes: "jpeg", "png" and so on; also other kinds of files, such as "html" and "pdf".
        named_format: by the suffix of the name; empty for an unknown suffix.
        false_name: whether the suffix stands for another format than the first bytes.
        mode: "grey", "colour", "palette", "palette of greys", "cmyk" or "5 channels", perhaps with " + alpha"; "grey stored as
            colour" if certain.
        bit_depth: bits of a sample.
        width_px, height_px: as stored, before EXIF orientation is applied.
        coding: "baseline", "extended", "progressive" or "lossless" for a JPEG; "interlaced" for interlaced PNG and GIF.
        arithmetic: whether a JPEG uses arithmetic coding instead of Huffman codes.
        subsampling: 4:a:b of a lossy colour picture; the sampling factors if that notation cannot express them.
        jpeg_quality: of the luma table, in [1, 100]; the least-squares fit if no libjpeg table matches exactly.
        chroma_quality: the same of the chroma table.
        standard_tables: whether every table equals a libjpeg table.
        tables: encoder family of the quantisation tables, such as "libjpeg", "mozjpeg (Robidoux)" or "Photoshop 10".
        restart_interval: in MCUs; 0 without restart markers.
        orientation: EXIF orientation, 1 to 8; 0 if absent.
        icc_profile: description of the ICC profile; "unnamed" if it has none.
        thumbnail_bytes: size of the embedded thumbnail.
        camera: maker and model by EXIF.
        editor: names of the programs that signed the file, separated by "; ".
        trailing_bytes: bytes after the end of the picture.
        n_frames: pictures in the file: frames of an animation, pages, or further pictures of a camera.
        animated: whether the frames are an animation.
        lossless: whether the headers say that the picture is stored without loss.
        broken: why the file is no complete picture; empty if headers and end are sound.
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
        """Adds the name of a program, unless it is there already."""
        name = " ".join("".join(character if character.isprintable() else " " for character in name).split())[:80]
        if name and name not in self.editor:
            self.editor = f"{self.editor}; {name}" if self.editor else name

    def break_off(self, reason: str) -> None:
        """Sets `broken`, unless an earlier reason is there."""
        self.broken = self.broken or reason


COLUMNS: dict[str, Any] = {field.name: field.type for field in fields(FileFacts)}
as_row = attrgetter(*COLUMNS)
