"""Picture files whose facts are known, because they are made here."""

import io
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import simplejpeg
from PIL import Image, ImageCms, PngImagePlugin

from tests.fixtures import saved

WIDTH_PX, HEIGHT_PX = 48, 40
_PIXELS = np.random.default_rng(23).integers(0, 256, (HEIGHT_PX, WIDTH_PX, 3), dtype=np.uint8)
COLOUR = Image.fromarray(_PIXELS)
GREY = COLOUR.convert("L")
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


@dataclass(frozen=True)
class Made:
    """A file and what its headers have to say.

    Attributes:
        name: of the file; unique.
        make: gives its bytes.
        facts: expected; facts that are not named here are not checked.
    """

    name: str
    make: Callable[[], bytes]
    facts: dict[str, Any] = field(default_factory=dict)


def jpeg(picture: Image.Image = COLOUR, **options: Any) -> bytes:
    """A JPEG by Pillow."""
    return saved(picture, "JPEG", **options)


def _simple(subsampling: str) -> Callable[[], bytes]:
    return lambda: simplejpeg.encode_jpeg(_PIXELS, 85, "RGB", subsampling)


def _marked(data: bytes, frame: int) -> bytes:
    """The file with another frame marker: its headers are of another coding, its pixels are nonsense."""
    return data.replace(b"\xff\xc0", bytes((0xFF, frame)), 1)


def _with_segment(data: bytes, marker: int, body: bytes) -> bytes:
    return data[:2] + bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body + data[2:]


def _with_tables(scale: Callable[[int, int], int]) -> bytes:
    tables = [[max(1, min(255, scale(number, place))) for place in range(64)] for number in range(2)]
    return jpeg(qtables=tables)


def _exif(**tags: Any) -> bytes:
    exif = Image.Exif()
    for tag, value in {"orientation": 0x0112, "make": 0x010F, "model": 0x0110, "software": 0x0131}.items():
        if tag in tags:
            exif[value] = tags[tag]
    return exif.tobytes()


def _exif_with_thumbnail(thumbnail: bytes) -> bytes:
    """A first directory of one entry, and a second that describes the thumbnail."""
    first = struct.pack(">HHHIHHI", 1, 0x0112, 3, 1, 6, 0, 26)
    second = struct.pack(">HHHIIHHIII", 2, 0x0201, 4, 1, 56, 0x0202, 4, 1, len(thumbnail), 0)
    return b"Exif\0\0MM\0*" + struct.pack(">I", 8) + first + second + thumbnail


def _animated(image_format: str, **options: Any) -> bytes:
    return saved(COLOUR, image_format, save_all=True, append_images=[COLOUR.rotate(90), COLOUR.rotate(180)], **options)


def _png_text() -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("Software", "Paint 5")
    return saved(COLOUR, "PNG", pnginfo=info)


def _robidoux(quality: int) -> bytes:
    from genloss.dataset.jpeg_encoders import _ROBIDOUX

    scale = 5000 // quality if quality < 50 else 200 - 2 * quality
    table = [max(1, min(255, (step * scale + 50) // 100)) for step in _ROBIDOUX]
    return jpeg(qtables=[table, table])


def _crc_broken() -> bytes:
    data = bytearray(saved(COLOUR, "PNG"))
    data[19] ^= 1
    return bytes(data)


def _photoshop(quality: int) -> bytes:
    body = b"Photoshop 3.0\x008BIM\x04\x06\0\0" + struct.pack(">IhHHB", 7, quality - 4, 1, 1, 0) + b"\0"
    return _with_segment(_with_tables(lambda number, place: 3 + place), 0xED, body)


SIZE = {"width_px": WIDTH_PX, "height_px": HEIGHT_PX}
JPEG = {"format": "jpeg", "mode": "colour", "coding": "baseline", "bit_depth": 8, "broken": "", "lossless": False, **SIZE}
_QUALITIES = [
    Made(
        f"quality{quality}.jpg",
        lambda quality=quality: jpeg(quality=quality),
        {**JPEG, "jpeg_quality": quality, "chroma_quality": quality, "standard_tables": True, "tables": "libjpeg"},
    )
    for quality in range(1, 101)
]
_GREY_QUALITIES = [
    Made(
        f"grey{quality}.jpg",
        lambda quality=quality: jpeg(GREY, quality=quality),
        {**JPEG, "mode": "grey", "subsampling": "", "jpeg_quality": quality, "chroma_quality": None},
    )
    for quality in range(5, 100, 5)
]
_SAMPLINGS = [
    Made(f"sampling{name}.jpg", _simple(name), {**JPEG, "subsampling": expected, "jpeg_quality": 85})
    for name, expected in (
        ("444", "4:4:4"), ("422", "4:2:2"), ("420", "4:2:0"), ("440", "4:4:0"), ("411", "4:1:1"), ("Gray", ""),
    )
    if name != "Gray"
]  # fmt: skip
_CODINGS = [
    Made("progressive.jpg", lambda: jpeg(progressive=True), {**JPEG, "coding": "progressive"}),
    Made("extended.jpg", lambda: _marked(jpeg(), 0xC1), {**JPEG, "coding": "extended"}),
    Made("arithmetic.jpg", lambda: _marked(jpeg(), 0xC9), {**JPEG, "coding": "extended", "arithmetic": True}),
    Made("arithmetic2.jpg", lambda: _marked(jpeg(), 0xCA), {**JPEG, "coding": "progressive", "arithmetic": True}),
    Made("lossless.jpg", lambda: _marked(jpeg(), 0xC3), {"coding": "lossless", "lossless": True, "jpeg_quality": None}),
    Made("optimised.jpg", lambda: jpeg(optimize=True), JPEG),
    Made("restart.jpg", lambda: jpeg(restart_marker_blocks=2), {**JPEG, "restart_interval": 2}),
    Made("cmyk.jpg", lambda: jpeg(COLOUR.convert("CMYK")), {**JPEG, "mode": "cmyk"}),
    Made("greyed.jpg", lambda: jpeg(GREY.convert("RGB"), optimize=True), {**JPEG, "mode": "grey stored as colour"}),
    Made("greyed2.jpg", lambda: jpeg(GREY.convert("RGB")), {**JPEG, "mode": "colour"}),
]
_TABLES = [
    *(
        Made(f"robidoux{quality}.jpg", lambda quality=quality: _robidoux(quality),
             {**JPEG, "standard_tables": False, "tables": "mozjpeg (Robidoux)"})
        for quality in (20, 40, 60, 75, 80, 85)
    ),
    Made("own.jpg", lambda: _with_tables(lambda number, place: 4 + 3 * place),
         {**JPEG, "standard_tables": False, "tables": "unknown"}),
    Made("luma.jpg", lambda: jpeg(qtables=[list(Image.open(io.BytesIO(jpeg(quality=70))).quantization[0])] * 2),
         {**JPEG, "jpeg_quality": 70, "standard_tables": False, "tables": "libjpeg's luma table for all"}),
    Made("ducky.jpg",
         lambda: _with_segment(_with_tables(lambda number, place: 3 + place), 0xEC, b"Ducky\0\1\0\4\0\0\0<\0\0"),
         {**JPEG, "tables": "Photoshop, Save for Web 60", "editor": "Adobe Photoshop, Save for Web"}),
    *(Made(f"photoshop{quality}.jpg", lambda quality=quality: _photoshop(quality), {**JPEG, "tables": f"Photoshop {quality}"})
      for quality in range(13)),
    Made("camera.jpg",
         lambda: jpeg(qtables=[[5] * 9 + [6] * 55] * 2, exif=_exif(make="Nikon", model="NIKON D90", software="Ver.1.00")),
         {**JPEG, "tables": "camera: NIKON", "camera": "NIKON D90", "editor": "Ver.1.00"}),
]  # fmt: skip
_METADATA = [
    *(Made(f"turned{turn}.jpg", lambda turn=turn: jpeg(exif=_exif(orientation=turn)), {**JPEG, "orientation": turn})
      for turn in range(1, 9)),
    Made("icc.jpg", lambda: jpeg(icc_profile=SRGB), {**JPEG, "icc_profile": "sRGB built-in"}),
    Made("long.jpg", lambda: jpeg(icc_profile=SRGB + bytes(200_000)), {**JPEG, "icc_profile": "sRGB built-in"}),
    Made("gd.jpg", lambda: jpeg(comment=b"CREATOR: gd-jpeg v1.0 (using IJG JPEG v62), quality = 90\n"),
         {**JPEG, "editor": "CREATOR: gd-jpeg v1.0 (using IJG JPEG v62)"}),
    Made("xmp.jpg", lambda: jpeg(xmp=b"<x:xmpmeta><xmp:CreatorTool>GIMP 2.10</xmp:CreatorTool></x:xmpmeta>"),
         {**JPEG, "editor": "GIMP 2.10"}),
    Made("thumbnail.jpg", lambda: jpeg(exif=_exif_with_thumbnail(jpeg(COLOUR.resize((16, 16))))),
         {**JPEG, "thumbnail_bytes": len(jpeg(COLOUR.resize((16, 16)))), "orientation": 6}),
    *(Made(f"trailing{count}.jpg", lambda count=count: jpeg() + b"x" * count, {**JPEG, "trailing_bytes": count})
      for count in (1, 20, 5000, 70_000)),
    Made("false.JPEG", lambda: saved(COLOUR, "PNG"), {"format": "png", "named_format": "jpeg", "false_name": True, **SIZE}),
    Made("false.png", jpeg, {**JPEG, "named_format": "png", "false_name": True}),
    Made("nameless", jpeg, {**JPEG, "named_format": "", "false_name": False, "is_picture": True}),
]  # fmt: skip
_PNG = {"format": "png", "lossless": True, "broken": "", "trailing_bytes": 0, **SIZE}
_PNGS = [
    *(Made(f"{mode.lower().replace(';', '')}.png", lambda mode=mode: saved(COLOUR.convert(mode), "PNG"),
           {**_PNG, "mode": expected, "bit_depth": depth})
      for mode, expected, depth in (
          ("RGB", "colour", 8), ("L", "grey", 8), ("RGBA", "colour + alpha", 8), ("LA", "grey + alpha", 8), ("1", "grey", 1),
          ("P", "palette", 8), ("I;16", "grey", 16),
      )),
    Made("greys.png", lambda: saved(GREY.convert("RGB").quantize(16), "PNG"), {**_PNG, "mode": "palette of greys"}),
    Made("icc.png", lambda: saved(COLOUR, "PNG", icc_profile=SRGB), {**_PNG, "icc_profile": "ICC Profile"}),
    Made("software.png", _png_text, {**_PNG, "editor": "Paint 5"}),
    Made("trailing.png", lambda: saved(COLOUR, "PNG") + bytes(33), {**_PNG, "trailing_bytes": 33}),
    Made("animated.png", lambda: _animated("PNG"), {**_PNG, "n_frames": 3, "animated": True}),
]  # fmt: skip
_OTHERS = [
    Made("lossy.webp", lambda: saved(COLOUR, "WEBP"),
         {"format": "webp", "lossless": False, "subsampling": "4:2:0", "mode": "colour", "broken": "", **SIZE}),
    Made("exact.webp", lambda: saved(COLOUR, "WEBP", lossless=True),
         {"format": "webp", "lossless": True, "subsampling": "", **SIZE}),
    Made("alpha.webp", lambda: saved(COLOUR.convert("RGBA").rotate(9), "WEBP"),
         {"mode": "colour + alpha", "broken": "", **SIZE}),
    Made("animated.webp", lambda: _animated("WEBP"), {"n_frames": 3, "animated": True, "broken": "", **SIZE}),
    Made("icc.webp", lambda: saved(COLOUR, "WEBP", icc_profile=SRGB),
         {"icc_profile": "sRGB built-in", "subsampling": "4:2:0", **SIZE}),
    Made("trailing.webp", lambda: saved(COLOUR, "WEBP") + bytes(12), {"trailing_bytes": 12, "broken": "", **SIZE}),
    Made("one.gif", lambda: saved(COLOUR, "GIF"),
         {"format": "gif", "mode": "palette", "n_frames": 1, "animated": False, "broken": "", **SIZE}),
    Made("grey.gif", lambda: saved(GREY, "GIF"), {"mode": "palette of greys", "broken": "", **SIZE}),
    Made("animated.gif", lambda: _animated("GIF"), {"n_frames": 3, "animated": True, "broken": "", **SIZE}),
    Made("trailing.gif", lambda: saved(COLOUR, "GIF") + bytes(7), {"trailing_bytes": 7, "broken": "", **SIZE}),
    Made("420.avif", lambda: saved(COLOUR, "AVIF", subsampling="4:2:0", speed=10),
         {"format": "avif", "subsampling": "4:2:0", "bit_depth": 8, "mode": "colour", "broken": "", **SIZE}),
    Made("444.avif", lambda: saved(COLOUR, "AVIF", subsampling="4:4:4", speed=10),
         {"subsampling": "4:4:4", "broken": "", **SIZE}),
    Made("lzw.tif", lambda: saved(COLOUR, "TIFF", compression="tiff_lzw"),
         {"format": "tiff", "mode": "colour", "lossless": True, "bit_depth": 8, "n_frames": 1, "broken": "", **SIZE}),
    Made("pages.tif", lambda: _animated("TIFF"), {"n_frames": 3, "animated": False, "broken": "", **SIZE}),
    Made("jpeg.tif", lambda: saved(COLOUR, "TIFF", compression="jpeg"), {"lossless": False, "broken": "", **SIZE}),
    Made("big.tif", lambda: saved(COLOUR, "TIFF", big_tiff=True),
         {"format": "bigtiff", "named_format": "tiff", "false_name": False, "is_picture": True}),
    Made("av1.heif", lambda: saved(COLOUR, "AVIF", speed=10), {"format": "avif", "false_name": False, **SIZE}),
    Made("grey.tif", lambda: saved(GREY, "TIFF"), {"mode": "grey", "broken": "", **SIZE}),
    Made("colour.bmp", lambda: saved(COLOUR, "BMP"),
         {"format": "bmp", "mode": "colour", "lossless": True, "trailing_bytes": 0, "broken": "", **SIZE}),
    Made("palette.bmp", lambda: saved(COLOUR.quantize(16), "BMP"), {"mode": "palette", "broken": "", **SIZE}),
    Made("short.bmp", lambda: saved(COLOUR, "BMP")[:-50], {"broken": "the file ends before its pixels", **SIZE}),
]  # fmt: skip
_BROKEN = [
    Made("empty.jpg", lambda: b"", {"broken": "the file is empty", "is_picture": True, "format": ""}),
    Made("empty.txt", lambda: b"", {"is_picture": False}),
    Made("notes.txt", lambda: b"nothing to see", {"is_picture": False}),
    Made("page.jpg", lambda: b"\n<!DOCTYPE html><html>404</html>",
         {"format": "html", "broken": "an HTML page, no picture", "false_name": True, "is_picture": True}),
    Made("random.jpg", lambda: bytes(range(256)), {"broken": "no picture that is known, by its first bytes"}),
    Made("cut.jpg", lambda: jpeg(quality=95)[:-200], {"broken": "the file ends before its end of image", "jpeg_quality": 95}),
    Made("headless.jpg", lambda: jpeg()[:100], {"broken": "the file ends inside its headers"}),
    Made("endless.jpg", lambda: b"\xff\xd8\xff\xd9", {"broken": "the file ends inside its headers"}),
    Made("cut.png", lambda: saved(COLOUR, "PNG")[:-30], {"broken": "the file ends before its last chunk", **SIZE}),
    Made("wrong.png", _crc_broken, {"broken": "wrong checksum of its header"}),
    Made("cut.webp", lambda: saved(COLOUR, "WEBP")[:-9], {"broken": "the file ends before its pixels", **SIZE}),
    Made("cut.tif", lambda: saved(COLOUR, "TIFF")[:-1], {"broken": "the file ends before its pixels", **SIZE}),
    Made("cut_strips.tif", lambda: saved(COLOUR, "TIFF", strip_size=500)[:-1],
         {"broken": "the file ends before its pixels", **SIZE}),
    Made("cut.gif", lambda: saved(COLOUR, "GIF")[:-30], {"broken": "the file ends before its trailer"}),
    Made("sizeless.png", lambda: saved(COLOUR, "PNG")[:16] + bytes(4) + saved(COLOUR, "PNG")[20:],
         {"broken": "no valid size or colour type"}),
    Made("layers.psd", lambda: b"8BPS" + bytes(40), {"format": "psd", "is_picture": True, "broken": ""}),
    Made("archive.jpg", lambda: b"PK\x03\x04" + bytes(40), {"format": "zip", "broken": "zip, no picture", "false_name": True}),
]  # fmt: skip
MADE = [*_QUALITIES, *_GREY_QUALITIES, *_SAMPLINGS, *_CODINGS, *_TABLES, *_METADATA, *_PNGS, *_OTHERS, *_BROKEN]
