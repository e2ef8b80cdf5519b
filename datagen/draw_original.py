"""Draws how the first version of a chain is made from a source picture, so that originals look like those on the web."""

import numpy as np

from genloss.datagen.draw_steps import COMMON_FILTERS, MAX_PIXELS, MIN_SIDE_PX, SAMPLINGS, choose, crop, jpeg, png, resize
from genloss.datagen.profiles import Profile, draw_quantile
from genloss.datagen.recipe import Recipe, Step, step

# Used where no profile was measured: mostly 300-1200 px, PNG or a good JPEG.
DEFAULT_PROFILE = Profile(
    longest_side_px=tuple(round(300 * 4 ** (place / 10)) for place in range(11)),
    aspect_ratio=(1.0, 1.0, 1.25, 1.33, 1.33, 1.4, 1.5, 1.5, 1.6, 1.78, 2.0),
    lossless_share=0.55,
    jpeg_quality=(82, 99),
    sampling=SAMPLINGS,
    progressive_share=0.35,
)
LOSSY_SHRINK = 1.5  # a lossy source is only re-encoded after shrinking by this much, which removes its own loss
_LEAST_SIDE_PX = 2 * MIN_SIDE_PX  # an original leaves room for edits that shrink it


def draw_original(
    generator: np.random.Generator, profile: Profile, width_px: int, height_px: int, lossy: bool
) -> Recipe | None:
    """Draws the recipe from source file to first version; None to take the file unchanged.

    A large picture is cropped and shrunk to a size drawn from the profile. A lossy source is shrunk only by LOSSY_SHRINK or
    more; else the file is taken unchanged.
    """
    longest, shortest = max(width_px, height_px), min(width_px, height_px)
    target = min(draw_quantile(generator, profile.longest_side_px), MAX_PIXELS**0.5 * 1.2)
    aspect = draw_quantile(generator, profile.aspect_ratio)
    whole, keep_aspect, small = generator.random(3) < (0.5, 0.5, 0.4)
    steps: list[Step] = []
    too_large = width_px * height_px > MAX_PIXELS
    if lossy and not too_large:
        may_shrink = shortest / LOSSY_SHRINK > 150
        if not may_shrink or not small:
            return None
        target = longest / float(generator.uniform(LOSSY_SHRINK, min(2.5, shortest / 150)))
    least = LOSSY_SHRINK if lossy else 1.0
    most = max(least, longest / max(target, _LEAST_SIDE_PX))
    factor = most if whole else float(np.exp(generator.uniform(np.log(least), np.log(most))))
    # The window that becomes the original once shrunk by the factor, in pixels of the source.
    window = min(longest, target * factor)
    other = window * shortest / longest if keep_aspect else min(shortest, window / aspect)
    other = min(shortest, max(other, _LEAST_SIDE_PX * factor))
    if round(window) < longest or round(other) < shortest:
        kept = (window, other) if width_px >= height_px else (other, window)
        window_step = crop(generator, width_px, height_px, kept[0] / width_px, kept[1] / height_px, aligned=False)
        width_px, height_px = window_step["width_px"], window_step["height_px"]
        steps.append(window_step)
    if factor > 1.02:
        steps.append(resize(generator, round(width_px / factor), round(height_px / factor), COMMON_FILTERS[:4]))
    return Recipe("original", (*steps, _save(generator, profile)))


def _save(generator: np.random.Generator, profile: Profile) -> Step:
    if generator.random() < profile.lossless_share:
        return png(generator)
    drawn = jpeg(generator, int(draw_quantile(generator, profile.jpeg_quality)))
    sampling, progressive = choose(generator, profile.sampling), bool(generator.random() < profile.progressive_share)
    return step("save_jpeg", **{**dict(drawn.parameters), "sampling": sampling, "progressive": progressive})
