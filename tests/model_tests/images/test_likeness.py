"""The same picture is recognised in every disguise; different pictures are told apart."""

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageOps

from genloss.model.images.decode import decode
from genloss.model.images.fingerprint import THUMBNAIL_PX, average_areas, integral, take_fingerprint
from genloss.model.images.likeness import group_by_picture, shows_same_picture
from tests.fixtures import ROOT, saved

SUBJECTS = ("cat/original.jpg", "drawing/original.png", "screenshot/original.png")


def _thumbnail(picture, image_format="PNG", **options):
    data = saved(picture, image_format, **options)
    return take_fingerprint(data, decode(data)).thumbnail


def _framed(picture):
    frame = Image.new("RGB", (picture.width * 13 // 10, picture.height * 3 // 2), "black")
    frame.paste(picture, (picture.width // 8, picture.height // 5))
    return frame


def _cropped(picture, share):
    width, height = (round(side * (1 - share) ** 0.5) for side in picture.size)
    left, top = picture.width - width, (picture.height - height) // 3
    return picture.crop((left, top, left + width, top + height))


DISGUISES = {
    "JPEG 15": lambda picture: picture,
    "six times smaller": lambda picture: picture.resize((picture.width // 6, picture.height // 6)),
    "8 colours": lambda picture: picture.quantize(8).convert("RGB"),
    "bilevel": lambda picture: picture.convert("1").convert("RGB"),
    "gamma": lambda picture: Image.fromarray((255 * (np.asarray(picture) / 255) ** 0.5).astype(np.uint8)),
    "grey, more contrast": lambda picture: ImageEnhance.Contrast(picture.convert("L").convert("RGB")).enhance(1.6),
    "a tenth cropped": lambda picture: _cropped(picture, 0.1),
    "half cropped": lambda picture: _cropped(picture, 0.5),
    "framed": _framed,
    "turned": lambda picture: picture.rotate(90, expand=True),
    "upside down": lambda picture: picture.rotate(180),
    "mirrored": ImageOps.mirror,
    "squeezed": lambda picture: picture.resize((picture.width * 6 // 5, picture.height)),
}


@pytest.mark.parametrize("disguise", DISGUISES)
@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_picture_is_recognised_in_every_disguise(subject, disguise):
    picture = Image.open(ROOT / "samples" / subject).convert("RGB")
    original, other = _thumbnail(picture), _thumbnail(DISGUISES[disguise](picture), "JPEG", quality=15)
    assert shows_same_picture(original, other)
    assert shows_same_picture(other, original)


@pytest.mark.parametrize("disguise", ["JPEG 15", "half cropped", "turned", "framed"])
def test_different_pictures_are_told_apart(disguise):
    pictures = [Image.open(ROOT / "samples" / subject).convert("RGB") for subject in SUBJECTS]
    thumbnails = [_thumbnail(picture) for picture in pictures]
    for index, picture in enumerate(pictures):
        disguised = _thumbnail(DISGUISES[disguise](picture), "JPEG", quality=15)
        assert [shows_same_picture(other, disguised) for other in thumbnails] == [number == index for number in range(3)]


def test_groups_are_numbered_by_size_then_by_appearance(cat, drawing):
    thumbnails = [_thumbnail(drawing), _thumbnail(cat), _thumbnail(cat.resize((300, 200))), _thumbnail(ImageOps.mirror(cat))]
    assert group_by_picture(thumbnails, [100, 50, 20, 50], most=8) == [1, 0, 0, 0]
    # Beyond the most pictures nothing is compared any more, and nothing is claimed either.
    assert group_by_picture(thumbnails, [100, 50, 20, 50], most=1) == [0, 1, 2, 3]


@pytest.mark.parametrize("size", [(8, 8), (8, 400), (30, 9)])
def test_tiny_and_narrow_pictures_have_thumbnails_too(cat, size):
    thumbnail = _thumbnail(cat.resize(size))
    assert max(thumbnail.shape) <= THUMBNAIL_PX
    assert shows_same_picture(thumbnail, thumbnail)


def test_areas_are_averaged_by_their_shares():
    plane = np.arange(12.0).reshape(3, 4)
    assert average_areas(integral(plane), 3, 4) == pytest.approx(plane)
    assert average_areas(integral(plane), 1, 1) == pytest.approx(np.array([[5.5]]))
    assert average_areas(integral(plane), 2, 4)[0] == pytest.approx((plane[0] + plane[1] / 2) / 1.5)
