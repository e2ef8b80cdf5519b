"""Proof that an AVIF was saved from another version: libavif and libaom, as installed here, make the same bytes of it.

A file tells chroma, quantiser and matrices, but not the speed and whether several threads worked. The quickest encoding comes
first; it tells whether the others are worth their time. Files by other releases of the encoder are seldom proved.
"""

import numpy as np
from numpy.typing import NDArray

from genloss.model.images.avif_encoding import CHROMA, encode_still, has_encoder, qualities_of, read_still
from genloss.model.images.containers.av1_frame import Coding
from genloss.model.images.decode import decode
from genloss.model.pairs.proof import Case, Proof, lies_in_bins
from genloss.model.pairs.resampling import Window
from genloss.model.pairs.scaling import Way

Bytes = NDArray[np.uint8]

PIXELS = 4 << 20  # above, encoding takes too long
MOST_BACKWARDS_EQUAL = 0.9
MOST_WAYS, MOST_NEAR = 5, 2  # that are tried quickly, and at all speeds
LEAST_BYTES = 400  # of the coded picture: fewer may come from other pixels, too
QUICKEST, MOST_QUICK_PIXELS = 9, 5_000_000  # of all ways that are tried quickly: half a second
# Seconds of processor time a megapixel, about; the default of Pillow and avifenc first. With several threads: few programs save
# with one, and trying that, too, would double the time.
SPEEDS, N_THREADS = {6: 1.0, 8: 0.3}, 2
MOST_SECONDS = 1.0  # of all attempts
# Length of the quickest encoding over the file's, and mean difference of their pixels over that of parent and child: in 148
# saves of 13 pictures at speeds 6 to 8 and qualities 30 to 88, 0.98 to 1.32 and at most 1.004.
LENGTHS = 0.97, 1.35
SAME_LENGTH = 0.005  # differences by threads at the quickest speed
MOST_DIFFERENT = 1.01


def prove_avif(case: Case) -> Proof | None:
    """That the child is the parent saved as AVIF."""
    child = case.child
    image = child.image
    n_pixels = child.size[0] * child.size[1]
    if image.image_format != "avif" or image.has_alpha or image.bits_per_sample > 8 or n_pixels > PIXELS:
        return None
    if not has_encoder():
        return None
    still = read_still(child.data)
    if still is None or not _is_likely(case, *still):
        return None
    wanted, coding = still
    chroma = CHROMA[coding.profile]
    qualities = qualities_of(coding.quantiser, chroma)
    if not qualities:
        return None
    whole = Window(0, 0, *child.size)
    near = []
    for way in case.ways[: max(1, min(MOST_WAYS, MOST_QUICK_PIXELS // n_pixels))]:
        pixels = way.fill(whole)
        if pixels.shape != image.rgb.shape:
            return None
        difference = _try_quickly(pixels, case, wanted, coding, qualities[0])
        if difference == 0:
            return None if case.explains_parent(way) else Proof("AVIF", _sentence(case, way, qualities, QUICKEST))
        near += [] if difference is None else [(difference, way, pixels)]
    near = sorted(near, key=lambda one: one[0])[:MOST_NEAR]
    for _, way, pixels in near:
        speed = _find_speed(pixels, case, wanted, coding, qualities[0], MOST_SECONDS / len(near))
        if speed is not None and not case.explains_parent(way):
            return Proof("AVIF", _sentence(case, way, qualities, speed))
    return None


def _sentence(case: Case, way: Way, qualities: tuple[int, ...], speed: int) -> str:
    quality = str(qualities[0]) if len(qualities) == 1 else f"{qualities[0]} or {qualities[-1]}"
    return (
        f"{case.placed(way)}saved as AVIF of quality {quality}: saving it again with speed {speed} gives every byte of the "
        "picture exactly"
    )


def _is_likely(case: Case, wanted: bytes, coding: Coding) -> bool:
    """Whether quantisation explains the difference, and the parent was not made from the child.

    In 118 saves the mean error was 0.0007 (q + 8)^1.75 bits^0.41 levels, with the file's quantiser and bits per pixel, and
    seldom more than four times that.
    """
    if coding.lossless or coding.monochrome or coding.may_restore or len(wanted) < LEAST_BYTES:
        return False  # only speeds that take too long restore pictures
    backwards = case.backwards
    if backwards is None or backwards.raw.equal >= MOST_BACKWARDS_EQUAL or lies_in_bins(backwards):
        return False
    bits = 8.0 * len(wanted) / (case.child.size[0] * case.child.size[1])
    return case.forwards.raw.mean <= 0.0028 * (coding.quantiser + 8) ** 1.75 * bits**0.41


def _try_quickly(pixels: Bytes, case: Case, wanted: bytes, coding: Coding, quality: int) -> float | None:
    """Difference between the child and what the quickest encoding gives, in levels; 0 for the same bytes.

    None if the pixels, or this encoder, do not come near the child.
    """
    child = case.child.image.rgb
    for n_threads in (2, 1):
        made = encode_still(pixels, quality, CHROMA[coding.profile], QUICKEST, n_threads)
        still = read_still(made)
        if still is None or still[1] != coding:
            return None
        if still[0] == wanted:
            return 0.0
        length = len(still[0]) / len(wanted)
        if abs(length - 1) > SAME_LENGTH:
            break
    if not LENGTHS[0] <= length <= LENGTHS[1]:
        return None
    difference = _difference(decode(made).rgb, child)
    return difference if 0 < difference <= MOST_DIFFERENT * _difference(pixels, child) else None


def _find_speed(pixels: Bytes, case: Case, wanted: bytes, coding: Coding, quality: int, seconds: float) -> int | None:
    """The speed at which the pixels give the wanted bytes; None if none does, or it would take too long to see."""
    for speed, cost in SPEEDS.items():
        cost *= case.child.size[0] * case.child.size[1] / 1e6
        if cost > seconds:
            continue
        seconds -= cost
        still = read_still(encode_still(pixels, quality, CHROMA[coding.profile], speed, N_THREADS))
        if still is not None and still[0] == wanted:
            return speed
    return None


def _difference(one: Bytes, other: Bytes) -> float:
    return float(np.abs(one.astype(np.int16) - other).mean())
