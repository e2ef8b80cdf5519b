"""What can be said about a picture in words: measured traces that speak for it or against it.

Not needed for a score, so only looked for when asked for.
"""

from dataclasses import dataclass

from genloss.model.explanations.detail import find_cut
from genloss.model.explanations.dither import find_dither
from genloss.model.explanations.earlier_jpeg import find_earlier_jpeg, find_earlier_quality
from genloss.model.explanations.enlargement import find_enlargement
from genloss.model.images.decode import DecodedImage
from genloss.model.images.facts import read_facts
from genloss.model.measurements.blocks import sample_blocks
from genloss.model.measurements.colours import count_colours

FEW_COLOURS = 256


@dataclass(frozen=True)
class Reason:
    """One measured fact about a version.

    Attributes:
        code: stable name of the sort of fact.
        text: the fact with its numbers, in plain words.
        against: True where it shows a loss, False where it shows that one is missing.
    """

    code: str
    text: str
    against: bool


def find_reasons(image: DecodedImage) -> list[Reason]:
    """All that can be said, strongest losses first."""
    facts = read_facts(image)
    reasons = []
    earlier = find_earlier_jpeg(image)
    if earlier is not None:
        shifted = (earlier.left_px, earlier.top_px) != (0, 0)
        where = f"an 8x8 grid shifted by ({earlier.left_px}, {earlier.top_px})" if shifted else "an 8x8 grid"
        then = ", then cropped" if shifted else ""
        if facts.jpeg_quality is not None and not shifted:
            where = "steps coarser than its own"
        text = f"{facts.image_format.upper()}, but carries {where}: an earlier JPEG of quality about {earlier.quality}{then}"
        reasons.append(Reason("earlier_jpeg", text, True))
    # Steps about as fine as its own leave no lattice, but gaps among the multiples that are met.
    before = find_earlier_quality(sample_blocks(image.luma).blocks, image.luma_table) if earlier is None else None
    if before is not None:
        text = f"JPEG, but values are missing as after an earlier JPEG of quality about {before} on the same grid"
        reasons.append(Reason("saved_before", text, True))
    factors = find_enlargement(image.luma, earlier is not None or facts.jpeg_quality is not None)
    if factors:
        times = " or ".join(f"{factor:.2g}" for factor in factors)
        reasons.append(Reason("enlarged", f"pixels repeat with the period of an enlargement, about {times} times", True))
    cut = find_cut(image.luma)
    if cut is not None:
        reasons.append(Reason("no_fine_detail", f"no detail above {cut:.2f} of the finest possible: enlarged or blurred", True))
    n_colours = count_colours(image.rgb)
    if n_colours <= FEW_COLOURS:
        dither = find_dither(image.rgb)
        pattern = (
            f", with the pattern of {'an ordered' if dither == 'ordered' else 'an error-diffusing'} dither" if dither else ""
        )
        reasons.append(Reason("few_colours", f"{n_colours} colours in all{pattern}", True))
    if facts.jpeg_quality is not None:
        words = f"quality {'' if facts.standard_table else 'about '}{facts.jpeg_quality}"
        words += f", {facts.sampling}" if facts.sampling else ""
        reasons.append(Reason("saved_as_jpeg", f"saved as JPEG of {words}", True))
    elif not facts.lossless:
        reasons.append(Reason("saved_with_loss", f"saved as {facts.image_format.upper()} with loss", True))
    elif not reasons:
        text = f"lossless {facts.image_format.upper()}, and no trace of an earlier JPEG, of enlarging or of a palette"
        reasons.append(Reason("no_trace", text, False))
    return reasons
