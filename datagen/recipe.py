"""What was done to an image, step by step: frozen, comparable, and the same after a round trip through JSON."""

import json
from dataclasses import dataclass
from typing import Any

from model.errors import RecipeError

# Steps of a recipe and the parameters each must carry. A step that is not here is refused when a
# recipe is read, so a typing mistake in a stored recipe cannot silently do nothing.
STEP_PARAMETERS: dict[str, tuple[str, ...]] = {
    "crop": ("left_px", "top_px", "width_px", "height_px"),
    "resize": ("width_px", "height_px", "filter", "blur", "linear_light"),
    "sample": ("width_px", "height_px"),
    "scale": ("width_px", "height_px"),
    "distort_resize": ("width_px", "height_px", "filter"),
    "border": ("width_px", "height_px", "colour"),
    "rotate": ("degrees",),
    "gamma": ("gamma",),
    "blur": ("sigma",),
    "sharpen": ("sigma",),
    "quantise": ("n_colours", "colourspace", "dither"),
    "posterise": ("levels", "dither"),
    "save_jpeg": ("quality", "sampling", "progressive"),
    "save_webp": ("quality", "lossless"),
    "save_png": ("compression_level", "palette"),
    "save_gif": (),
}
LOSSLESS_STEPS = frozenset({"save_png", "border", "rotate"})


@dataclass(frozen=True)
class Step:
    """One operation with every parameter fixed; sizes in pixels of the image it meets."""

    name: str
    parameters: tuple[tuple[str, Any], ...] = ()

    def __getitem__(self, key: str) -> Any:
        return dict(self.parameters)[key]


@dataclass(frozen=True)
class Recipe:
    """All steps between one version and the next.

    Attributes:
        kind: the sort of edit, such as "jpeg" or "screenshot"; used in reports and to hold kinds out.
        steps: at least one; the last is a save, saves may also stand in between.
    """

    kind: str
    steps: tuple[Step, ...]


def step(name: str, **parameters: Any) -> Step:
    """A checked step.

    Raises:
        RecipeError: unknown step, or not exactly the parameters the step needs.
    """
    if name not in STEP_PARAMETERS:
        raise RecipeError(f"unknown step {name!r}; known steps: {', '.join(STEP_PARAMETERS)}")
    expected = STEP_PARAMETERS[name]
    if set(parameters) != set(expected):
        raise RecipeError(f"step {name!r} takes {sorted(expected)}, got {sorted(parameters)}")
    return Step(name, tuple((key, parameters[key]) for key in expected))


def is_lossy(recipe: Recipe, width_px: int, height_px: int) -> bool:
    """Whether the recipe can lose information of an image of this size, judged by its parameters alone.

    A PNG re-save, a whole-image crop or a resize to the same size with a plain filter cannot. What
    only the pixels can tell (a palette of 256 colours on a drawing of 40) is caught after the edit
    by comparing pixels.
    """
    return any(_step_is_lossy(one, width_px, height_px) for one in recipe.steps)


def to_json(recipe: Recipe) -> str:
    """The recipe as one line of JSON with sorted keys; equal recipes give equal text."""
    steps = [{"name": one.name, **dict(one.parameters)} for one in recipe.steps]
    return json.dumps({"kind": recipe.kind, "steps": steps}, sort_keys=True)


def from_json(text: str) -> Recipe:
    """Reads what `to_json` wrote.

    Raises:
        RecipeError: not JSON, or not a valid recipe.
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


def _step_is_lossy(one: Step, width_px: int, height_px: int) -> bool:
    if one.name in LOSSLESS_STEPS:
        return one.name == "save_png" and bool(one["palette"])
    if one.name == "crop":
        return (one["width_px"], one["height_px"]) != (width_px, height_px)
    if one.name in ("resize", "sample", "scale", "distort_resize"):
        return (one["width_px"], one["height_px"]) != (width_px, height_px)
    if one.name == "save_webp":
        return not one["lossless"]
    if one.name == "gamma":
        return bool(one["gamma"] != 1.0)
    return True
