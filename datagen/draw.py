"""From a random generator to a recipe: every range and distribution of the project lives in this file."""

import numpy as np

from datagen.recipe import Recipe, Step, step

# Weights of the kinds of edit, after what the web does to pictures: plain re-saves most often, then
# the things sites and people do. They need not add up to one.
KIND_WEIGHTS = {
    "jpeg": 0.25,
    "generation": 0.15,
    "platform": 0.11,
    "down": 0.11,
    "up": 0.11,
    "crop": 0.07,
    "palette": 0.07,
    "webp": 0.06,
    "launder": 0.06,
    "screenshot": 0.06,
    "filter": 0.03,
}
FILTERS = (
    "point", "box", "triangle", "hermite", "hanning", "hamming", "blackman", "gaussian", "quadratic", "cubic", "catrom",
    "mitchell", "sinc", "kaiser", "welsh", "parzen", "bohman", "bartlett", "lagrange", "lanczos", "lanczossharp", "lanczos2",
    "robidoux", "spline",
)  # fmt: skip
COMMON_FILTERS = ("lanczos", "mitchell", "triangle", "catrom", "cubic", "box")
SAMPLINGS = ("4:2:0", "4:4:4", "4:2:2", "4:4:0", "4:1:1")
SAMPLING_WEIGHTS = (0.60, 0.27, 0.09, 0.02, 0.02)
PLATFORM_SIDES_PX = (320, 400, 480, 500, 512, 600, 640, 720, 800, 960, 1024, 1080, 1200)
MIN_SIDE_PX = 64  # no version gets smaller: below this there are too few blocks to learn from
MAX_PIXELS = 1_600_000  # no version gets larger: keeps a chain under a second
ORIGINAL_SIDE_PX = (300, 1200)


def draw_original(generator: np.random.Generator, width_px: int, height_px: int, lossy: bool) -> Recipe | None:
    """How the first version of a chain is made from a source picture, or None to take the file as it is.

    Large pictures are cut and shrunk, which also removes any compression of their own: originals on
    the web are seldom camera files. A lossy source is only re-encoded after shrinking it by 1.5 or more.
    """
    longest, shortest = max(width_px, height_px), min(width_px, height_px)
    target = float(np.exp(generator.uniform(*np.log(ORIGINAL_SIDE_PX))))
    steps: list[Step] = []
    if longest > 1.3 * ORIGINAL_SIDE_PX[1] or (longest > 640 and generator.random() < 0.5):
        least = 1.6 if lossy else 1.0
        factor = float(generator.uniform(least, max(least + 0.1, min(4.0, longest / target))))
        window = min(longest, target * factor)
        share = window / longest
        crop = _crop_step(generator, width_px, height_px, share, share, aligned=False)
        steps.append(crop)
        width_px, height_px = crop["width_px"], crop["height_px"]
    elif lossy:
        if generator.random() < 0.6 or shortest < 240:
            return None
        factor = float(generator.uniform(1.5, max(1.6, min(2.5, shortest / 150))))
    else:
        factor = float(generator.choice([1.0, generator.uniform(1.0, max(1.0, min(2.5, shortest / 160)))]))
    if factor > 1.02:
        steps.append(_resize_step(generator, round(width_px / factor), round(height_px / factor), COMMON_FILTERS[:4]))
    if generator.random() < 0.55:
        steps.append(_png(generator))
    else:
        steps.append(_jpeg(generator, int(generator.integers(82, 99))))
    return Recipe("original", tuple(steps))


def draw_kind(generator: np.random.Generator, without: frozenset[str] = frozenset()) -> str:
    """One kind of edit, by weight, leaving out the kinds in `without`."""
    kinds = [kind for kind in KIND_WEIGHTS if kind not in without]
    weights = np.array([KIND_WEIGHTS[kind] for kind in kinds])
    return str(generator.choice(kinds, p=weights / weights.sum()))


def draw_edit(generator: np.random.Generator, kind: str, width_px: int, height_px: int, last_quality: int) -> Recipe:
    """One edit of the kind for an image of this size.

    Args:
        last_quality: quality of the chain's latest JPEG save in [1, 100]; generations stay near it,
            as the same program saving again would.
    """
    builders = {
        "jpeg": _draw_jpeg,
        "generation": lambda g, w, h: _draw_generation(g, w, h, last_quality),
        "platform": _draw_platform,
        "down": _draw_down,
        "up": _draw_up,
        "crop": _draw_crop,
        "palette": _draw_palette,
        "webp": _draw_webp,
        "launder": _draw_launder,
        "screenshot": _draw_screenshot,
        "filter": _draw_filter,
    }
    return Recipe(kind, tuple(builders[kind](generator, width_px, height_px)))


def draw_quality(generator: np.random.Generator) -> int:
    """A JPEG quality in [2, 100]: mostly what programs and sites use, with both tails."""
    part = generator.choice(4, p=[0.45, 0.33, 0.17, 0.05])
    low, high = ((70, 93), (35, 80), (88, 101), (2, 35))[part]
    return int(generator.integers(low, high))


def _draw_jpeg(generator: np.random.Generator, width_px: int, height_px: int) -> list[Step]:
    return [_jpeg(generator, draw_quality(generator))]


def _draw_generation(generator: np.random.Generator, width_px: int, height_px: int, quality: int) -> list[Step]:
    """The same picture saved once more at a similar quality, now and then shifted, turned or scaled a little."""
    steps: list[Step] = []
    how = generator.random()
    if how < 0.35:
        left, top, right, bottom = (int(value) for value in generator.integers(0, 9, size=4))
        if width_px - left - right >= MIN_SIDE_PX and height_px - top - bottom >= MIN_SIDE_PX:
            steps.append(_crop_to(left, top, width_px - left - right, height_px - top - bottom))
    elif how < 0.65:
        factor = float(generator.uniform(0.85, 1.12))
        steps.append(_resize_step(generator, *_scaled(width_px, height_px, factor), COMMON_FILTERS))
    elif how < 0.72:
        steps.append(step("rotate", degrees=int(generator.choice([90, 180, 270]))))
    quality = int(np.clip(quality + generator.integers(-12, 13), 10, 98))
    if generator.random() < 0.85:
        return [*steps, _jpeg(generator, quality)]
    return [*steps, step("save_webp", quality=quality, lossless=False)]


def _draw_platform(generator: np.random.Generator, width_px: int, height_px: int) -> list[Step]:
    side = int(generator.choice(PLATFORM_SIDES_PX))
    steps: list[Step] = []
    if side < max(width_px, height_px):
        factor = side / max(width_px, height_px)
        steps.append(_resize_step(generator, *_scaled(width_px, height_px, factor), COMMON_FILTERS))
    if generator.random() < 0.3:
        steps.append(step("sharpen", sigma=float(generator.uniform(0.3, 1.0))))
    if generator.random() < 0.2:
        return [*steps, step("save_webp", quality=int(generator.integers(55, 90)), lossless=False)]
    quality = int(generator.integers(55, 92))
    sampling = "4:2:0" if generator.random() < 0.85 else "4:4:4"
    return [*steps, step("save_jpeg", quality=quality, sampling=sampling, progressive=bool(generator.random() < 0.5))]


def _draw_down(generator: np.random.Generator, width_px: int, height_px: int) -> list[Step]:
    factor = float(generator.uniform(0.3, 0.97))
    return [_any_resize(generator, *_scaled(width_px, height_px, factor)), _good_save(generator)]


def _draw_up(generator: np.random.Generator, width_px: int, height_px: int) -> list[Step]:
    factor = float(np.exp(generator.uniform(np.log(1.05), np.log(3.0))))
    steps: list[Step] = []
    if generator.random() < 0.3:
        smaller = _scaled(width_px, height_px, float(generator.uniform(0.35, 0.9)))
        steps.append(_any_resize(generator, *smaller))
        if generator.random() < 0.5:
            factor = 1.0
    steps.append(_any_resize(generator, *_scaled(width_px, height_px, factor)))
    return [*steps, _good_save(generator)]


def _draw_crop(generator: np.random.Generator, width_px: int, height_px: int) -> list[Step]:
    across, down = generator.uniform(0.6, 0.99, size=2)
    return [
        _crop_step(generator, width_px, height_px, across, down, aligned=bool(generator.random() < 0.35)),
        _good_save(generator),
    ]


def _draw_palette(generator: np.random.Generator, width_px: int, height_px: int) -> list[Step]:
    if generator.random() < 0.15:
        dither = str(generator.choice(["no", "floyd_steinberg"]))
        first = step("posterise", levels=int(generator.integers(3, 24)), dither=dither)
    else:
        part = generator.random()
        n_colours = 256 if part < 0.35 else int(np.exp(generator.uniform(np.log(6), np.log(256))))
        first = step(
            "quantise",
            n_colours=n_colours,
            colourspace=str(generator.choice(["undefined", "srgb", "lab", "ycbcr"], p=[0.6, 0.2, 0.1, 0.1])),
            dither=str(generator.choice(["no", "floyd_steinberg", "riemersma"])),
        )
    ending = generator.random()
    if ending < 0.4:
        return [first, step("save_gif")]
    if ending < 0.85:
        return [first, step("save_png", compression_level=_level(generator), palette=True)]
    return [first, _good_save(generator)]


def _draw_webp(generator: np.random.Generator, width_px: int, height_px: int) -> list[Step]:
    saved = step("save_webp", quality=int(generator.integers(15, 98)), lossless=False)
    if generator.random() < 0.3:
        return [saved, _good_save(generator)]
    return [saved]


def _draw_launder(generator: np.random.Generator, width_px: int, height_px: int) -> list[Step]:
    """Poor quality inside, a good-looking container outside, often larger than the original."""
    inside = _jpeg(generator, int(generator.integers(8, 85)))
    ending = generator.random()
    if ending < 0.5:
        return [inside, _png(generator)]
    if ending < 0.9:
        return [inside, _jpeg(generator, int(generator.integers(90, 101)))]
    return [inside, step("save_webp", quality=90, lossless=True)]


def _draw_screenshot(generator: np.random.Generator, width_px: int, height_px: int) -> list[Step]:
    factor = float(generator.choice([1.0, 1.25, 1.5, 2.0, 0.5, 0.67, 0.75, 0.8, generator.uniform(0.4, 2.0)]))
    steps: list[Step] = []
    width, height = _scaled(width_px, height_px, factor)
    if (width, height) != (width_px, height_px):
        steps.append(_resize_step(generator, width, height, ("triangle", "catrom", "mitchell", "lanczos")))
    if generator.random() < 0.5:
        across, down = generator.uniform(0.85, 1.0, size=2)
        steps.append(_crop_step(generator, width, height, across, down, aligned=False))
    if generator.random() < 0.35:
        sides = generator.integers(0, 60, size=2)
        colour = str(generator.choice(["black", "white", "#202124", "#f0f2f5"]))
        steps.append(step("border", width_px=int(sides[0]), height_px=int(sides[1]), colour=colour))
    if generator.random() < 0.5:
        return [*steps, _png(generator)]
    return [*steps, _jpeg(generator, int(generator.integers(70, 97)))]


def _draw_filter(generator: np.random.Generator, width_px: int, height_px: int) -> list[Step]:
    part = generator.random()
    if part < 0.4:
        first = step("blur", sigma=float(generator.uniform(0.4, 1.5)))
    elif part < 0.7:
        first = step("sharpen", sigma=float(generator.uniform(0.5, 2.0)))
    else:
        first = step("gamma", gamma=float(generator.choice([generator.uniform(0.7, 0.95), generator.uniform(1.05, 1.4)])))
    return [first, _good_save(generator)]


def _good_save(generator: np.random.Generator) -> Step:
    """What a careful person would choose: lossless, or a high quality."""
    part = generator.random()
    if part < 0.42:
        return _png(generator)
    if part < 0.92:
        return _jpeg(generator, int(generator.integers(75, 99)))
    return step("save_webp", quality=int(generator.integers(75, 98)), lossless=bool(generator.random() < 0.3))


def _jpeg(generator: np.random.Generator, quality: int) -> Step:
    sampling = str(generator.choice(SAMPLINGS, p=SAMPLING_WEIGHTS))
    return step("save_jpeg", quality=quality, sampling=sampling, progressive=bool(generator.random() < 0.35))


def _png(generator: np.random.Generator) -> Step:
    return step("save_png", compression_level=_level(generator), palette=False)


def _level(generator: np.random.Generator) -> int:
    return int(generator.choice([3, 6, 7, 9], p=[0.15, 0.5, 0.2, 0.15]))


def _any_resize(generator: np.random.Generator, width_px: int, height_px: int) -> Step:
    part = generator.random()
    if part < 0.10:
        return step("sample", width_px=width_px, height_px=height_px)
    if part < 0.18:
        return step("scale", width_px=width_px, height_px=height_px)
    if part < 0.22:
        kernel = str(generator.choice(["lanczos", "mitchell", "robidoux"]))
        return step("distort_resize", width_px=width_px, height_px=height_px, filter=kernel)
    return _resize_step(generator, width_px, height_px, FILTERS if generator.random() < 0.4 else COMMON_FILTERS)


def _resize_step(generator: np.random.Generator, width_px: int, height_px: int, filters: tuple[str, ...]) -> Step:
    blur = 1.0 if generator.random() < 0.85 else float(generator.uniform(0.8, 1.2))
    return step(
        "resize",
        width_px=max(1, width_px),
        height_px=max(1, height_px),
        filter=str(generator.choice(list(filters))),
        blur=blur,
        linear_light=bool(generator.random() < 0.15),
    )


def _crop_step(
    generator: np.random.Generator, width_px: int, height_px: int, across: float, down: float, aligned: bool
) -> Step:
    width = min(width_px, max(MIN_SIDE_PX, round(width_px * across)))
    height = min(height_px, max(MIN_SIDE_PX, round(height_px * down)))
    left = int(generator.integers(0, width_px - width + 1))
    top = int(generator.integers(0, height_px - height + 1))
    if aligned:
        left, top = left // 8 * 8, top // 8 * 8
    return _crop_to(left, top, width, height)


def _crop_to(left_px: int, top_px: int, width_px: int, height_px: int) -> Step:
    return step("crop", left_px=left_px, top_px=top_px, width_px=width_px, height_px=height_px)


def _scaled(width_px: int, height_px: int, factor: float) -> tuple[int, int]:
    """Size after scaling, kept between the smallest and the largest version allowed."""
    factor = min(factor, float(np.sqrt(MAX_PIXELS / (width_px * height_px))))
    factor = max(factor, MIN_SIDE_PX / min(width_px, height_px))
    return max(1, round(width_px * factor)), max(1, round(height_px * factor))
