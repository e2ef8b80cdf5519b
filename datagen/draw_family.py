"""Draws a family tree: its shape, the parent of each version, and the strength of a repeated edit."""

from collections.abc import Callable
from typing import Any

import numpy as np

from genloss.datagen.draw_steps import MAX_PIXELS, MIN_SIDE_PX, choose
from genloss.datagen.recipe import RESIZES, Recipe, Step, step

# "tree": each version is made from any earlier one. "siblings": all are made from the original. "ladder": the same, and
# the first of them are one kind of damage in rising strength. "chain": each is made from the one before it.
SHAPE_WEIGHTS = {"tree": 0.5, "siblings": 0.2, "ladder": 0.1, "chain": 0.2}
ORIGINAL_SHARE = 0.4  # of the versions of a tree that are made from the original
REPEAT_SHARE = 0.2  # of the versions that repeat another's edit at another strength
# Per step the parameter that says how strong it is, its range, and whether people give it in whole numbers.
_STRENGTHS: dict[str, tuple[str, float, float, bool]] = {
    "save_jpeg": ("quality", 2, 100, True),
    "save_webp": ("quality", 5, 98, True),
    "save_avif": ("quality", 10, 95, True),
    "blur": ("sigma", 0.3, 4.0, False),
    "sharpen": ("sigma", 0.3, 4.0, False),
    "grain": ("sigma", 0.7, 20.0, False),
    "quantise": ("n_colours", 2, 256, True),
    "posterise": ("levels", 2, 32, True),
    "ordered_dither": ("levels", 2, 32, True),
    "gamma": ("gamma", 0.5, 2.0, False),
    "contrast": ("strength", -8.0, 8.0, False),
    "saturation": ("percent", 0.0, 250.0, False),
    "nlm": ("strength", 1.0, 20.0, False),
    "bilateral": ("strength", 4.0, 100.0, False),
    "wavelet": ("strength", 1.0, 40.0, False),
    "shrink": ("sigma", 0.5, 20.0, False),
    "recursive": ("strength", 1.0, 24.0, False),
    "variation": ("weight", 0.5, 20.0, False),
    "guided": ("levels", 1.0, 40.0, False),
    "deblock_grid": ("strength", 2.0, 50.0, False),
    "deblock_shifts": ("strength", 3.0, 50.0, False),
    "local_contrast": ("strength", 0.1, 1.0, False),
    "clarity": ("amount", 0.05, 1.2, False),
}
_NEUTRAL = {"gamma": 1.0, "percent": 100.0}  # where the parameter changes nothing; strength is the distance from it
# Steps whose own pixels or sizes were drawn for the size they meet: what comes before them keeps its size.
_SIZED = {"crop", "shave", "border", "lettering", *RESIZES}


def draw_family_shape(generator: np.random.Generator, without: frozenset[str]) -> str:
    """Draws the shape of a family tree; without ladders if `without` names them."""
    return choose(generator, {shape: weight for shape, weight in SHAPE_WEIGHTS.items() if shape not in without})


def draw_parent(generator: np.random.Generator, shape: str, n_members: int) -> int:
    """Draws the parent of the next version, in [0, n_members)."""
    if shape == "chain":
        return n_members - 1
    if shape != "tree" or n_members == 1 or generator.random() < ORIGINAL_SHARE:
        return 0
    return int(generator.integers(1, n_members))


def at_another_strength(generator: np.random.Generator, recipe: Recipe) -> Recipe | None:
    """The recipe with one step stronger or weaker; None if no step has a strength.

    The result fits a picture of the size for which the recipe was drawn.
    """
    steps = recipe.steps
    places = [
        place for place, one in enumerate(steps)
        if (one.name in _STRENGTHS and not (one.name == "save_webp" and one["lossless"]))
        or (one.name in RESIZES and not any(later.name in _SIZED for later in steps[place + 1 :]))
    ]  # fmt: skip
    if not places:
        return None
    place = int(generator.choice(places))
    change: Callable[[np.random.Generator, Step], Step] = _resized if steps[place].name in RESIZES else _changed
    changed = change(generator, steps[place])
    return Recipe(recipe.kind, (*steps[:place], changed, *steps[place + 1 :])) if changed != steps[place] else None


def _changed(generator: np.random.Generator, one: Step) -> Step:
    """The step with its strength multiplied or divided by 1.15 to 2.5."""
    parameter, low, high, whole = _STRENGTHS[one.name]
    factor = float(np.exp(generator.uniform(np.log(1.15), np.log(2.5))) ** generator.choice([-1, 1]))
    value = float(one[parameter])
    if parameter == "quality":  # qualities are told apart by their distance from 100, which is the best
        value = 101 - (101 - value) * factor
    else:
        neutral = _NEUTRAL.get(parameter, 0.0)
        value = neutral + (value - neutral) * factor
    value = float(np.clip(value, low, high))
    return _with(one, **{parameter: round(value) if whole else value})


def _resized(generator: np.random.Generator, one: Step) -> Step:
    """The step to a size 0.6 to 0.95 times as large, or that much larger."""
    factor = float(generator.uniform(0.6, 0.95) ** generator.choice([-1, 1]))
    width, height = one["width_px"], one["height_px"]
    factor = min(factor, (MAX_PIXELS / (width * height)) ** 0.5)
    factor = max(factor, MIN_SIDE_PX / min(width, height))
    return _with(one, width_px=max(1, round(width * factor)), height_px=max(1, round(height * factor)))


def _with(one: Step, **parameters: Any) -> Step:
    return step(one.name, **{**dict(one.parameters), **parameters})
