"""Reasons in words: measured traces that speak for a file or against it.

A score does not need them, so they are computed only on demand.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from genloss.model.explanations.detail import find_cut
from genloss.model.explanations.dither import find_dither
from genloss.model.explanations.earlier_jpeg import EarlierJpeg, find_earlier_jpeg, find_earlier_quality
from genloss.model.explanations.enlargement import find_enlargement
from genloss.model.explanations.palette import MOST_GREYS, has_palette, is_grey
from genloss.model.images.decode import DecodedImage
from genloss.model.images.facts import Facts, describe_place, read_facts
from genloss.model.measurements.blocks import BlockSample, sample_blocks
from genloss.model.measurements.colours import count_colours
from genloss.model.measurements.lattice import GRID_PATCHES, LIVELY

FEW_COLOURS = 256
# Lossy files in which missing detail is the codec's own work as often as an enlargement's (reasons_accuracy.py).
DETAIL_SILENT = ("webp", "avif")
# Of earlier JPEGs of quality 90 or less under a lossless file: 99.6 % of 3687 files of 100 pictures that no threshold was made
# with, and 98.9 % where they were blurred before (reasons_accuracy.py).
JPEGS_FOUND_PERCENT = 99
# From this period on it may be that of a codec's blocks in an enlarged picture that was shrunk again (all
# wrong factors in 782 files): that it was enlarged is right, the factor is not.
LEAST_UNSURE_FACTOR = 3.2
LEAST_LIVELY = GRID_PATCHES  # blocks with anything in them; with fewer, a JPEG leaves no trace to find


@dataclass(frozen=True)
class Reason:
    """One measured fact about a version.

    Attributes:
        code: stable name of the kind of fact.
        text: the fact with its numbers, in plain words.
        against: True if the fact shows a loss; False if it shows that a loss is absent, or if it is neutral.
    """

    code: str
    text: str
    against: bool


def find_reasons(image: DecodedImage) -> list[Reason]:
    """All reasons, the strongest losses first.

    A reason is given only for containers where it was measured to be right. docs/about/reasons.md has the table, and
    benchmarks/accuracy/reasons_accuracy.py prints it. The factor of an enlargement is the least certain, if the picture was
    resized twice.
    """
    facts, sample = read_facts(image), sample_blocks(image.luma)
    n_colours = count_colours(image.rgb)
    reasons = [
        *_damage(image),
        *_earlier_saves(image, facts, sample),
        *_resampling(image, facts),
        *_colours(image, n_colours),
        *_own_save(image, facts),
    ]
    if image.lossless and not any(reason.against for reason in reasons):
        reasons.append(_no_trace(facts, sample, n_colours))
    return reasons


def _damage(image: DecodedImage) -> Iterator[Reason]:
    if image.damage is None:
        return
    where = describe_place(image.damage.start, image.damage.share)
    text = f"the JPEG data is damaged{where}: the decoder had to make up pixels"
    if image.damage.is_filled:
        text = f"grey{where}, as a decoder fills in the missing end of a damaged JPEG"
    yield Reason("image_damaged", text, True)


def _earlier_saves(image: DecodedImage, facts: Facts, sample: BlockSample) -> Iterator[Reason]:
    earlier = find_earlier_jpeg(image)
    if earlier is not None:
        yield Reason("earlier_jpeg", _earlier_jpeg_text(earlier, facts), True)
        return
    if image.damage is not None:  # wrong coefficients are as uneven as those of two saves
        return
    # Steps about as fine as its own leave no lattice, but gaps among the multiples that are met.
    before = find_earlier_quality(sample.blocks, image.luma_table)
    if before is not None:
        text = f"JPEG, but values are missing as after an earlier JPEG of quality about {before} on the same grid"
        yield Reason("saved_before", text, True)


def _earlier_jpeg_text(earlier: EarlierJpeg, facts: Facts) -> str:
    shifted = (earlier.left_px, earlier.top_px) != (0, 0)
    where = f"an 8x8 grid shifted by ({earlier.left_px}, {earlier.top_px})" if shifted else "an 8x8 grid"
    then = ""
    if shifted:  # a grid that ends at the right or lower edge has been turned round, and nothing need be cut off
        ends = earlier.left_px in (0, facts.width_px % 8) and earlier.top_px in (0, facts.height_px % 8)
        then = ", then turned, mirrored or cropped" if ends else ", then cropped"
    if facts.jpeg_quality is not None and not shifted:
        where = "steps coarser than its own"
    return f"{facts.image_format.upper()}, but carries {where}: an earlier JPEG of quality about {earlier.quality}{then}"


def _resampling(image: DecodedImage, facts: Facts) -> Iterator[Reason]:
    factors = find_enlargement(image.luma, has_own_blocks=not image.lossless)
    if factors:
        times = ", about " + " or ".join(dict.fromkeys(f"{factor:.2g}" for factor in factors)) + " times"
        text = f"pixels repeat with the period of an enlargement{times if max(factors) < LEAST_UNSURE_FACTOR else ''}"
        yield Reason("enlarged", text, True)
    cut = find_cut(image.luma) if image.lossless or facts.image_format not in DETAIL_SILENT else None
    if cut is not None:
        causes = "enlarged, blurred or saved with loss before"
        yield Reason("no_fine_detail", f"no detail above {cut:.2f} of the finest possible: {causes}", True)


def _colours(image: DecodedImage, n_colours: int) -> Iterator[Reason]:
    """A reason for few colours: a loss only after a reduction to a palette. Drawings and grey pictures have few colours too."""
    if n_colours > FEW_COLOURS or not image.lossless:
        return
    dither = find_dither(image.rgb)
    reduced = dither is not None or has_palette(image.rgb, n_colours)
    if not reduced and n_colours > MOST_GREYS and is_grey(image.rgb):
        return
    pattern = f", with the pattern of {'an ordered' if dither == 'ordered' else 'an error-diffusing'} dither" if dither else ""
    yield Reason("few_colours", f"{n_colours} colour{'s' if n_colours > 1 else ''} in all{pattern}", reduced)


def _own_save(image: DecodedImage, facts: Facts) -> Iterator[Reason]:
    if facts.jpeg_quality is not None:
        words = f"quality {'' if facts.standard_table else 'about '}{facts.jpeg_quality}"
        words += f", {facts.sampling}" if facts.sampling else ""
        yield Reason("saved_as_jpeg", f"saved as JPEG of {words}", True)
    elif image.lossless is False:
        yield Reason("saved_with_loss", f"saved as {facts.image_format.upper()} with loss", True)


def _no_trace(facts: Facts, sample: BlockSample, n_colours: int) -> Reason:
    """A reason that lists absent traces: those that are found in at least nine of ten cases. Enlarging is not among them."""
    name = facts.image_format.upper()
    traces, odds = [], ""
    if facts.image_format != "gif" and np.count_nonzero(sample.entropy >= LIVELY) >= LEAST_LIVELY:
        traces.append("of an earlier JPEG")
        odds = f" ({JPEGS_FOUND_PERCENT} of 100 JPEGs of quality 90 or less show, unless edited since)"
    if n_colours > FEW_COLOURS:
        traces.append("of a palette")
    if not traces:
        return Reason("saved_without_loss", f"{name} stores pixels without loss, whatever was done to them before", False)
    return Reason("no_trace", f"lossless {name}, and no trace {' or '.join(traces)}{odds}", False)
