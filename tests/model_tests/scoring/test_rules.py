"""What decides before any model is asked."""

import io
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from genloss.model.errors import ImageError
from genloss.model.images.decode import decode
from genloss.model.images.facts import read_facts
from genloss.model.pairs.findings import PlanesInMemory
from genloss.model.pairs.planes import VersionPlanes
from genloss.model.scoring.ranker import Ranker, may_be_discarded
from genloss.model.scoring.rules import CERTAIN
from tests.fixtures import saved


@pytest.fixture(scope="module")
def ranker(scorer):
    return Ranker(scorer.bundle)


def _ranked(scorer, ranker, *files):
    """Places, by input position, laid on each other as `rank` does."""
    scores = [scorer.score(data, with_fingerprint=True) for data in files]
    ranked = ranker.rank(scores, PlanesInMemory(lambda position: VersionPlanes.read(files[position])))
    return {version.index: version for version in ranked}


def _rotten(data: bytes) -> bytes:
    """With 24 bytes overwritten in the middle, so that it is damaged and still decodes."""
    at, generator = len(data) // 2, np.random.default_rng(22)
    while True:
        rotten = data[:at] + generator.integers(0, 255, 24, np.uint8).tobytes() + data[at + 24 :]
        with suppress(ImageError):
            facts = read_facts(decode(rotten))
            if facts.damaged_from is not None:
                return rotten


def test_a_damaged_version_never_stands_before_an_intact_one(cat, scorer, ranker):
    whole = saved(cat, "JPEG", quality=95)
    rotten = _rotten(whole)
    poor = saved(Image.open(io.BytesIO(whole)), "JPEG", quality=12)
    for files in ((rotten, poor, whole), (poor, whole, rotten)):
        found = _ranked(scorer, ranker, *files)
        last = found[files.index(rotten)]
        assert last.place == 3
        assert last.rule.startswith("damaged from")
        assert {version.picture for version in found.values()} == {1}
        assert last.probability_worse_than_first > 0.999
        assert last.descent is None or last.descent.parent != last.index
        assert {found[files.index(one)].rule for one in (poor, whole)} == {None}
        assert found[files.index(whole)].place == 1
        assert may_be_discarded(last, 0.99)


def test_the_rule_holds_in_every_way_to_compare(cat, scorer, ranker):
    whole = saved(cat, "JPEG", quality=30)
    good, bad = (scorer.score(data, with_fingerprint=True) for data in (whole, _rotten(saved(cat, "JPEG", quality=98))))
    assert ranker.compare(bad, good, None) >= CERTAIN
    assert ranker.compare(good, bad, None) == -ranker.compare(bad, good, None)
    worse = [replace(bad, facts=replace(bad.facts, damaged_from=None, damaged_share=None)), good]
    assert [version.index for version in ranker.rank(worse)] == [1, 0]
    assert ranker.rank(worse)[1].rule == "damaged"


def test_damaged_versions_among_themselves_are_for_the_models(cat, scorer, ranker):
    files = [_rotten(saved(cat, "JPEG", quality=quality)) for quality in (95, 40)]
    assert {version.rule for version in _ranked(scorer, ranker, *files).values()} == {None}
