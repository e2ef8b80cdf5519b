"""Proof that a JPEG was saved from another version: encoding that version with the JPEG's steps gives the same blocks."""

from collections.abc import Iterator
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from genloss.model.images.jpeg_encoding import encoder_luma, has_fast_dct, reencode_luma
from genloss.model.images.jpeg_tables import estimate_quality
from genloss.model.images.real_dct import gives_blocks
from genloss.model.pairs.band_evidence import block_coefficients
from genloss.model.pairs.bin_evidence import BinEvidence
from genloss.model.pairs.proof import Case, Proof
from genloss.model.pairs.resampling import Window
from genloss.model.pairs.sampling import cut_blocks
from genloss.model.pairs.scaling import Way, middle_of
from genloss.model.percent import percent_of_all

Bytes = NDArray[np.uint8]
Dct = Literal["accurate", "fast", "real-valued"]

LEAST_ACTIVE, LEAST_BLOCKS = 300, 40
LEAST_LIKELY, MOST_ZEROS_VIOLATED = 0.6, 0.02  # within 0.6 steps; of the zeros. Else nothing is tried
SMALL_PX, LEAST_EQUAL_SMALL = 96, 0.9  # blocks of a first look
# A sibling of the highest quality, which differs from the parent by less than a level, gives other blocks here and there.
LEAST_BLOCKS_EQUAL = 0.9985
# Distances from the middle of a bin: spread evenly over it, and not gathered in its middle, as they are where the supposed
# parent was itself made from the child.
LEAST_RMS, MOST_WITHIN_20, MOST_WITHIN_40 = 0.26, 0.5, 0.9
MOST_BACKWARDS_WITHIN = 0.93  # of the supposed parent's own coefficients in its own bins, from the child
MOST_BACKWARDS_RMS = 0.2
MOST_BACKWARDS_EQUAL = 0.9  # pixels
LIKELIEST_WAYS = 3
MOST_NOISE_LEVELS = 2.2  # between the scaled parent and the encoder's input; above, a way is not tried
CLIPPED = 2.5  # levels from a multiple of the step; beyond, pixels of the block were clipped at 0 or 255


def prove_quantised(case: Case) -> Proof | None:
    """That the child is the parent saved as JPEG."""
    table, window, bins = case.child.image.luma_table, case.forwards.window, case.forwards.bins
    if table is None or int(table.max()) > 255 or window.top_px % 8 or window.left_px % 8:
        return None
    if bins.n_active < LEAST_ACTIVE or not _is_likely(bins) or _is_explained_backwards(case):
        return None
    small = middle_of(window, SMALL_PX)
    dcts: tuple[Dct, ...] = ("accurate", "fast", "real-valued") if has_fast_dct(table) else ("accurate", "real-valued")
    for way in _likely_ways(case, small, table):
        if not _looks_equal(case, way, small, table, dcts):
            continue
        seen = _luma(way, small)
        shares = [_blocks_equal(case, seen, small, table, dct) for dct in dcts]
        most = max(shares)
        if most < LEAST_EQUAL_SMALL:
            continue
        whole = _luma(way, window)
        for dct in (dct for dct, share in zip(dcts, shares, strict=True) if share == most):
            equal = _blocks_equal(case, whole, window, table, dct)
            if equal >= LEAST_BLOCKS_EQUAL:
                return _proof(case, way, whole, table, equal, dct)
    return None


def _luma(way: Way, window: Window) -> Bytes:
    """The encoder's input in a window, if the child was made from the parent."""
    return encoder_luma(way.fill(window))


def _likely_ways(case: Case, small: Window, table: NDArray[np.uint16]) -> Iterator[Way]:
    """Ways that bring the parent near the encoder's input; none if none of the likeliest ones does."""
    if case.placement.is_whole_shift:
        yield from case.ways
        return

    def is_near(way: Way) -> bool:
        seen = encoder_luma(next(way.look(small)))
        return _noise_levels(case, seen, small, table) <= MOST_NOISE_LEVELS

    n_likeliest = LIKELIEST_WAYS + sum(way.in_linear_light for way in case.ways[:2])
    likeliest = [way for way in case.ways[:n_likeliest] if is_near(way)]
    yield from likeliest
    if likeliest:
        yield from filter(is_near, case.ways[n_likeliest:])


def _looks_equal(case: Case, way: Way, small: Window, table: NDArray[np.uint16], dcts: tuple[Dct, ...]) -> bool:
    """Whether a first look allows that the parent's blocks are the child's; scaling all of the child takes far longer."""
    if way.looks_roughly or case.placement.is_whole_shift:
        return True
    lumas = [encoder_luma(pixels) for pixels in way.look(small)]
    return any(_blocks_equal(case, luma, small, table, dct) >= LEAST_EQUAL_SMALL for luma in lumas for dct in dcts)


def _is_likely(bins: BinEvidence) -> bool:
    return bins.within_60 >= LEAST_LIKELY and bins.zero_violated <= MOST_ZEROS_VIOLATED


def _is_explained_backwards(case: Case) -> bool:
    """Whether the parent may come from the child.

    A JPEG that was saved again with finer steps lies near the middles of its own bins; one that was made from the child is
    spread evenly over them.
    """
    backwards = case.backwards
    if backwards is None or case.is_enlarged:
        return backwards is None
    bins = backwards.bins
    if case.parent.is_jpeg and bins.n_active >= LEAST_ACTIVE:
        return bins.within_60 >= MOST_BACKWARDS_WITHIN and bins.rms > MOST_BACKWARDS_RMS
    return backwards.raw.equal >= MOST_BACKWARDS_EQUAL


def _blocks_equal(case: Case, luma: Bytes, window: Window, table: NDArray[np.uint16], dct: Dct) -> float:
    """Share of the child's textured 8x8 blocks that the parent gives when encoded with the child's steps."""
    stored = cut_blocks(case.child.stored_luma[window.slices])
    busy = np.ptp(stored, axis=1) > 0
    least = LEAST_BLOCKS if window == case.forwards.window else 1
    if busy.sum() < least:
        return 0.0
    if dct == "real-valued":
        gives, certain = gives_blocks(cut_blocks(luma)[busy], stored[busy], table)
        return float(gives[certain].mean()) if certain.sum() >= least else 0.0
    again = cut_blocks(reencode_luma(luma, table, dct == "fast"))
    return float((again[busy] == stored[busy]).all(axis=1).mean())


def _proof(case: Case, way: Way, luma: Bytes, table: NDArray[np.uint16], equal: float, dct: Dct) -> Proof | None:
    distances = _distances(luma, case.child.stored_luma[case.forwards.window.slices], table)
    if len(distances) < LEAST_ACTIVE:
        return None
    rms = float(np.sqrt(np.mean(np.minimum(distances, 0.5) ** 2)))
    within_20, within_40, within_50 = (float(np.mean(distances <= bound)) for bound in (0.2, 0.4, 0.5))
    uneven = rms < LEAST_RMS or within_20 > MOST_WITHIN_20 or within_40 > MOST_WITHIN_40
    if uneven or case.explains_parent(way):
        return None
    with_dct = {"accurate": "", "fast": " and libjpeg's fast DCT", "real-valued": " and a DCT in real numbers"}[dct]
    return Proof(
        "quantised",
        f"{case.placed(way)}saved as JPEG of quality {estimate_quality(table)[0]}: saving it again with these tables{with_dct} "
        f"gives {percent_of_all(equal)} of the blocks exactly, and {percent_of_all(within_50)} of {len(distances):,} "
        "coefficients lie within half a step",
    )


def _noise_levels(case: Case, luma: Bytes, window: Window, table: NDArray[np.uint16]) -> float:
    """Approximate noise between the parent and the encoder's input; see QuantisedChild.noise_levels."""
    distances = _distances(luma, case.child.stored_luma[window.slices], table)
    return float(1.25 * np.mean(distances > 0.5) * float(table.mean())) if len(distances) else float("inf")


def _distances(luma: Bytes, stored: Bytes, table: NDArray[np.uint16]) -> NDArray[np.float32]:
    """(N,) distances of the parent's coefficients from the middles of the child's bins, in steps, where the child has not 0."""
    steps = table.reshape(64, 1).astype(np.float32)
    own = block_coefficients(stored) / steps
    multiples = np.rint(own)
    sound = (np.abs(own - multiples) * steps).max(axis=0) <= CLIPPED
    active = (multiples != 0) & sound
    active[0] = False
    found: NDArray[np.float32] = np.abs(block_coefficients(luma) / steps - multiples)[active]
    return found
