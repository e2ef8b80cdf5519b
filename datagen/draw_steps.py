"""Draws single steps, with the ranges of their parameters; draw.py draws whole edits."""

import numpy as np

from genloss.datagen.recipe import Step, step

FILTERS = (
    "point", "box", "triangle", "hermite", "hanning", "hamming", "blackman", "gaussian", "quadratic", "cubic", "catrom",
    "mitchell", "sinc", "kaiser", "welsh", "parzen", "bohman", "bartlett", "lagrange", "lanczos", "lanczossharp", "lanczos2",
    "robidoux", "spline",
)  # fmt: skip
COMMON_FILTERS = ("lanczos", "mitchell", "triangle", "catrom", "cubic", "box")
SAMPLINGS = {"4:2:0": 0.60, "4:4:4": 0.27, "4:2:2": 0.09, "4:4:0": 0.02, "4:1:1": 0.02}
# Families of quantisation tables: Annex K of ITU-T T.81, or a file of quantisation_tables/.
TABLES = {"annex_k": 0.85, "robidoux": 0.06, "ms_ssim": 0.03, "psnr_hvs": 0.02, "flat": 0.02, "detection_model": 0.02}
# libjpeg's forward transforms: the exact one in whole numbers, in floats, and the fast one that few programs choose.
DCTS = {"islow": 0.8, "float": 0.12, "ifast": 0.08}
DITHERS = ("no", "floyd_steinberg", "riemersma")
ORDERED_MAPS = ("o2x2", "o3x3", "o4x4", "o8x8", "checks")
MIN_SIDE_PX = 64  # no version gets smaller: below this there are too few blocks to learn from
MAX_PIXELS = 1_600_000  # no version gets larger: keeps a chain under a second
WORDS = (
    "when", "you", "finally", "the", "cat", "monday", "again", "nobody", "me", "found", "this", "look", "at", "that", "every",
    "time", "best", "photo", "summer", "page", "shared", "by", "original", "source", "2009", "2016", "2024",
)  # fmt: skip


def choose(generator: np.random.Generator, shares: dict[str, float]) -> str:
    """Draws a key with a probability proportional to its share."""
    weights = np.array(list(shares.values()))
    return str(generator.choice(list(shares), p=weights / weights.sum()))


def draw_quality(generator: np.random.Generator) -> int:
    """Draws a JPEG quality in [2, 100]: mostly one that programs and sites use, sometimes a very low or high one."""
    part = generator.choice(4, p=[0.45, 0.33, 0.17, 0.05])
    low, high = ((70, 93), (35, 80), (88, 101), (2, 35))[part]
    return int(generator.integers(low, high))


def jpeg(generator: np.random.Generator, quality: int) -> Step:
    return step(
        "save_jpeg",
        quality=quality,
        sampling=choose(generator, SAMPLINGS),
        progressive=bool(generator.random() < 0.35),
        tables=choose(generator, TABLES),
        **encoder(generator),
    )


def encoder(generator: np.random.Generator) -> dict[str, str | bool]:
    """Draws how a program uses libjpeg: the forward transform, and whether Huffman tables are optimised."""
    return {"dct": choose(generator, DCTS), "optimised": bool(generator.random() < 0.5)}


def png(generator: np.random.Generator, palette: bool = False) -> Step:
    # zlib's level 6 takes three times as long as 3 and 9 twelve times, for files 7 and 9 % smaller.
    level = int(generator.choice([1, 3, 4, 6, 9], p=[0.2, 0.4, 0.3, 0.09, 0.01]))
    return step("save_png", compression_level=level, palette=palette)


def good_save(generator: np.random.Generator) -> Step:
    """Draws the save of a careful person: lossless, or at a high quality."""
    part = generator.random()
    if part < 0.42:
        return png(generator)
    if part < 0.92:
        return jpeg(generator, int(generator.integers(75, 99)))
    return step("save_webp", quality=int(generator.integers(75, 98)), lossless=bool(generator.random() < 0.3))


def any_resize(generator: np.random.Generator, width_px: int, height_px: int) -> Step:
    """Draws a resize to this size by any of ImageMagick's methods."""
    part = generator.random()
    if part < 0.10:
        return step("sample", width_px=width_px, height_px=height_px)
    if part < 0.18:
        return step("scale", width_px=width_px, height_px=height_px)
    if part < 0.26:
        return step("adaptive_resize", width_px=width_px, height_px=height_px)
    if part < 0.30:
        kernel = str(generator.choice(["lanczos", "mitchell", "robidoux"]))
        return step("distort_resize", width_px=width_px, height_px=height_px, filter=kernel)
    return resize(generator, width_px, height_px, FILTERS if generator.random() < 0.4 else COMMON_FILTERS)


def resize(generator: np.random.Generator, width_px: int, height_px: int, filters: tuple[str, ...]) -> Step:
    blur = 1.0 if generator.random() < 0.85 else float(generator.uniform(0.8, 1.2))
    return step(
        "resize",
        width_px=max(1, width_px),
        height_px=max(1, height_px),
        filter=str(generator.choice(list(filters))),
        blur=blur,
        # Rare in the programs people use, and as dear as the resizing itself.
        linear_light=bool(generator.random() < 0.08),
    )


def crop(generator: np.random.Generator, width_px: int, height_px: int, across: float, down: float, aligned: bool) -> Step:
    """Draws a crop with these shares of width and height at any place; `aligned` puts its corner on the 8x8 grid."""
    width = min(width_px, max(MIN_SIDE_PX, round(width_px * across)))
    height = min(height_px, max(MIN_SIDE_PX, round(height_px * down)))
    left = int(generator.integers(0, width_px - width + 1))
    top = int(generator.integers(0, height_px - height + 1))
    if aligned:
        left, top = left // 8 * 8, top // 8 * 8
    return step("crop", left_px=left, top_px=top, width_px=width, height_px=height)


def palette(generator: np.random.Generator, dataset_palettes: tuple[str, ...]) -> Step:
    """Draws a reduction of colours: to the picture's own palette, to one that similar pictures share, or to regular levels.

    Args:
        dataset_palettes: palettes of the source's cluster, each as concatenated hexadecimal rrggbb.
    """
    part = generator.random()
    if part < 0.10:
        return step("posterise", levels=int(generator.integers(3, 24)), dither=str(generator.choice(DITHERS[:2])))
    if part < 0.18:
        return step("ordered_dither", map=str(generator.choice(ORDERED_MAPS)), levels=int(generator.integers(3, 24)))
    dither = str(generator.choice(DITHERS))
    if part < 0.36 and dataset_palettes:
        return step("dataset_palette", colours=str(generator.choice(dataset_palettes)), dither=dither)
    n_colours = 256 if generator.random() < 0.35 else int(np.exp(generator.uniform(np.log(6), np.log(256))))
    colourspace = choose(generator, {"undefined": 0.6, "srgb": 0.2, "lab": 0.1, "ycbcr": 0.1})
    return step("quantise", n_colours=n_colours, colourspace=colourspace, dither=dither)


def lettering(generator: np.random.Generator, width_px: int, height_px: int, watermark: bool) -> Step:
    """Draws a caption, or a faint and often slanted watermark."""
    text = " ".join(generator.choice(WORDS, size=int(generator.integers(1, 6))))
    # Bold letters are about 0.65 em wide: the line should fit across the picture.
    size = min(0.95 * width_px / (0.65 * len(text)), height_px * float(generator.uniform(0.04, 0.14)))
    size = max(8, round(size))
    width = round(0.65 * size * len(text))
    if watermark:
        left = int(generator.integers(0, max(1, width_px - width)))
        baseline = int(generator.integers(size, max(size + 1, height_px)))
        opacity, degrees = float(generator.uniform(0.15, 0.7)), float(generator.choice([0.0, 0.0, -30.0, -45.0]))
        colour, outline = str(generator.choice(["white", "black", "#c0c0c0"])), "none"
    else:
        left = max(0, (width_px - width) // 2)
        baseline = round(1.2 * size) if generator.random() < 0.5 else max(size, height_px - round(0.4 * size))
        opacity, degrees = 1.0, 0.0
        colour, outline = ("white", "black") if generator.random() < 0.8 else ("yellow", "black")
    return step(
        "lettering", text=text, left_px=left, baseline_px=baseline, size_px=size,
        colour=colour, outline=outline, opacity=opacity, degrees=degrees,
    )  # fmt: skip


def scaled(width_px: int, height_px: int, factor: float) -> tuple[int, int]:
    """Size after scaling, clipped to the smallest and largest size of a version."""
    factor = min(factor, float(np.sqrt(MAX_PIXELS / (width_px * height_px))))
    factor = max(factor, MIN_SIDE_PX / min(width_px, height_px))
    return max(1, round(width_px * factor)), max(1, round(height_px * factor))
