"""Metadata that only the file put away has: found in every container, and written beside the kept file first."""

import io
import struct

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from genloss.archive.picture_metadata import InseparableError, picture_metadata
from tests.archive_tests.conftest import results

XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rating>5</rating></x:xmpmeta>'
ICC = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
# One directory, whose one entry points to the directory of EXIF.
TIFF_WITH_EXIF = b"II*\0" + struct.pack("<IHHHIII", 8, 1, 34665, 4, 1, 26, 0) + bytes(6)


def _exif() -> bytes:
    exif = Image.Exif()
    exif[0x0132] = "2001:09:09 01:46:40"
    return exif.tobytes()


def _picture(image_format: str, **options: object) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (32, 24), (200, 30, 90)).save(stream, image_format, **options)
    return stream.getvalue()


def _png() -> bytes:
    text = PngImagePlugin.PngInfo()
    text.add_itxt("XML:com.adobe.xmp", XMP.decode(), zip=True)
    return _picture("PNG", exif=_exif(), icc_profile=ICC, pnginfo=text)


@pytest.mark.parametrize("image_format", ["jpeg", "png", "webp", "avif"])
def test_exif_xmp_and_profiles_are_found(image_format):
    data = _png() if image_format == "png" else _picture(image_format, exif=_exif(), icc_profile=ICC, xmp=XMP)
    found = picture_metadata(data, image_format)
    assert found["exif"] == _exif().removeprefix(b"Exif\0\0")
    assert found["xmp"] == XMP
    assert found["icc"] == ICC
    for end in range(0, len(data), 7):  # damage raises nothing
        picture_metadata(data[:end], image_format)


def test_long_profiles_and_xmp_come_in_parts():
    profile = ICC + bytes(100_000)
    profile = struct.pack(">I", len(profile)) + profile[4:]
    assert picture_metadata(_picture("JPEG", icc_profile=profile), "jpeg")["icc"] == profile
    guid, pieces = b"A" * 32, [b"first", b"second"]
    start = b"http://ns.adobe.com/xmp/extension/\0" + guid
    parts = [start + struct.pack(">II", 11, at) + piece for at, piece in zip((0, 5), pieces)]
    segments = b"".join(b"\xff\xe1" + struct.pack(">H", 2 + len(part)) + part for part in reversed(parts))
    plain = _picture("JPEG")
    assert picture_metadata(plain[:2] + segments + plain[2:], "jpeg")["extended.xmp"] == b"firstsecond"


def test_padding_between_the_segments_of_a_jpeg_hides_nothing():
    data = _picture("JPEG", exif=_exif())
    at = data.index(b"\xff\xe1")
    assert picture_metadata(data[:at] + b"\xff\xff" + data[at:], "jpeg")["exif"] == _exif().removeprefix(b"Exif\0\0")


def test_profiles_that_older_programs_wrote_as_texts_of_a_png_are_found():
    exif, xmp, iptc = _exif(), b"http://ns.adobe.com/xap/1.0/\0" + XMP, b"8BIM\4\4"
    for name, content, kind, found in (
        ("exif", exif, "exif", exif.removeprefix(b"Exif\0\0")), ("iptc", iptc, "iptc", iptc), ("APP1", xmp, "xmp", XMP),
    ):  # fmt: skip
        text = f"\n{name}\n{len(content):8}\n{content.hex()}\n"
        for packed in (True, False):
            info = PngImagePlugin.PngInfo()
            info.add_text(f"Raw profile type {name}", text, zip=packed)
            assert picture_metadata(_picture("PNG", pnginfo=info), "png") == {kind: found}
    info = PngImagePlugin.PngInfo()
    info.add_text("Raw profile type mystery", "\nmystery\n 1\n00\n")
    with pytest.raises(InseparableError, match="mystery"):
        picture_metadata(_picture("PNG", pnginfo=info), "png")


def test_tiff_with_exif_cannot_be_taken_apart():
    with pytest.raises(InseparableError):
        picture_metadata(TIFF_WITH_EXIF, "tiff")
    assert picture_metadata(_picture("TIFF", icc_profile=ICC), "tiff") == {"icc": ICC}


def test_metadata_is_carried_before_the_file_goes_and_undo_takes_it_away(empty):
    kept = empty.file("kept.png", _picture("PNG", icc_profile=ICC))
    loser = empty.file("loser.jpg", _picture("JPEG", exif=_exif(), icc_profile=ICC))
    plain = empty.file("plain.jpg", _picture("JPEG"))
    empty.group(kept, loser, plain)
    before = empty.look()
    (done, nothing) = empty.apply(carry_metadata=True)
    (sidecar,) = done.sidecars
    assert nothing.sidecars == ()
    assert sidecar.parent == kept.parent
    assert sidecar.name.startswith("kept.png.")
    assert sidecar.name.endswith(".exif")
    assert sidecar.read_bytes() == _exif().removeprefix(b"Exif\0\0")
    empty.undo()
    assert empty.look() == before


def test_a_sidecar_that_was_edited_stays(empty):
    kept = empty.file("kept.png", _picture("PNG"))
    empty.group(kept, empty.file("loser.jpg", _picture("JPEG", xmp=XMP)))
    (done,) = empty.apply(carry_metadata=True)
    done.sidecars[0].write_text("edited")
    assert results(empty.undo()) == [("loser.jpg", "restored")]
    assert done.sidecars[0].read_text() == "edited"
    assert results(empty.apply(carry_metadata=True)) == [("loser.jpg", "metadata_not_carried")]


def test_a_file_whose_metadata_cannot_be_carried_stays(empty):
    empty.group(empty.file("kept.png", _picture("PNG")), empty.file("loser.tif", TIFF_WITH_EXIF))
    before = empty.look()
    assert results(empty.apply(carry_metadata=True)) == [("loser.tif", "metadata_not_carried")]
    assert empty.look() == before
    assert results(empty.apply()) == [("loser.tif", "done")]


def test_a_sidecar_that_cannot_be_written_leaves_nothing_to_settle(empty):
    kept = empty.file("k" * 240 + ".png", _picture("PNG"))  # the sidecar's name would be too long
    empty.group(kept, empty.file("loser.jpg", _picture("JPEG", exif=_exif())))
    before = empty.look()
    assert results(empty.apply(carry_metadata=True)) == [("loser.jpg", "action_failed")]
    assert empty.undo() == []
    assert empty.look() == before
