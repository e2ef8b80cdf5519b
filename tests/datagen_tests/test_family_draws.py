"""Family trees as drawn: every shape occurs, parents come first, repeats are the same edit and never the same strength."""

from collections import Counter

import numpy as np
import pytest

from genloss.datagen.draw import draw_edit
from genloss.datagen.draw_family import SHAPE_WEIGHTS, at_another_strength, draw_family_shape, draw_parent
from genloss.datagen.draw_steps import MAX_PIXELS, MIN_SIDE_PX
from genloss.datagen.recipe import Recipe, from_json, step, to_json


def test_every_shape_is_drawn_and_ladders_can_be_held_out():
    generator = np.random.default_rng(1)
    assert {draw_family_shape(generator, frozenset()) for _ in range(300)} == set(SHAPE_WEIGHTS)
    assert "ladder" not in {draw_family_shape(generator, frozenset({"ladder"})) for _ in range(300)}


def test_parents_follow_from_the_shape():
    generator = np.random.default_rng(2)
    for n_members in (1, 2, 6):
        assert {draw_parent(generator, "chain", n_members) for _ in range(20)} == {n_members - 1}
        assert {draw_parent(generator, "siblings", n_members) for _ in range(20)} == {0}
        assert {draw_parent(generator, "ladder", n_members) for _ in range(20)} == {0}
    drawn = Counter(draw_parent(generator, "tree", 6) for _ in range(2000))
    assert set(drawn) == set(range(6))
    assert 0.36 < drawn[0] / 2000 < 0.44


def test_a_repeat_is_the_same_edit_at_another_strength():
    generator = np.random.default_rng(3)
    n_repeated = 0
    for _ in range(1500):
        recipe = draw_edit(generator, 500, 400, 90)
        repeated = at_another_strength(generator, recipe)
        if repeated is None:
            continue
        n_repeated += 1
        assert from_json(to_json(repeated)) == repeated
        assert repeated.kind == recipe.kind
        assert [one.name for one in repeated.steps] == [one.name for one in recipe.steps]
        assert sum(before != after for before, after in zip(recipe.steps, repeated.steps, strict=True)) == 1
        for one in repeated.steps:
            if "resize" in one.name:
                assert min(one["width_px"], one["height_px"]) >= MIN_SIDE_PX - 1
                assert one["width_px"] * one["height_px"] <= 1.01 * MAX_PIXELS
    assert n_repeated > 1200


@pytest.mark.parametrize(
    ("name", "parameters", "changed", "low", "high"),
    [
        ("save_webp", {"quality": 80, "lossless": False}, "quality", 5, 98),
        ("gamma", {"gamma": 0.8}, "gamma", 0.5, 1.0),
        ("saturation", {"percent": 130.0}, "percent", 100, 250),
        ("contrast", {"strength": -2.0, "midpoint": 0.5}, "strength", -8, 0),
        ("quantise", {"n_colours": 40, "colourspace": "lab", "dither": "no"}, "n_colours", 2, 256),
    ],
)
def test_strength_changes_and_direction_does_not(name, parameters, changed, low, high):
    generator = np.random.default_rng(4)
    recipe = Recipe("x", (step(name, **parameters), step("save_gif")))
    values = [at_another_strength(generator, recipe).steps[0][changed] for _ in range(100)]
    assert low <= min(values) < parameters[changed] < max(values) <= high
    assert parameters[changed] not in values


def test_an_edit_without_strength_is_not_repeated():
    generator = np.random.default_rng(5)
    shaved = Recipe("crop", (step("shave", width_px=9, height_px=4), step("save_png", compression_level=3, palette=False)))
    assert at_another_strength(generator, shaved) is None
