"""Proof that a lossy WebP was saved from another version: libwebp makes the same pixels of it, usually the same bytes."""

import numpy as np
from numpy.typing import NDArray

from genloss.model.images.webp_encoding import (
    Quantisers,
    coded_frame,
    decode_frame,
    encode_frame,
    estimate_webp_quality,
    expected_quantisers,
    read_quantisers,
)
from genloss.model.pairs.proof import Case, Proof, lies_in_bins
from genloss.model.pairs.resampling import Window
from genloss.model.percent import percent_of_all

Bytes = NDArray[np.uint8]

BLOCK_PX = 16
LEAST_BLOCKS = 40  # that are not flat
LEAST_BLOCKS_EQUAL = 0.9985
MOST_LENGTH_DIFFERENCE = 0.002
PIXELS, PIXELS_ENLARGED = 4 << 20, 150_000  # above, encoding takes too long; an enlargement before it takes longer still
MOST_BACKWARDS_EQUAL = 0.9
MOST_WAYS, MOST_FAILED = 4, 2
MOST_FAILED_ENLARGED = 1
QUICK_METHOD = 2  # gives the same quantisers


def prove_webp(case: Case) -> Proof | None:
    """That the child is the parent saved as lossy WebP."""
    child = case.child
    if child.image.image_format != "webp" or child.image.lossless:
        return None
    if child.size[0] * child.size[1] > (PIXELS_ENLARGED if case.is_enlarged else PIXELS):
        return None
    frame = coded_frame(child.data)
    wanted = None if frame is None else read_quantisers(frame)
    if frame is None or wanted is None or not _is_likely(case, wanted):
        return None
    whole = Window(0, 0, *child.size)
    failed = 0
    for way in case.ways[:MOST_WAYS]:
        pixels = way.fill(whole)
        if pixels.shape != child.image.rgb.shape:
            return None
        found = _find_quality(pixels, wanted)
        if found is None:
            failed += 1
            if failed == (MOST_FAILED_ENLARGED if case.is_enlarged else MOST_FAILED):
                break
            continue
        quality, n_bytes = found
        for method in _likely_methods(len(frame) / n_bytes, quality):
            made = encode_frame(pixels, quality, method)
            equal = 1.0 if made == frame else _blocks_equal(made, frame, case)
            if equal >= LEAST_BLOCKS_EQUAL and not case.explains_parent(way):
                share = f"{percent_of_all(equal)} of the blocks of {BLOCK_PX} x {BLOCK_PX} pixels"
                what = "every byte of the picture" if made == frame else share
                return Proof(
                    "WebP", f"{case.placed(way)}saved as WebP of quality {quality}: saving it again gives {what} exactly"
                )
    return None


def _likely_methods(length: float, quality: int) -> list[int]:
    """Usual methods of the encoder that fit a file's length, given relative to the quick method's.

    The ranges are a little wider than in 72 saves of each method.
    """
    return [
        method
        for method, least, most in ((4, 0.915, 1.02), (6, 0.83, 0.96 if quality < 85 else 1.005))
        if least <= length <= most
    ]


def _is_likely(case: Case, wanted: Quantisers) -> bool:
    """Whether quantisation explains the difference, and the parent was not made from the child.

    In 90 saves the mean error was 0.019 step^1.4 bits^0.94 levels, with the file's step and bits per pixel, and at most 1.6
    times that.
    """
    backwards, raw = case.backwards, case.forwards.raw
    if backwards is None or backwards.raw.equal >= MOST_BACKWARDS_EQUAL:
        return False
    if lies_in_bins(backwards):
        return False
    bits = 8.0 * case.child.image.n_bytes / (case.child.size[0] * case.child.size[1])
    step = sum(_ac_step(index) for index in wanted) / len(wanted)
    return raw.mean <= 0.038 * step**1.4 * bits**0.94


def _ac_step(index: int) -> float:
    """About the step of a quantiser, in levels (RFC 6386, 14.1)."""
    return index + 4 if index <= 54 else 2 * index - 50 if index <= 90 else 4.2 * index - 248


def _find_quality(pixels: Bytes, wanted: Quantisers) -> tuple[int, int] | None:
    """The quality that gives the wanted quantisers, and the length of the quick method's frame.

    None if no quality does: the child was not made from these pixels.
    """
    quality = estimate_webp_quality(wanted)
    tried: set[int] = set()
    while quality not in tried and 0 <= quality <= 100:
        tried.add(quality)
        made = encode_frame(pixels, quality, QUICK_METHOD)
        found = read_quantisers(made)
        if found == wanted:
            return quality, len(made)
        if found is None or len(found) != len(wanted):
            return None
        nearer = estimate_webp_quality(wanted, (quality, found))
        expected = expected_quantisers(nearer, (quality, found))
        if max(abs(one - other) for one, other in zip(expected, wanted, strict=True)) > 1:
            return None
        quality = nearer if nearer not in tried else quality + (1 if sum(found) > sum(wanted) else -1)
    return None


def _blocks_equal(made: bytes, frame: bytes, case: Case) -> float:
    """Share of the textured 16x16 blocks that are equal; 0 for frames of other lengths."""
    if abs(len(made) / len(frame) - 1) > MOST_LENGTH_DIFFERENCE:
        return 0.0
    pixels = case.child.image.rgb
    height, width = (length // BLOCK_PX * BLOCK_PX for length in pixels.shape[:2])
    shape = (height // BLOCK_PX, BLOCK_PX, width // BLOCK_PX, BLOCK_PX, 3)
    one, other = (plane[:height, :width].reshape(shape) for plane in (decode_frame(made), pixels))
    busy = (other.max(axis=(1, 3)) > other.min(axis=(1, 3))).any(axis=-1)
    if busy.sum() < LEAST_BLOCKS:
        return 0.0
    return float((one == other).all(axis=(1, 3, 4))[busy].mean())
