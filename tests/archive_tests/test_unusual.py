"""Facts and neighbours that make a picture unusual; versions among pictures too small to be laid on each other."""

import numpy as np
import pytest

from genloss.archive.contents import Content
from genloss.archive.groups import Ranked
from genloss.archive.local_words import NO_WORDS
from genloss.archive.look import Look
from genloss.archive.tiny_alike import pair_tiny
from genloss.archive.unusual import find_unusual


def look(plane, width=None, height=None, **facts):
    """A look with that thumbnail."""
    fields = {"is_damaged": False, "is_plain": False, "colour_levels": 60} | facts
    height, width = height or plane.shape[0], width or plane.shape[1]
    hashes = np.zeros((0, 32), np.uint8)
    return Look("png", width, height, 1, False, pixels_sha256=None, hashes=hashes, words=NO_WORDS, thumbnail=plane, **fields)


def scenes(n, seed=0, side=32):
    """Smooth random planes, as photographs are."""
    draw = np.random.default_rng(seed)
    found = []
    for _ in range(n):
        coarse = draw.uniform(20, 235, (6, 6))
        rows = np.linspace(0, 4.999, side)
        low, part = rows.astype(int), rows % 1
        wide = coarse[low] * (1 - part)[:, None] + coarse[low + 1] * part[:, None]
        plane = wide[:, low] * (1 - part) + wide[:, low + 1] * part
        found.append(np.clip(plane + draw.normal(0, 3, plane.shape), 0, 255).astype(np.uint8))
    return found


def unusual(looks, stars=()):
    return find_unusual([Content((), one) for one in looks], list(stars))


def test_rare_facts_are_said_with_their_values():
    usual = [look(plane, 640, 480) for plane in scenes(60)]
    flat = np.full((32, 32), 90, np.uint8)
    odd = [
        look(flat, 640, 480, is_plain=True, colour_levels=0), look(scenes(1, 1)[0], 30, 30), look(scenes(1, 2)[0], 2000, 300),
        look(scenes(1, 3)[0], 640, 480, is_damaged=True),
    ]  # fmt: skip
    found = unusual([*usual, *odd])
    assert found[60] == ("of one colour",)
    assert "tiny: 30 x 30 px" in found[61]
    assert any("6.7 times as long" in sentence for sentence in found[62])
    assert any("damaged" in sentence for sentence in found[63])


def test_icons_are_not_unusual_among_icons():
    assert not any(
        "tiny" in sentence for found in unusual([look(plane) for plane in scenes(50)]).values() for sentence in found
    )


def test_a_small_cluster_that_nothing_resembles_is_unusual():
    pages = []
    for number in range(4):
        page = np.full((32, 32), 255, np.uint8)
        page[2 + number : 30 : 4, 3:29] = 0
        pages.append(look(page, 640, 480, colour_levels=0))
    usual = [look(plane, 640, 480) for plane in scenes(200)]
    found = unusual([*usual, *pages], [Ranked([200, 201, 202, 203], {})])
    assert {200, 201, 202, 203} <= set(found)
    assert found[201][0].startswith("one of 4 versions of a picture like no other")
    assert len(found) <= 10


def test_few_pictures_say_nothing_of_each_other():
    assert unusual([look(plane) for plane in scenes(8)]) == {}
    assert unusual([]) == {}


def test_tiny_versions_are_found_upright_and_mirrored():
    planes = scenes(80)
    toned = np.clip(planes[3] * 0.8 + 20, 0, 255).astype(np.uint8)
    found = pair_tiny([look(plane) for plane in [*planes, toned, planes[5][:, ::-1].copy()]])
    assert [(pair.first, pair.second, pair.is_mirrored) for pair in found] == [(3, 80, False), (5, 81, True)]


def test_a_tiny_symmetric_picture_is_not_called_mirrored():
    symmetric = (scenes(1, 3)[0].astype(int) + scenes(1, 3)[0][:, ::-1]) // 2
    noisy = np.clip(symmetric + np.random.default_rng(1).normal(0, 3, symmetric.shape), 0, 255)
    (pair,) = pair_tiny([look(plane.astype(np.uint8)) for plane in (*scenes(80), symmetric, noisy)])
    assert not pair.is_mirrored


@pytest.mark.parametrize("frame", [3])
def test_frames_alone_are_no_likeness(frame):
    framed = []
    for plane in scenes(60, 7):
        bars = np.zeros_like(plane)
        bars[frame:-frame, frame:-frame] = plane[frame:-frame, frame:-frame]
        framed.append(look(bars))
    assert pair_tiny(framed) == []


def test_where_all_resemble_each_other_more_is_asked_for():
    draw = np.random.default_rng(4)
    shape = scenes(1, 9)[0].astype(float)
    alike = [look(np.clip(shape + draw.normal(0, 8, shape.shape), 0, 255).astype(np.uint8)) for _ in range(40)]
    assert pair_tiny(alike) == []
