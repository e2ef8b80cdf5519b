"""Proof that a version with few colours was made from another one: by nearest colours, a table of colours, or dither."""

import numpy as np
from numpy.typing import NDArray

from genloss.model.images.palette_encoding import dither, dither_to_web_palette, listed_colours, quantise_by_octree
from genloss.model.pairs.ordered_dither import find_matrix, is_grid
from genloss.model.pairs.palettes import MOST_COLOURS
from genloss.model.pairs.proof import Case, Proof
from genloss.model.pairs.resampling import Window
from genloss.model.pairs.sampling import spread_places
from genloss.model.pairs.scaling import Way, middle_of
from genloss.model.percent import percent_of_all

Bytes = NDArray[np.uint8]

SAMPLE, SMALL_PX = 512, 96
MOST_WAYS, MOST_WAYS_IN_FULL = 6, 3  # of which nearest colours are tried, and all else
MOST_NEAREST_DITHERED = 0.9  # of the sample; dither gives fewer pixels the nearest colour
LEAST_LIKELY = 0.5  # of a sample have the nearest colour, the next one, or nearly so: what nothing is tried below
LEAST_DISTANCE = 0.3  # levels
LEAST_TABLE_NEAREST, LEAST_TABLE_COLOURS, LEAST_REPEATED = 0.6, 12, 5000
LEAST_CHANGED = 0.1  # of the pixels: letters on a plain ground become one colour again, too, where they are taken away
MOST_PIXELS = 40_000  # that are looked at
LEAST_CLOSE, CLOSE_LEVELS = 50, 2.0  # pixels that nearly had another colour of the palette
LEAST_DITHERED_EQUAL = 0.999
DITHER_ROWS = 8


def prove_palette(case: Case) -> Proof | None:
    """That the child is the parent in the colours of a palette."""
    palette = case.child.palette
    if palette is None or len(palette) < 2 or case.parent.palette is not None:
        return None
    small = middle_of(case.forwards.window, SMALL_PX)
    own = case.child.image.rgb[small.slices].reshape(-1, 3)
    places = spread_places(SAMPLE, len(own))
    for number, way in enumerate(case.ways[:MOST_WAYS]):
        looks = [way.fill(small)] if way.looks_roughly else way.look(small)
        seen = [(look.reshape(-1, 3), _distances(look.reshape(-1, 3)[places], own[places], palette)) for look in looks]
        pixels, (nearest, following, excess) = min(seen, key=lambda look: float(look[1][2].sum()))
        found = _by_ordered_dither(case, way, palette) if number < MOST_WAYS_IN_FULL and is_grid(palette) else None
        if found is not None and not case.explains_parent(way):
            return Proof("palette", case.placed(way) + found)
        if np.mean(nearest + excess) < LEAST_DISTANCE or np.mean(nearest + excess <= following + CLOSE_LEVELS) < LEAST_LIKELY:
            return None
        if excess.max() <= 0:
            found = _by_nearest(case, way, palette)
        elif number >= MOST_WAYS_IN_FULL:
            continue
        elif _is_table(pixels, own):
            found = _by_table(case, way, palette) or _by_octree(case, way, palette)
        elif np.mean(excess <= 0) <= MOST_NEAREST_DITHERED:
            found = _by_dither(case, way)
        if found is not None and not case.explains_parent(way):
            return Proof("palette", case.placed(way) + found)
    return None


def _distances(pixels: Bytes, own: Bytes, palette: Bytes) -> tuple[NDArray, NDArray, NDArray]:
    """For each pixel, (N,) in levels: distances to the nearest and the next colour, and the excess of its own colour's."""
    wanted, colours = pixels.astype(np.float32), palette.astype(np.float32)
    # |a - b|^2 = |a|^2 - 2 a.b + |b|^2: whole numbers, exact below 2^24
    squares = (wanted**2).sum(axis=1)[:, None] - 2 * wanted @ colours.T + (colours**2).sum(axis=1)
    two = np.sqrt(np.maximum(np.partition(squares, 1, axis=1)[:, :2], 0))
    distance = np.sqrt(((wanted - own.astype(np.float32)) ** 2).sum(axis=1))
    return two[:, 0], two[:, 1], distance - two[:, 0]


def _by_nearest(case: Case, way: Way, palette: Bytes) -> str | None:
    window = case.forwards.window
    before, after = (pixels.reshape(-1, 3) for pixels in (way.fill(window), case.child.image.rgb[window.slices]))
    places = spread_places(MOST_PIXELS, len(before))
    close = 0
    for part in np.array_split(places, max(1, len(places) // 4096)):
        nearest, following, excess = _distances(before[part], after[part], palette)
        if excess.max(initial=0) > 0:
            return None
        close += int(np.sum(following - nearest <= CLOSE_LEVELS))
    if close < LEAST_CLOSE:
        return None
    return (
        f"reduced to {len(palette)} colours without dither: every one of {len(places):,} pixels has the nearest colour, also "
        f"the {close:,} for which another one is nearly as near"
    )


def _is_table(before: Bytes, after: Bytes) -> bool:
    """Whether every colour always became the same one."""
    return _count_repeats(before, after) is not None


def _count_repeats(before: Bytes, after: Bytes) -> int | None:
    """Number of pixels, (N, 3), that repeat another pixel's colour; None if equal colours became different ones."""
    codes, targets = _codes(before), _codes(after)
    order = np.argsort(codes, kind="stable")
    codes, targets = codes[order], targets[order]
    again = codes[1:] == codes[:-1]
    return None if (targets[1:] != targets[:-1])[again].any() else int(again.sum())


def _by_table(case: Case, way: Way, palette: Bytes) -> str | None:
    """Whether every colour of the parent always became the same colour, and a near one."""
    if len(palette) < LEAST_TABLE_COLOURS:
        return None
    window = case.forwards.window
    before, after = (pixels.reshape(-1, 3) for pixels in (way.fill(window), case.child.image.rgb[window.slices]))
    if np.mean((before != after).any(axis=1)) < LEAST_CHANGED:
        return None
    places = spread_places(4096, len(before))
    _, _, excess = _distances(before[places], after[places], palette)
    if np.mean(excess <= 1) < LEAST_TABLE_NEAREST:
        return None
    n_repeated = _count_repeats(before, after)
    if n_repeated is None or n_repeated < LEAST_REPEATED:
        return None
    return (
        f"reduced to {len(palette)} colours without dither: each of {len(before) - n_repeated:,} colours always became the "
        f"same one, in {len(before):,} pixels"
    )


def _codes(pixels: Bytes) -> NDArray[np.uint32]:
    wide = pixels.astype(np.uint32)
    return np.asarray(wide[:, 0] << 16 | wide[:, 1] << 8 | wide[:, 2], np.uint32)


def _by_octree(case: Case, way: Way, palette: Bytes) -> str | None:
    whole = way.fill(Window(0, 0, *case.child.size))
    pixels = case.child.image.rgb
    if whole.shape != pixels.shape:
        return None
    for n_colours in {len(palette), 2 ** int(np.ceil(np.log2(len(palette)))), MOST_COLOURS}:  # all need not be used
        if np.array_equal(quantise_by_octree(whole, n_colours), pixels):
            return f"reduced to {n_colours} colours by Pillow's octree: doing it again gives every pixel exactly"
    return None


def _by_dither(case: Case, way: Way) -> str | None:
    """Rows from the first one on: each depends on those above it alone."""
    height, width = case.child.size
    pixels, listed = case.child.image.rgb, _used_in_order(case)
    for rows in (min(DITHER_ROWS, height), height):
        above = way.fill(Window(0, 0, rows, width))
        if above.shape != pixels[:rows].shape:
            return None
        equal = [
            float((again == pixels[:rows]).all(axis=-1).mean())
            for again in (dither_to_web_palette(above), *(() if listed is None else (dither(above, listed),)))
        ]
        if max(equal) < LEAST_DITHERED_EQUAL:
            return None
    return (
        "reduced to the colours of a palette with error diffusion: Pillow's Floyd-Steinberg dither with this palette gives "
        f"{percent_of_all(max(equal))} of the pixels exactly"
    )


def _by_ordered_dither(case: Case, way: Way, palette: Bytes) -> str | None:
    window = case.forwards.window
    found = find_matrix(way.fill(window), case.child.image.rgb[window.slices])
    if found is None:
        return None
    side, n_close = found
    by = "by thresholds:" if side == 1 else f"by an ordered dither: at each place of a matrix of {side} x {side} pixels"
    return (
        f"reduced to {len(palette)} colours {by} each level always became the same one, also in the {n_close:,} pixels near a "
        "threshold"
    )


def _used_in_order(case: Case) -> Bytes | None:
    """(N, 3) the colours in use, in palette order: of two equally near colours the first is taken."""
    listed, used = listed_colours(case.child.data), case.child.palette
    return None if listed is None or used is None else listed[np.isin(_codes(listed), _codes(used))]
