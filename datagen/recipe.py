"""Recipes: the steps between two versions of a picture, immutable, comparable, and stored as JSON."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from genloss.model.errors import RecipeError

JPEG_PARAMETERS = ("quality", "sampling", "progressive", "tables", "dct", "optimised")
# Steps of a recipe and the parameters each must carry. A step that is not here is refused when a
# recipe is read, so a typing mistake in a stored recipe cannot silently do nothing.
STEP_PARAMETERS: dict[str, tuple[str, ...]] = {
    "crop": ("left_px", "top_px", "width_px", "height_px"),
    "shave": ("width_px", "height_px"),
    "resize": ("width_px", "height_px", "filter", "blur", "linear_light"),
    "adaptive_resize": ("width_px", "height_px"),
    "sample": ("width_px", "height_px"),
    "scale": ("width_px", "height_px"),
    "distort_resize": ("width_px", "height_px", "filter"),
    "border": ("width_px", "height_px", "colour"),
    "rotate": ("degrees",),
    "gamma": ("gamma",),
    "contrast": ("strength", "midpoint"),
    "saturation": ("percent",),
    "blur": ("sigma",),
    "sharpen": ("sigma",),
    "median": ("size_px",),
    "nlm": ("strength", "search_px"),
    "bilateral": ("size_px", "strength", "sigma"),
    "wavelet": ("wavelet", "levels", "strength"),
    "shrink": ("sigma",),
    "recursive": ("strength",),
    "variation": ("weight", "rounds"),
    "guided": ("radius_px", "levels"),
    "deblock_grid": ("strength", "reach_px"),
    "deblock_shifts": ("strength", "n_shifts"),
    "auto_contrast": ("black", "white", "joint"),
    "white_balance": ("red", "blue"),
    "local_contrast": ("limit", "tiles", "strength"),
    "clarity": ("sigma", "amount"),
    "grey": (),
    "whiten": ("sigma", "black"),
    "threshold": ("share", "size_px"),
    "error_diffused": ("level",),
    "grain": ("sigma", "coloured", "seed"),
    "lettering": ("text", "left_px", "baseline_px", "size_px", "colour", "outline", "opacity", "degrees"),
    "quantise": ("n_colours", "colourspace", "dither"),
    "dataset_palette": ("colours", "dither"),
    "posterise": ("levels", "dither"),
    "ordered_dither": ("map", "levels"),
    "save_jpeg": JPEG_PARAMETERS,
    "save_generations": ("count", "degrees", *JPEG_PARAMETERS),
    "save_overwritten": (*JPEG_PARAMETERS, "share", "n_bytes", "seed"),
    "save_cut": (*JPEG_PARAMETERS, "share"),
    "save_webp": ("quality", "lossless"),
    "save_avif": ("quality",),
    "save_png": ("compression_level", "palette"),
    "save_gif": (),
}
DAMAGED_SAVES = ("save_overwritten", "save_cut")
RESIZES = ("resize", "adaptive_resize", "sample", "scale", "distort_resize")
NEVER_LOSSY = frozenset({"border", "rotate"})
# A value of the parameter with which the step changes no pixel.
_IDENTITIES = {
    "gamma": ("gamma", 1.0),
    "contrast": ("strength", 0.0),
    "saturation": ("percent", 100.0),
    "grain": ("sigma", 0.0),
}


@dataclass(frozen=True)
class Step:
    """One operation with all its parameters; sizes are in pixels of its input image."""

    name: str
    parameters: tuple[tuple[str, Any], ...] = ()

    def __getitem__(self, key: str) -> Any:
        return dict(self.parameters)[key]


@dataclass(frozen=True)
class Recipe:
    """All steps between one version and the next.

    Attributes:
        kind: kind of edit, such as "jpeg" or "screenshot"; for reports, and to exclude kinds.
        steps: at least one step; the last step is a save, and others may be saves too.
    """

    kind: str
    steps: tuple[Step, ...]


def step(name: str, **parameters: Any) -> Step:
    """Makes a step and checks its parameters.

    Raises:
        RecipeError: the step is unknown, or a parameter is missing or superfluous.
    """
    if name not in STEP_PARAMETERS:
        raise RecipeError(f"unknown step {name!r}; known steps: {', '.join(STEP_PARAMETERS)}")
    expected = STEP_PARAMETERS[name]
    if set(parameters) != set(expected):
        raise RecipeError(f"step {name!r} takes {sorted(expected)}, got {sorted(parameters)}")
    return Step(name, tuple((key, parameters[key]) for key in expected))


def names(recipe: Recipe) -> frozenset[str]:
    """All names by which a recipe can be excluded: its kind, its steps, and the formats of its saves."""
    steps = {one.name for one in recipe.steps}
    if "save_generations" in steps:
        steps |= {"rotate", "save_jpeg"}
    if not steps.isdisjoint(DAMAGED_SAVES):
        steps |= {"save_jpeg"}
    return frozenset({recipe.kind} | steps | {name.removeprefix("save_") for name in steps})


def is_lossy(recipe: Recipe, width_px: int, height_px: int, count_colours: Callable[[], int]) -> bool:
    """Whether the recipe can lose information of this image, judged from its steps before it is applied.

    Some steps cannot: a re-save as PNG, a crop of the whole image, a resize to the same size, a palette with room for every
    colour. Other lossless cases are found later by comparing pixels.

    Args:
        count_colours: returns the number of distinct colours of the image; called at most once, and only for a palette.
    """
    for one in recipe.steps:
        if _step_is_lossy(one, width_px, height_px, count_colours):
            return True
        # Only steps that lose nothing get here, so the colours are still those of the input.
        if one.name == "rotate" and one["degrees"] % 180:
            width_px, height_px = height_px, width_px
        elif one.name == "border":
            width_px, height_px = width_px + 2 * one["width_px"], height_px + 2 * one["height_px"]
    return False


def to_json(recipe: Recipe) -> str:
    """Writes the recipe as one line of JSON with sorted keys; equal recipes give equal text."""
    steps = [{"name": one.name, **dict(one.parameters)} for one in recipe.steps]
    return json.dumps({"kind": recipe.kind, "steps": steps}, sort_keys=True)


def from_json(text: str) -> Recipe:
    """Reads what `to_json` wrote.

    Raises:
        RecipeError: the text is no JSON, or no valid recipe.
    """
    try:
        document = json.loads(text)
        steps = tuple(
            step(one["name"], **{key: value for key, value in one.items() if key != "name"}) for one in document["steps"]
        )
        kind = document["kind"]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RecipeError(f"not a recipe: {error}") from error
    if not steps or not steps[-1].name.startswith("save_"):
        raise RecipeError("a recipe ends with a save")
    return Recipe(kind, steps)


def _step_is_lossy(one: Step, width_px: int, height_px: int, count_colours: Callable[[], int]) -> bool:
    if one.name in NEVER_LOSSY:
        return False
    if one.name == "crop" or one.name in RESIZES:
        return (one["width_px"], one["height_px"]) != (width_px, height_px)
    if one.name == "shave":
        return bool(one["width_px"] or one["height_px"])
    if one.name in _IDENTITIES:
        parameter, identity = _IDENTITIES[one.name]
        return bool(one[parameter] != identity)
    if one.name == "save_webp":
        return not one["lossless"]
    if one.name == "quantise":
        return count_colours() > one["n_colours"]
    if one.name == "save_gif" or one.name == "save_png":
        return (one.name == "save_gif" or one["palette"]) and count_colours() > 256
    return True
