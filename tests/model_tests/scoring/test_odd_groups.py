"""Groups that nobody has in mind are ranked without an error, and as docs/using/side-by-side.md says."""

import io

import pytest
from PIL import Image

from genloss.model.errors import ImageError
from genloss.model.pairs.findings import PlanesInMemory
from genloss.model.pairs.planes import VersionPlanes
from genloss.model.scoring.ranker import Ranker
from tests.fixtures import saved


def _rank(scorer, files):
    scores = [scorer.score(data, with_fingerprint=True) for data in files]
    return Ranker(scorer.bundle).rank(scores, PlanesInMemory(lambda position: VersionPlanes.read(files[position])))


def test_one_file_is_first(scorer, cat):
    (only,) = _rank(scorer, [saved(cat, "PNG")])
    assert (only.place, only.descent, only.probability_closer_than_next) == (1, None, None)


def test_equal_files_share_a_place_and_need_no_parent(scorer, cat):
    data = saved(cat, "JPEG", quality=80)
    assert [(version.place, version.same, version.descent) for version in _rank(scorer, [data, data])] == [
        (1, None, None), (1, "file", None),
    ]  # fmt: skip


def test_nobody_descends_from_another_picture(scorer, cat, drawing):
    files = [saved(cat, "PNG"), saved(drawing, "PNG"), saved(cat, "JPEG", quality=60), saved(drawing, "JPEG", quality=60)]
    for version in _rank(scorer, files):
        assert version.picture == (1 if version.index % 2 == 0 else 2)
        assert version.descent is None or version.descent.parent % 2 == version.index % 2


@pytest.mark.parametrize("size", [(451, 8), (8, 300), (20, 20)])
def test_strips_and_stamps_are_ranked(scorer, cat, size):
    small = cat.resize(size)
    ranked = _rank(scorer, [saved(small, "PNG"), saved(small, "JPEG", quality=30), saved(cat, "JPEG", quality=90)])
    assert sorted(version.index for version in ranked) == [0, 1, 2]


@pytest.mark.parametrize("size", [(451, 1), (1, 300), (451, 7)])
def test_lines_of_pixels_are_refused(scorer, cat, size):
    with pytest.raises(ImageError, match="both sides must be at least 8"):
        scorer.score(saved(cat.resize(size), "PNG"), with_fingerprint=True)


def test_huge_is_compared_with_tiny(scorer, cat):
    large = cat.resize((cat.width * 4, cat.height * 4), Image.Resampling.BICUBIC)
    ranked = _rank(scorer, [saved(cat.resize((90, 60)), "PNG"), saved(large, "JPEG", quality=90)])
    assert sorted(version.index for version in ranked) == [0, 1]


def test_the_first_frame_of_an_animation_counts(scorer, cat, drawing):
    stream = io.BytesIO()
    cat.save(stream, "WEBP", save_all=True, append_images=[drawing.resize(cat.size)], lossless=True)
    ranked = _rank(scorer, [saved(cat, "JPEG", quality=40), stream.getvalue()])
    assert [version.picture for version in ranked] == [1, 1]
    assert ranked[0].index == 1


def test_transparency_is_laid_over_white(scorer, cat):
    layer = cat.convert("RGBA")
    layer.putalpha(Image.linear_gradient("L").resize(cat.size))
    flat = Image.alpha_composite(Image.new("RGBA", cat.size, "white"), layer).convert("RGB")
    ranked = _rank(scorer, [saved(flat, "JPEG", quality=50), saved(layer, "PNG"), saved(flat, "PNG")])
    assert [version.picture for version in ranked] == [1, 1, 1]
    assert ranked[-1].index == 0
