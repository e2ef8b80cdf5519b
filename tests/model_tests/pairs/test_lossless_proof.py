"""JPEGs turned without decoding are ties, and what was cut out of a JPEG without decoding is proved."""

import io

import numpy as np
import pytest
from PIL import Image

from genloss.model.images.turbojpeg import installed
from genloss.model.pairs.findings import Finding, find
from genloss.model.pairs.planes import VersionPlanes
from genloss.model.scoring.bundle import load_bundle
from genloss.model.scoring.ranker import Ranker
from genloss.model.scoring.scorer import Scorer
from tests.fixtures import ROOT, saved

pytestmark = pytest.mark.skipif(not installed(), reason="needs libturbojpeg")
TURNS = "mirrored", "flipped", "transposed", "transversed", "turned_90", "turned_180", "turned_270"


@pytest.fixture(scope="module")
def transform():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "benchmarks/accuracy")
        from jpeg_transforms import transform_jpeg
    return transform_jpeg


def _jpeg(picture, size=(320, 224), **options):
    return saved(picture.resize((480, 320)).crop((0, 0, *size)), "JPEG", **{"quality": 88, **options})


def _find(first, second):
    finding = find(VersionPlanes.read(first), VersionPlanes.read(second))
    assert isinstance(finding, Finding)
    return finding


def test_turned_blocks_are_the_same(cat, transform):
    whole = _jpeg(cat)
    for name in TURNS:
        assert _find(whole, transform(whole, name)).equal, name


@pytest.mark.parametrize("options", [{"quality": 96, "subsampling": 0}, {"subsampling": 1}], ids=str)
def test_turned_blocks_are_the_same_with_any_steps_and_chroma(cat, transform, options):
    whole = _jpeg(cat, **options)
    finding = _find(transform(whole, "turned_90"), whole)
    assert finding.equal
    assert finding.made is finding.made_backwards is None


def test_the_larger_one_of_cut_blocks_is_the_parent(cat, transform):
    whole = _jpeg(cat, (317, 219))
    parts = [transform(whole, name) for name in ("turned_180", "turned_270")]
    for part in [*parts, transform(whole, "turned_90", (21, 37, 171, 203))]:
        finding = _find(whole, part)
        assert finding.made is not None
        assert finding.made.rule == "cut out"
        assert not finding.equal
        assert finding.made_backwards is None
        assert _find(part, whole).made is None


def test_saved_again_is_neither(cat):
    """Turned or cut after decoding, at other places than whole blocks or with other tables."""
    whole = _jpeg(cat)
    with Image.open(io.BytesIO(whole)) as opened:
        mirrored = opened.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        finer, same = saved(mirrored, "JPEG", quality=92), saved(opened.crop((5, 3, 225, 163)), "JPEG", quality=88)
    assert not _find(whole, finer).equal
    made = _find(whole, same).made
    assert made is None or "without decoding" not in made.sentence


def test_a_ranking_calls_turned_blocks_a_tie(cat, transform):
    scorer, ranker = Scorer(), Ranker(load_bundle(Scorer().bundle.folder))
    whole = _jpeg(cat)
    files = [whole, transform(whole, "turned_90"), _jpeg(cat, quality=40)]
    planes = [VersionPlanes.read(data) for data in files]
    ranked = ranker.rank(
        [scorer.score(data) for data in files], lambda pairs: [find(planes[one], planes[other]) for one, other in pairs]
    )
    assert ranked[2].index == 2
    assert np.isclose(ranked[1].probability_worse_than_first, 0.5)
    assert ranked[0].too_close_to_call
    assert ranked[2].probability_worse_than_first > 0.9
