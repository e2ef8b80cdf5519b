"""What can be said about a picture in words: measured traces that speak for it or against it.

Not needed for a score, so only looked for when asked for.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from model.blocks import sample_blocks
from model.decode import DecodedImage
from model.dither import find_dither
from model.enlargement import find_enlargement
from model.facts import ijg_table, read_facts
from model.lattice import LatticeTables, grid_histograms
from model.requantised import find_earlier_quality
from model.statistics import count_colours

QUALITIES = np.arange(20, 93)
# Calibrated on held-out originals: without an earlier JPEG the lead of the best grid stays below 0.13.
LEAST_LEAD = 0.2
# A lower quality whose steps are multiples of the best one's fits as well; it is the true one if it does.
NEARLY_AS_GOOD = 0.93
SEGMENT_PX = 128
# Rounding to whole pixel values alone leaves this power in every frequency: log2(1/12).
ROUNDING_FLOOR = -3.585
ABOVE_FLOOR = 1.2  # powers up to this much above the floor count as empty
HIGHEST_CUT = 0.8  # of the Nyquist frequency; cameras and lenses themselves blur above it
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


@dataclass(frozen=True)
class EarlierJpeg:
    """An earlier JPEG whose quantisation still shows in the pixels.

    Attributes:
        left_px, top_px: origin of its 8x8 grid in this picture, 0 to 7; not (0, 0) after a crop.
        quality: IJG quality of its luma table, about.
        lead: how much better this grid fits than the usual one, in [0, 1].
    """

    left_px: int
    top_px: int
    quality: int
    lead: float


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


def find_earlier_jpeg(image: DecodedImage) -> EarlierJpeg | None:
    """The earlier JPEG that shows most, None where none shows clearly.

    Coefficients of an earlier JPEG cluster at multiples of its quantisation steps on its own grid only;
    all 64 positions of the grid are tried. On a JPEG file's own grid only steps well above its own tell.
    """
    histograms = grid_histograms(image.luma, sample_blocks(image.luma))
    tables = _fine_tables()
    strengths = tables.strengths(histograms)
    if image.luma_table is not None:
        strengths[0] = tables.strengths(histograms[:, :1], image.luma_table)[0]
    best = strengths.max(axis=1)
    grid = int(np.argmax(best))
    lead = float(best[grid] - np.median(best))
    if lead < LEAST_LEAD:
        return None
    fits = np.flatnonzero(strengths[grid] >= NEARLY_AS_GOOD * best[grid])
    return EarlierJpeg(grid % 8, grid // 8, int(QUALITIES[fits[0]]), lead)


def find_cut(luma: NDArray[np.uint8]) -> float | None:
    """The share of the Nyquist frequency above which nothing but rounding is left, None where detail goes higher.

    Both directions have to agree that there is such a frequency; the higher one is given.
    """
    cuts = []
    for plane in (luma, luma.T):
        if plane.shape[1] < SEGMENT_PX:
            return None
        lines = plane[:, : plane.shape[1] // SEGMENT_PX * SEGMENT_PX].reshape(-1, SEGMENT_PX).astype(np.float32)
        lines = lines[lines.max(axis=1) > lines.min(axis=1) + 8]  # flat areas have no detail in any version
        if len(lines) < 32:
            return None
        window = np.hanning(SEGMENT_PX).astype(np.float32)
        spectrum = np.fft.rfft((lines - lines.mean(axis=1, keepdims=True)) * window, axis=1)
        power = np.log2((np.abs(spectrum) ** 2).mean(axis=0)[1:] / (window**2).sum() + 1e-6)
        above = np.flatnonzero(power > ROUNDING_FLOOR + ABOVE_FLOOR)
        cuts.append((int(above[-1]) + 1) / power.size if above.size else 0.0)
    return max(cuts) if max(cuts) <= HIGHEST_CUT else None


@cache
def _fine_tables() -> LatticeTables:
    """Every quality of QUALITIES; made when first asked for, as that takes a fifth of a second."""
    return LatticeTables(np.stack([ijg_table(int(quality)) for quality in QUALITIES]))
