"""Versions in order: places, odds, equal pixels, and pictures that are not compared."""

import numpy as np
import pytest
from PIL import Image

from genloss.model.scoring import ranker as ranking
from genloss.model.scoring.order import likeliest_order
from genloss.model.scoring.ranked import may_be_discarded, place_classes
from genloss.model.scoring.ranker import Ranker
from tests.fixtures import ROOT, saved

CAT = ROOT / "samples/cat"


@pytest.fixture(scope="module")
def ranker(scorer):
    return Ranker(scorer.bundle)


def _scored(scorer, *files):
    return [scorer.score(data if isinstance(data, bytes) else data.read_bytes(), with_fingerprint=True) for data in files]


def test_without_fingerprints_equal_versions_keep_their_input_order(scorer, ranker):
    score = scorer.score_file(CAT / "original.jpg")
    assert np.array_equal(ranker.log_odds([score] * 3), np.zeros((3, 3)))
    ranked = ranker.rank([score] * 3)
    assert [(version.index, version.place) for version in ranked] == [(0, 1), (1, 2), (2, 3)]
    assert [version.probability_closer_than_next for version in ranked] == [0.5, 0.5, None]
    assert [version.too_close_to_call for version in ranked] == [True, True, False]


@pytest.mark.parametrize("name", ["cat", "drawing", "screenshot"])
def test_the_original_of_each_sample_ranks_first_whatever_the_input_order(scorer, ranker, name):
    paths = sorted((ROOT / "samples" / name).iterdir())
    scores = _scored(scorer, *paths)
    orders = []
    for shift in range(3):
        turned = np.roll(np.arange(len(paths)), shift)
        ranked = ranker.rank([scores[index] for index in turned])
        assert {version.picture for version in ranked} == {1}
        orders.append([paths[turned[version.index]].name for version in ranked])
    assert orders[0][0].startswith("original.")
    assert orders[0] == orders[1] == orders[2]


def test_one_version_has_no_neighbour_and_none_has_no_place(scorer, ranker):
    (only,) = ranker.rank(_scored(scorer, CAT / "original.jpg"))
    assert (only.picture, only.place, only.probability_closer_than_next, only.too_close_to_call) == (1, 1, None, False)
    assert not may_be_discarded(only, 0.5)
    assert ranker.rank([]) == []


def test_stated_odds_are_calibrated_log_odds():
    log_odds = np.array([[0.0, -1.2, -1.6], [1.2, 0.0, -0.4], [1.6, 0.4, 0.0]])
    first, second, third = place_classes(log_odds, [2, 1, 1], likeliest_order(log_odds))
    assert [first[:2], second[:2], third[:2]] == [(1, 0), (3, 1), (4, 2)]  # the first place is shared by two
    assert first[2:] == (pytest.approx(1 / (1 + np.exp(-1.2))), None)
    assert second[2:] == (pytest.approx(1 / (1 + np.exp(-0.4))), pytest.approx(1 / (1 + np.exp(-1.2))))
    assert third[2:] == (None, pytest.approx(1 / (1 + np.exp(-1.6))))


def test_equal_pixels_share_a_place_and_count_once_whatever_their_container(scorer, ranker):
    with Image.open(CAT / "laundered.png") as picture:
        webp, bmp = saved(picture, "WEBP", lossless=True), saved(picture, "BMP")
    original = (CAT / "original.jpg").read_bytes()
    files = [CAT / "messenger.jpg", CAT / "laundered.png", original, webp, bmp, original]
    for order in ([0, 1, 2, 3, 4, 5], [4, 5, 3, 2, 1, 0]):
        ranked = ranker.rank(_scored(scorer, *(files[index] for index in order)))
        places = {order[version.index]: version.place for version in ranked}
        assert places == {2: 1, 5: 1, 1: 3, 3: 3, 4: 3, 0: 6}
        same = {order[version.index]: version.same for version in ranked}
        assert sorted(filter(None, (same[2], same[5]))) == ["file"]
        assert sorted(filter(None, (same[1], same[3], same[4]))) == ["pixels", "pixels"]
        assert all(may_be_discarded(version, 1.0) == (version.same is not None) for version in ranked)


def test_pixels_that_only_look_equal_after_decoding_are_not_called_so(scorer, ranker):
    white = Image.new("RGB", (80, 64), "white")
    clear = white.convert("RGBA")
    clear.putpixel((3, 4), (255, 255, 255, 0))
    deep = Image.fromarray((65535 - np.arange(64 * 80) % 200).astype(np.uint16).reshape(64, 80))
    for other in (clear, deep):
        scores = _scored(scorer, saved(white, "PNG"), saved(other, "PNG"))
        assert {version.same for version in ranker.rank(scores)} == {None}


def test_different_pictures_are_ranked_apart_the_largest_group_first(scorer, ranker):
    drawing, cat = ROOT / "samples/drawing", CAT
    files = [
        drawing / "messenger.jpg",
        cat / "messenger.jpg",
        cat / "original.jpg",
        drawing / "original.png",
        cat / "shrunk.png",
    ]
    ranked = ranker.rank(_scored(scorer, *files))
    assert [(version.picture, version.place) for version in ranked] == [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2)]
    assert [files[version.index].parent.name for version in ranked] == ["cat"] * 3 + ["drawing"] * 2
    assert [version.probability_closer_than_next is None for version in ranked] == [False, False, True, False, True]


def test_judging_in_portions_changes_nothing(scorer, ranker, monkeypatch):
    scores = [scorer.score_file(path) for path in sorted(CAT.iterdir())]
    whole = ranker.log_odds(scores)
    monkeypatch.setattr(ranking, "PAIRS_PER_RUN", 5)
    assert ranker.log_odds(scores) == pytest.approx(whole, abs=1e-4)


def test_memory_grows_with_the_files_and_not_with_their_pairs(scorer, ranker, monkeypatch):
    """Evidence is a kilobyte or more a version: of both sides of all pairs of 1,000 versions it would be gigabytes."""
    largest = []
    session = ranker._session

    class Watched:
        def run(self, names, inputs):
            largest.append(sum(one.nbytes for one in inputs.values()))
            return session.run(names, inputs)

    monkeypatch.setattr(ranker, "_session", Watched())
    score = scorer.score_file(CAT / "messenger.jpg")
    ranker.log_odds([score] * 220)
    assert len(largest) > 10
    assert max(largest) <= 2 * ranking.PAIRS_PER_RUN * score.evidence.nbytes
