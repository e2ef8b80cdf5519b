"""Finds pictures that are probably no good: nearly empty, of one colour, tiny, of extreme shape, damaged, or outliers.

A property counts only if it is rare in the set: icons are not unusual among icons. Damage always counts. Unusual pictures
are only reported; no action concerns them.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from genloss.archive.contents import Content
from genloss.archive.groups import Ranked
from genloss.archive.look import TINY_PX, Look

RARE_SHARE = 0.05  # largest share of the set with an unusual property
_ONE_COLOUR_LEVELS = 2
_EXTREME_ASPECT = 4.0
_FEWEST = 40  # least number of pictures to look for outliers
_NEIGHBOURS = 8  # outliers come in small clusters, so the distance is to a neighbour beyond this many
_MOST_COMPARED = 20_000  # pictures that each picture is compared with; bounds time and memory
_AT_ONCE = 256
_FAR = 3.0  # spreads above the median of the set's log distances


def find_unusual(contents: Sequence[Content], stars: Sequence[Ranked]) -> dict[int, tuple[str, ...]]:
    """Sentences on unusual contents, by position.

    Args:
        contents: of the set.
        stars: groups of versions; versions of one picture do not count as neighbours of each other.
    """
    found: dict[int, tuple[str, ...]] = {}
    for position, sentence in (*_by_facts([content.look for content in contents]), *_like_no_other(contents, stars)):
        found[position] = (*found.get(position, ()), sentence)
    return found


def _by_facts(looks: Sequence[Look]) -> Iterator[tuple[int, str]]:
    """Yields properties of single pictures that are rare in the set, and any damage."""
    if not looks:
        return
    shorter = [min(look.width_px, look.height_px) for look in looks]
    median = float(np.median(shorter))
    aspects = [max(look.width_px, look.height_px) / side for look, side in zip(looks, shorter, strict=True)]
    one_colour: list[tuple[int, str]] = []
    empty: list[tuple[int, str]] = []
    tiny: list[tuple[int, str]] = []
    long: list[tuple[int, str]] = []
    for position, look in enumerate(looks):
        if look.is_damaged:  # even if it is frequent in the set
            yield position, "damaged: the decoder had to make up pixels"
        if look.is_plain and np.ptp(look.thumbnail) <= _ONE_COLOUR_LEVELS:
            one_colour.append((position, "of one colour"))
        elif look.is_plain:
            empty.append((position, "nearly empty"))
        if shorter[position] < TINY_PX and shorter[position] <= median / 2:
            tiny.append((position, f"tiny: {look.width_px} x {look.height_px} px"))
        if aspects[position] >= _EXTREME_ASPECT:
            long.append((position, f"an extreme shape: {aspects[position]:.1f} times as long as wide"))
    for found in (one_colour, empty, tiny, long):
        if len(found) <= max(1.0, RARE_SHARE * len(looks)):
            yield from found


def _like_no_other(contents: Sequence[Content], stars: Sequence[Ranked]) -> Iterator[tuple[int, str]]:
    """Yields outliers: pictures, with their versions, far from all but a few others in tone, texture and shape."""
    members = {star.order[0]: star.order for star in stars}
    hidden = {member for star in stars for member in star.order[1:]}
    shown = [place for place, content in enumerate(contents) if place not in hidden and not content.look.is_plain]
    if len(shown) < _FEWEST:
        return
    distances = _distances(_spread(np.stack([_features(contents[place].look) for place in shown])))
    logs = np.log(distances + 1e-6)
    middle = np.median(logs)
    spread = max(1.4826 * float(np.median(np.abs(logs - middle))), 0.05)
    for number in np.flatnonzero(logs > middle + _FAR * spread):
        together = members.get(shown[number], [shown[number]])
        words = "like no other picture of the set in tone, texture and shape"
        for member in together:
            yield member, words if len(together) == 1 else f"one of {len(together)} versions of a picture {words}"


def _features(look: Look) -> NDArray[np.float64]:
    """(11,) features: light, contrast, entropy, commonest level, flatness, four measures of edges, colours and shape."""
    grey = look.thumbnail.astype(np.float64)
    shares = np.bincount(look.thumbnail.ravel() // 4, minlength=64) / grey.size
    entropy = -float((shares * np.log2(np.maximum(shares, 1e-12))).sum())
    down, across = _edges(grey)
    coarse = sum(_edges(grey[::2, ::2]))
    return np.array([
        grey.mean() / 64, grey.std() / 24, entropy, shares.max() * 8, _flat(grey) * 4, np.log2(1 + down + across),
        np.log2((1 + down) / (1 + across)), 2 * np.log2((1 + coarse) / (1 + down + across)),
        2 * np.log2((1 + down + across) / (1 + grey.std())), min(look.colour_levels, 96) / 32,
        0.5 * np.log2(look.width_px / look.height_px),
    ])  # fmt: skip


def _edges(grey: NDArray[np.float64]) -> tuple[float, float]:
    """Mean step between neighbours, down and across."""
    down, across = (float(np.abs(np.diff(grey, axis=axis)).mean()) if grey.shape[axis] > 1 else 0.0 for axis in (0, 1))
    return down, across


def _flat(grey: NDArray[np.float64]) -> float:
    """Share of horizontal neighbours with equal levels."""
    return float((np.abs(np.diff(grey, axis=1)) < 1).mean()) if grey.shape[1] > 1 else 1.0


def _spread(features: NDArray[np.float64]) -> NDArray[np.float32]:
    """Scales each column: subtracts the median and divides by the interquartile range, at least 0.25."""
    low, middle, high = np.quantile(features, (0.25, 0.5, 0.75), axis=0)
    return np.asarray((features - middle) / np.maximum(high - low, 0.25), np.float32)


def _distances(features: NDArray[np.float32]) -> NDArray[np.float64]:
    """(N,) distance of each picture to a neighbour beyond the _NEIGHBOURS nearest, itself included."""
    step = max(1, -(-len(features) // _MOST_COMPARED))
    others = features[::step]
    squares = (others**2).sum(axis=1)
    found = np.empty(len(features))
    for begin in range(0, len(features), _AT_ONCE):
        part = features[begin : begin + _AT_ONCE]
        apart = (part**2).sum(axis=1)[:, None] + squares - 2 * part @ others.T
        found[begin : begin + _AT_ONCE] = np.partition(apart, _NEIGHBOURS, axis=1)[:, _NEIGHBOURS]
    return np.sqrt(np.maximum(found, 0))
