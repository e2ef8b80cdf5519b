"""A damaged colour profile says nothing about pixels: the file has those of the file without it, on every path."""

import numpy as np
import pytest

from genloss.archive.look import take_look
from genloss.model.errors import ImageTruncatedError
from genloss.model.explanations.reasons import find_reasons
from genloss.model.images import turbojpeg
from genloss.model.images.decode import decode
from genloss.model.images.jpeg_planes import chroma_as_stored, first_complaint
from tests.fixtures import saved

# Part 2 of 1; and part 0, behind a fill byte.
PROFILES = [b"\xff\xe2\x00\x14ICC_PROFILE\0\2\1xxxx", b"\xff\xff\xe2\x00\x14ICC_PROFILE\0\0\1xxxx"]


@pytest.fixture(scope="module")
def clean(cat):
    return saved(cat, "JPEG", quality=80)


def _with(profile, data):
    return data[:2] + profile + data[2:]


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("has_library", [True, False])
def test_the_pixels_are_those_of_the_file_without_the_profile(clean, profile, has_library, monkeypatch):
    if not has_library:
        monkeypatch.setattr(turbojpeg, "_library", lambda: None)
    expected, found = decode(clean), decode(_with(profile, clean))
    assert np.array_equal(found.rgb, expected.rgb)
    assert np.array_equal(found.luma, expected.luma)
    assert np.array_equal(chroma_as_stored(_with(profile, clean), (2, 2)), chroma_as_stored(clean, (2, 2)))


def test_reasons_and_scans_take_such_a_file(clean):
    data = _with(PROFILES[0], clean)
    assert [reason.code for reason in find_reasons(decode(data))] == [reason.code for reason in find_reasons(decode(clean))]
    assert take_look(data).pixels_sha256 is not None


def test_the_profile_hides_no_damage(clean):
    cut = _with(PROFILES[0], clean[: len(clean) // 2] + b"\xff\xd9")
    assert "premature end of data segment" in first_complaint(cut)
    with pytest.raises(ImageTruncatedError):
        decode(cut)
