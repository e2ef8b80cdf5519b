"""Groups of versions that benchmarks/accuracy/how_sure.py measures odds on: who is closer is right, or not said."""

import importlib
import itertools
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.fixtures import ROOT


@pytest.fixture(scope="module")
def groups() -> Any:
    """The benchmark's module; its folder is no package."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "benchmarks/accuracy")
        yield importlib.import_module("groups")


def _version(groups: ModuleType, parent: int, strength: float, error: float | None = 1.0, **changed: Any) -> Any:
    """A JPEG of quality 100 - strength of one program and sampling, unless something is changed."""
    given = {"kind": "jpeg", "program": "pillow", "settings": ("4:2:0",), "strength": strength} | changed
    return groups.Version(b"", parent, groups.Edit(**given), error)


def _both_ways(groups: ModuleType, versions: list[Any], first: int, second: int) -> Any:
    """The answer, which may not depend on who is named first."""
    found = groups.known_order(versions, first, second)
    assert groups.known_order(versions, second, first) == found
    return found


def test_an_ancestor_is_closer_than_all_that_was_made_of_it(groups):
    versions = [groups.Version(b"", None, None, None), _version(groups, 0, 30), _version(groups, 1, 5), _version(groups, 2, 60)]
    for closer, other in itertools.combinations(range(4), 2):
        assert _both_ways(groups, versions, closer, other) == (closer, "ancestor")


def test_of_two_siblings_that_differ_in_strength_alone_the_milder_is_closer(groups):
    versions = [groups.Version(b"", None, None, None), _version(groups, 0, 40, error=9.0), _version(groups, 0, 20, error=4.0)]
    assert _both_ways(groups, versions, 1, 2) == (2, "sibling")
    of_one_parent = [*versions, _version(groups, 1, 10, error=1.0), _version(groups, 1, 25, error=2.0)]
    assert _both_ways(groups, of_one_parent, 3, 4) == (3, "sibling")


@pytest.mark.parametrize(
    "changed",
    [
        {"strength": 22},  # too near
        {"program": "simplejpeg"},
        {"settings": ("4:4:4",)},
        {"kind": "webp"},
        {"error": 1.0},  # harsher, but nearer to the parent: its own quality again
    ],
)
def test_nobody_can_say_which_of_two_siblings_is_closer_where_more_than_the_strength_differs(groups, changed):
    given = {"strength": 40.0, "error": 9.0} | changed
    versions = [groups.Version(b"", None, None, None), _version(groups, 0, 20, error=4.0), _version(groups, 0, **given)]
    assert _both_ways(groups, versions, 1, 2) is None


def test_siblings_of_a_kind_without_an_order_and_cousins_have_none(groups):
    enlarged = [_version(groups, 0, strength, None, kind="enlarged", settings=(0,)) for strength in (0.3, 1.4)]
    versions = [groups.Version(b"", None, None, None), *enlarged, _version(groups, 1, 60), _version(groups, 2, 5)]
    assert _both_ways(groups, versions, 1, 2) is None
    assert _both_ways(groups, versions, 3, 4) is None
    assert _both_ways(groups, versions, 2, 3) is None  # an uncle


def test_made_groups_have_an_order_that_no_pixel_contradicts(groups, clean_cat):
    n_ancestors = n_siblings = 0
    for seed in range(4):
        versions = groups.make_group(clean_cat, np.random.default_rng(seed))
        assert [version.parent is None for version in versions] == [True] + [False] * (len(versions) - 1)
        assert all(version.parent < place for place, version in enumerate(versions) if version.parent is not None)
        pictures = [np.asarray(groups.pixels(version.data), np.float32) for version in versions]
        for first, second in itertools.combinations(range(len(versions)), 2):
            found = _both_ways(groups, versions, first, second)
            if found is None:
                continue
            closer, other = found[0], first + second - found[0]
            n_ancestors += found[1] == "ancestor"
            n_siblings += found[1] == "sibling"
            if found[1] == "ancestor":
                assert closer < other
                continue
            parent = pictures[versions[closer].parent]
            if parent.shape == pictures[closer].shape == pictures[other].shape:
                assert ((pictures[closer] - parent) ** 2).mean() < ((pictures[other] - parent) ** 2).mean()
            else:  # shrunk or cropped: what is left of the picture
                assert pictures[closer].size >= pictures[other].size
    assert n_ancestors >= 20
    assert n_siblings >= 2


def test_originals_are_clean_and_large_enough(groups, tmp_path, drawing):
    drawing.save(tmp_path / "exact.png")
    drawing.save(tmp_path / "lossy.jpg", quality=90)
    drawing.save(tmp_path / "lossless.webp", lossless=True, method=0, quality=0)
    Image.new("RGB", (100, 900)).save(tmp_path / "narrow.png")
    found = {name: picture.size for name, picture in groups.read_originals(tmp_path)}
    assert found == {"exact": (600, 570), "lossless": (600, 570), "lossy": (300, 285)}
