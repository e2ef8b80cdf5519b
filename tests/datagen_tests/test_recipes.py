"""Recipes survive JSON, know whether they can lose anything, and do what they say."""

import io

import numpy as np
import pytest
from PIL import Image

from datagen.apply import apply_recipe, read_version
from datagen.draw import KIND_WEIGHTS, MAX_PIXELS, draw_edit, draw_original
from datagen.recipe import Recipe, from_json, is_lossy, step, to_json
from model.decode import decode
from model.errors import RecipeError
from tests.conftest import saved

PNG = step("save_png", compression_level=6, palette=False)


@pytest.mark.parametrize("kind", sorted(KIND_WEIGHTS))
def test_drawn_edits_apply_survive_json_and_repeat_byte_for_byte(kind, cat):
    start = read_version(saved(cat, "PNG"), "png")
    generator = np.random.default_rng(11)
    for _ in range(4):
        recipe = draw_edit(generator, kind, start.width_px, start.height_px, 85)
        again = from_json(to_json(recipe))
        assert again == recipe
        edited = apply_recipe(start, recipe)
        assert edited.data == apply_recipe(start, again).data
        assert edited.width_px * edited.height_px <= MAX_PIXELS * 1.2
        assert decode(edited.data).rgb.shape[:2] == (edited.height_px, edited.width_px)


@pytest.mark.parametrize("lossy", [True, False])
@pytest.mark.parametrize("size", [(451, 300), (2400, 1600), (300, 900)])
def test_originals_are_never_lossy_files_encoded_again_at_full_size(size, lossy):
    generator = np.random.default_rng(2)
    for _ in range(40):
        recipe = draw_original(generator, *size, lossy)
        if recipe is None:
            assert lossy
            continue
        resizes = [one for one in recipe.steps if one.name == "resize"]
        if lossy:
            assert resizes
        assert recipe.steps[-1].name in ("save_png", "save_jpeg")


def test_a_lossless_recipe_is_known():
    assert not is_lossy(Recipe("x", (PNG,)), 100, 80)
    whole = step("crop", left_px=0, top_px=0, width_px=100, height_px=80)
    assert not is_lossy(Recipe("x", (whole, PNG)), 100, 80)
    assert not is_lossy(Recipe("x", (step("save_webp", quality=90, lossless=True),)), 100, 80)


@pytest.mark.parametrize(
    "one",
    [
        step("crop", left_px=1, top_px=0, width_px=99, height_px=80),
        step("resize", width_px=50, height_px=40, filter="lanczos", blur=1.0, linear_light=False),
        step("save_jpeg", quality=100, sampling="4:4:4", progressive=False),
        step("save_webp", quality=90, lossless=False),
        step("quantise", n_colours=16, colourspace="undefined", dither="no"),
    ],
)
def test_a_lossy_recipe_is_known(one):
    assert is_lossy(Recipe("x", (one, PNG)), 100, 80)


@pytest.mark.parametrize("sampling", ["4:4:4", "4:2:2", "4:2:0", "4:1:1", "4:4:0"])
def test_jpeg_parameters_arrive_in_the_file(sampling, cat):
    start = read_version(saved(cat, "PNG"), "png")
    recipe = Recipe("x", (step("save_jpeg", quality=63, sampling=sampling, progressive=True),))
    from model.facts import read_facts

    facts = read_facts(decode(apply_recipe(start, recipe).data))
    assert (facts.jpeg_quality, facts.sampling, facts.progressive) == (63, sampling, True)


def test_a_palette_step_leaves_that_many_colours(cat):
    start = read_version(saved(cat, "PNG"), "png")
    quantise = step("quantise", n_colours=16, colourspace="undefined", dither="no")
    edited = apply_recipe(start, Recipe("x", (quantise, PNG)))
    assert len(Image.open(io.BytesIO(edited.data)).convert("RGB").getcolors(10_000)) <= 16


def test_a_lossless_save_keeps_the_pixels(cat):
    start = read_version(saved(cat, "PNG"), "png")
    for one in (PNG, step("save_webp", quality=90, lossless=True)):
        assert apply_recipe(start, Recipe("x", (one,))).pixels == start.pixels


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not a recipe"),
        ('{"kind": "x", "steps": []}', "ends with a save"),
        ('{"kind": "x", "steps": [{"name": "melt"}]}', "unknown step"),
        ('{"kind": "x", "steps": [{"name": "rotate"}]}', "takes"),
    ],
)
def test_bad_recipes_are_refused(text, message):
    with pytest.raises(RecipeError, match=message):
        from_json(text)


def test_an_unreadable_file_is_a_recipe_error():
    with pytest.raises(RecipeError, match="cannot read"):
        read_version(b"\x89PNG\r\n\x1a\nrubbish", "png")
