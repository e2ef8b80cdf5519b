"""Draws whole chains: one kind of damage with rising strength (a ladder), or the same save repeated."""

import numpy as np

from genloss.datagen.draw_steps import COMMON_FILTERS, DITHERS, MIN_SIDE_PX, SAMPLINGS, TABLES, choose, encoder, jpeg, png
from genloss.datagen.recipe import Recipe, Step, names, step
from genloss.model.errors import DatagenError

# "edits": one drawn edit after the other. "ladder": siblings of the original, each damaged more of the
# same. "generations": turned and saved again, more often from version to version.
SHAPE_WEIGHTS = {"edits": 0.82, "ladder": 0.14, "generations": 0.04}
LADDER_WEIGHTS = {"jpeg": 0.6, "webp": 0.12, "down": 0.08, "palette": 0.1, "blur": 0.05, "grain": 0.05}
MAX_GENERATIONS = 1000
_MAX_SAVED_PIXELS = 80_000_000  # of all generations of a chain together: a second or two
_TRIES = 20


def draw_shape(generator: np.random.Generator, without: frozenset[str]) -> str:
    """Draws the shape of a chain; `without` excludes shapes.

    Raises:
        DatagenError: `without` leaves no shape.
    """
    left = {shape: weight for shape, weight in SHAPE_WEIGHTS.items() if shape not in without}
    if not left:
        raise DatagenError(f"--without {' '.join(sorted(without))} leaves no shape of a chain")
    return choose(generator, left)


def draw_ladder(generator: np.random.Generator, width_px: int, height_px: int, without: frozenset[str]) -> list[Recipe]:
    """Draws two to five recipes for the original, each with more loss than the one before; none if `without` excludes all."""
    for _ in range(_TRIES):
        kind = choose(generator, LADDER_WEIGHTS)
        rungs = [Recipe(f"{kind}_ladder", tuple(steps)) for steps in _rungs(generator, kind, width_px, height_px)]
        # A ladder belongs to the kind of edit it repeats: blur is one of the filters.
        if not any(names(rung) & without for rung in rungs) and not {kind, "filter" if kind == "blur" else kind} & without:
            return rungs
    return []


def draw_generations(generator: np.random.Generator, width_px: int, height_px: int, without: frozenset[str]) -> list[Recipe]:
    """Draws one to five recipes, each for the version before it, with more and more saves at one setting."""
    if names(Recipe("generations", (_generations(generator, 1),))) & without:
        return []
    most = min(MAX_GENERATIONS, _MAX_SAVED_PIXELS // (width_px * height_px))
    first = _generations(generator, int(generator.integers(1, 4)))
    growth = float(generator.uniform(1.5, 4.5))
    recipes, done = [], 0
    for index in range(int(generator.integers(1, 6))):
        count = round(first["count"] * growth**index)
        if done + count > max(4, most):
            break
        done += count
        recipes.append(Recipe("generations", (step("save_generations", **{**dict(first.parameters), "count": count}),)))
    return recipes


def _generations(generator: np.random.Generator, count: int) -> Step:
    return step(
        "save_generations",
        count=count,
        degrees=int(generator.choice([90, 270, 180])),
        quality=int(generator.integers(40, 96)),
        sampling=choose(generator, SAMPLINGS),
        progressive=bool(generator.random() < 0.2),
        tables=choose(generator, TABLES),
        **encoder(generator),
    )


def _rungs(generator: np.random.Generator, kind: str, width_px: int, height_px: int) -> list[list[Step]]:
    """Steps of each rung, the least damage first."""
    n_rungs = int(generator.integers(2, 6))
    if kind == "jpeg":
        same = jpeg(generator, 100)
        match choose(generator, {"part": 0.4, "lowest": 0.3, "whole": 0.3}):
            case "part":
                qualities = _falling(generator, 100, 0.85, n_rungs)
            case "lowest":  # these differ little in their tables, and are rarely met in other chains
                qualities = _falling(generator, 30, 0.85, n_rungs)
            case _:
                ends = generator.integers(90, 101), generator.integers(1, 6)
                qualities = [round(quality) for quality in np.geomspace(*ends, n_rungs)]
        return [[step("save_jpeg", **{**dict(same.parameters), "quality": quality})] for quality in qualities]
    if kind == "webp":
        return [[step("save_webp", quality=q, lossless=False)] for q in _falling(generator, 98, 0.8, n_rungs)]
    if kind == "down":
        kernel, saved = str(generator.choice(COMMON_FILTERS)), png(generator)
        rungs: list[list[Step]] = []
        for percent in _falling(generator, 92, 0.88, n_rungs):
            width, height = round(width_px * percent / 100), round(height_px * percent / 100)
            if min(width, height) >= MIN_SIDE_PX:
                resized = step("resize", width_px=width, height_px=height, filter=kernel, blur=1.0, linear_light=False)
                rungs.append([resized, saved])
        return rungs
    if kind == "palette":
        dither, saved = str(generator.choice(DITHERS)), step("save_gif") if generator.random() < 0.5 else png(generator, True)
        return [
            [step("quantise", n_colours=max(2, n), colourspace="undefined", dither=dither), saved]
            for n in _falling(generator, 256, 0.6, n_rungs)
            if n >= 2
        ]
    sigmas = np.cumprod([generator.uniform(0.5, 1.5), *generator.uniform(1.4, 2.2, n_rungs - 1)])
    saved = png(generator)
    if kind == "blur":
        return [[step("blur", sigma=float(sigma)), saved] for sigma in sigmas if sigma < 6]
    coloured, seed = bool(generator.random() < 0.4), int(generator.integers(2**31))
    return [[step("grain", sigma=2 * float(sigma), coloured=coloured, seed=seed), saved] for sigma in sigmas]


def _falling(generator: np.random.Generator, start: int, most: float, count: int) -> list[int]:
    """Whole numbers of at least 1, each at most `most` times the one before."""
    values: list[int] = []
    value = float(generator.uniform(0.3 * start, start))
    for _ in range(count):
        if value < 1:
            break
        values.append(int(value))
        value = int(value) * float(generator.uniform(0.35, most))
    return values
