"""Draws whole edits: the kind by its weight, then its steps."""

import numpy as np

from genloss.datagen.draw_repairs import draw_damage, draw_deblock, draw_denoise, draw_enhance, draw_scan, draw_tone
from genloss.datagen.draw_steps import (
    COMMON_FILTERS,
    MIN_SIDE_PX,
    any_resize,
    crop,
    draw_quality,
    encoder,
    good_save,
    jpeg,
    lettering,
    palette,
    png,
    resize,
    scaled,
)
from genloss.datagen.kinds import KIND_WEIGHTS, KINDS_ALONE
from genloss.datagen.platforms import PLATFORMS, Platform
from genloss.datagen.recipe import Recipe, Step, names, step
from genloss.model.errors import DatagenError

PLATFORM_SIDES_PX = (320, 400, 480, 500, 512, 600, 640, 720, 800, 960, 1024, 1080, 1200)
SCREEN_FACTORS = (1.0, 1.25, 1.5, 2.0, 0.5, 0.67, 0.75, 0.8)  # ratios of device pixels to CSS pixels, and back
_TRIES = 1000


def draw_chain_length(generator: np.random.Generator) -> int:
    """Draws the number of edits after the original, 1 to 5."""
    return int(generator.choice([1, 2, 3, 4, 5], p=[0.2, 0.25, 0.25, 0.18, 0.12]))


def draw_edit(
    generator: np.random.Generator,
    width_px: int,
    height_px: int,
    last_quality: int,
    dataset_palettes: tuple[str, ...] = (),
    without: frozenset[str] = frozenset(),
) -> Recipe:
    """Draws an edit for an image of this size.

    Args:
        last_quality: quality of the chain's last JPEG save in [1, 100]. Generations stay near it, as if the same program saved
            again.
        dataset_palettes: palettes of the source's cluster, see palettes.py; empty for none.
        without: kinds, steps and formats that no edit may contain.

    Raises:
        DatagenError: `without` leaves nothing to draw.
    """
    left_out = without | {KINDS_ALONE[name] for name in without & KINDS_ALONE.keys()}
    kinds = [kind for kind in KIND_WEIGHTS if kind not in left_out]
    weights = np.array([KIND_WEIGHTS[kind] for kind in kinds])
    for _ in range(_TRIES if kinds else 0):
        kind = str(generator.choice(kinds, p=weights / weights.sum()))
        recipe = draw_kind(generator, kind, width_px, height_px, last_quality, dataset_palettes)
        if not names(recipe) & without:
            return recipe
    raise DatagenError(f"--without {' '.join(sorted(without))} leaves no edit to draw")


def draw_kind(
    generator: np.random.Generator,
    kind: str,
    width_px: int,
    height_px: int,
    last_quality: int,
    dataset_palettes: tuple[str, ...] = (),
) -> Recipe:
    """Draws an edit of this kind; arguments as for `draw_edit`."""
    builders = {
        "jpeg": lambda g, w, h: [jpeg(g, draw_quality(g))],
        "generation": lambda g, w, h: _draw_generation(g, w, h, last_quality),
        "platform": _draw_platform,
        "down": _draw_down,
        "up": _draw_up,
        "crop": _draw_crop,
        "palette": lambda g, w, h: _draw_palette(g, dataset_palettes),
        "launder": lambda g, w, h: _draw_launder(g),
        "screenshot": _draw_screenshot,
        "webp": lambda g, w, h: _draw_webp(g),
        "filter": lambda g, w, h: _draw_filter(g),
        "tone": lambda g, w, h: draw_tone(g),
        "lettering": lambda g, w, h: [lettering(g, w, h, watermark=bool(g.random() < 0.5)), good_save(g)],
        "grain": lambda g, w, h: _draw_grain(g),
        "denoise": draw_denoise,
        "deblock": lambda g, w, h: draw_deblock(g),
        "scan": lambda g, w, h: draw_scan(g),
        "damage": lambda g, w, h: draw_damage(g),
        "enhance": draw_enhance,
        "avif": lambda g, w, h: [step("save_avif", quality=int(g.integers(25, 91)))],
    }
    return Recipe(kind, tuple(builders[kind](generator, width_px, height_px)))


def _draw_generation(generator: np.random.Generator, width_px: int, height_px: int, quality: int) -> list[Step]:
    """Draws another save at a similar quality, sometimes with a small shift, turn or scaling."""
    steps: list[Step] = []
    how = generator.random()
    if how < 0.35:
        left, top, right, bottom = (int(value) for value in generator.integers(0, 9, size=4))
        width, height = width_px - left - right, height_px - top - bottom
        if min(width, height) >= MIN_SIDE_PX:
            steps.append(step("crop", left_px=left, top_px=top, width_px=width, height_px=height))
    elif how < 0.65:
        factor = float(generator.uniform(0.85, 1.12))
        width, height = scaled(width_px, height_px, factor)
        if generator.random() < 0.15:
            steps.append(step("adaptive_resize", width_px=width, height_px=height))
        else:
            steps.append(resize(generator, width, height, COMMON_FILTERS))
    elif how < 0.72:
        steps.append(step("rotate", degrees=int(generator.choice([90, 180, 270]))))
    quality = int(np.clip(quality + generator.integers(-12, 13), 10, 98))
    if generator.random() < 0.85:
        return [*steps, jpeg(generator, quality)]
    return [*steps, step("save_webp", quality=quality, lossless=False)]


def _draw_platform(generator: np.random.Generator, width_px: int, height_px: int) -> list[Step]:
    if generator.random() < 0.7:
        known = PLATFORMS[int(generator.integers(len(PLATFORMS)))]
    else:  # a service nobody has described: the same sort of treatment with other numbers
        side = int(generator.choice(PLATFORM_SIDES_PX))
        sampling = "4:2:0" if generator.random() < 0.85 else "4:4:4"
        known = Platform(
            "other", side, str(generator.choice(COMMON_FILTERS)),
            float(generator.uniform(0.3, 1.0)) if generator.random() < 0.3 else 0.0,
            "webp" if generator.random() < 0.2 else "jpeg", (55, 91), sampling, bool(generator.random() < 0.5),
        )  # fmt: skip
    steps: list[Step] = []
    if known.side_px < max(width_px, height_px):
        size = scaled(width_px, height_px, known.side_px / max(width_px, height_px))
        steps.append(step("resize", width_px=size[0], height_px=size[1], filter=known.filter, blur=1.0, linear_light=False))
    if known.sharpen_sigma:
        steps.append(step("sharpen", sigma=known.sharpen_sigma))
    quality = int(generator.integers(known.qualities[0], known.qualities[1] + 1))
    if known.image_format == "webp":
        return [*steps, step("save_webp", quality=quality, lossless=False)]
    if known.image_format == "avif":
        return [*steps, step("save_avif", quality=quality)]
    saved = step(
        "save_jpeg",
        quality=quality,
        sampling=known.sampling,
        progressive=known.progressive,
        tables=known.tables,
        **encoder(generator),
    )
    return [*steps, saved]


def _draw_down(generator: np.random.Generator, width_px: int, height_px: int) -> list[Step]:
    factor = float(generator.uniform(0.3, 0.97))
    return [any_resize(generator, *scaled(width_px, height_px, factor)), good_save(generator)]


def _draw_up(generator: np.random.Generator, width_px: int, height_px: int) -> list[Step]:
    """Draws an enlargement; three times in ten after shrinking, and half of these back to the old size."""
    factor = float(np.exp(generator.uniform(np.log(1.05), np.log(3.0))))
    steps: list[Step] = []
    if generator.random() < 0.3:
        steps.append(any_resize(generator, *scaled(width_px, height_px, float(generator.uniform(0.35, 0.9)))))
        factor = 1.0 if generator.random() < 0.5 else factor
    steps.append(any_resize(generator, *scaled(width_px, height_px, factor)))
    return [*steps, good_save(generator)]


def _draw_crop(generator: np.random.Generator, width_px: int, height_px: int) -> list[Step]:
    if generator.random() < 0.2:
        room = [max(0, (side - MIN_SIDE_PX) // 2) for side in (width_px, height_px)]
        sides = [min(limit, int(generator.integers(1, 40))) for limit in room]
        return [step("shave", width_px=sides[0], height_px=sides[1]), good_save(generator)]
    across, down = generator.uniform(0.6, 0.99, size=2)
    aligned = bool(generator.random() < 0.35)
    return [crop(generator, width_px, height_px, across, down, aligned), good_save(generator)]


def _draw_palette(generator: np.random.Generator, dataset_palettes: tuple[str, ...]) -> list[Step]:
    first = palette(generator, dataset_palettes)
    ending = generator.random()
    if ending < 0.4:
        return [first, step("save_gif")]
    if ending < 0.85:
        return [first, png(generator, palette=True)]
    return [first, good_save(generator)]


def _draw_launder(generator: np.random.Generator) -> list[Step]:
    """Draws a save at poor quality and then a save that looks good, often at a larger size than the original."""
    inside = jpeg(generator, int(generator.integers(8, 85)))
    ending = generator.random()
    if ending < 0.5:
        return [inside, png(generator)]
    if ending < 0.9:
        return [inside, jpeg(generator, int(generator.integers(90, 101)))]
    return [inside, step("save_webp", quality=90, lossless=True)]


def _draw_screenshot(generator: np.random.Generator, width_px: int, height_px: int) -> list[Step]:
    """Draws a screenshot: the scale of a device, a small crop, and sometimes bars or margins."""
    factor = float(generator.choice([*SCREEN_FACTORS, generator.uniform(0.4, 2.0)]))
    steps: list[Step] = []
    width, height = scaled(width_px, height_px, factor)
    if (width, height) != (width_px, height_px):
        steps.append(resize(generator, width, height, ("triangle", "catrom", "mitchell", "lanczos")))
    if generator.random() < 0.5:
        across, down = generator.uniform(0.85, 1.0, size=2)
        steps.append(crop(generator, width, height, across, down, aligned=False))
    if generator.random() < 0.35:
        sides = generator.integers(0, 60, size=2)
        if generator.random() < 0.5:
            sides[int(generator.integers(2))] = 0  # letterbox: bars on two sides only
        colour = str(generator.choice(["black", "white", "#202124", "#f0f2f5"]))
        steps.append(step("border", width_px=int(sides[0]), height_px=int(sides[1]), colour=colour))
    if generator.random() < 0.5:
        return [*steps, png(generator)]
    return [*steps, jpeg(generator, int(generator.integers(70, 97)))]


def _draw_webp(generator: np.random.Generator) -> list[Step]:
    saved = step("save_webp", quality=int(generator.integers(15, 98)), lossless=False)
    return [saved, good_save(generator)] if generator.random() < 0.3 else [saved]


def _draw_filter(generator: np.random.Generator) -> list[Step]:
    part = generator.random()
    if part < 0.45:
        first = step("blur", sigma=float(generator.uniform(0.4, 1.5)))
    elif part < 0.85:
        first = step("sharpen", sigma=float(generator.uniform(0.5, 2.0)))
    else:
        first = step("median", size_px=3)
    return [first, good_save(generator)]


def _draw_grain(generator: np.random.Generator) -> list[Step]:
    sigma = float(np.exp(generator.uniform(np.log(1.0), np.log(12.0))))
    coloured, seed = bool(generator.random() < 0.4), int(generator.integers(2**31))
    return [step("grain", sigma=sigma, coloured=coloured, seed=seed), good_save(generator)]
