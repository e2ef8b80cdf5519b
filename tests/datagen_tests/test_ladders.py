"""Chains drawn as a whole: every rung loses more than the one before, generations are what repeated saves give."""

import numpy as np
import pytest

from genloss.datagen.apply import apply_recipe, read_version
from genloss.datagen.draw_ladder import LADDER_WEIGHTS, MAX_GENERATIONS, draw_generations, draw_ladder, draw_shape
from genloss.datagen.magick import pixels
from genloss.datagen.recipe import Recipe, names, step
from genloss.model.errors import DatagenError
from tests.fixtures import saved


@pytest.fixture(scope="module")
def start(clean_cat):
    return read_version(saved(clean_cat, "PNG"), "png")


@pytest.mark.parametrize("kind", sorted(LADDER_WEIGHTS))
def test_each_rung_is_farther_from_the_original(kind, start):
    generator = np.random.default_rng(8)
    original = pixels(start.decoded).astype(float)
    rises, falls = 0, 0
    drawn = (draw_ladder(generator, start.width_px, start.height_px, frozenset()) for _ in range(800))
    ladders = [ladder for ladder in drawn if ladder and ladder[0].kind == f"{kind}_ladder"]
    for ladder in ladders[: 10 if kind == "palette" else 30]:  # palettes take half a second each
        assert 1 <= len(ladder) <= 5
        losses = []
        for rung in ladder:
            made = apply_recipe(start, rung)
            if kind == "down":
                losses.append(-made.width_px * made.height_px)
            else:
                losses.append(float(np.abs(pixels(made.decoded) - original).mean()))
        rises += int((np.diff(losses) > 0).sum())
        falls += int((np.diff(losses) <= 0).sum())
    assert rises > 6
    assert falls <= 0.02 * rises  # neighbouring qualities of a JPEG may by chance fall on the same steps


def test_generations_are_repeated_turns_and_saves(start):
    options = {
        "quality": 70,
        "sampling": "4:2:0",
        "progressive": False,
        "tables": "annex_k",
        "dct": "float",
        "optimised": False,
    }
    once = Recipe("x", (step("rotate", degrees=90), step("save_jpeg", **options)))
    by_hand = start
    for _ in range(3):
        by_hand = apply_recipe(by_hand, once)
    at_once = apply_recipe(start, Recipe("x", (step("save_generations", count=3, degrees=90, **options),)))
    assert at_once.data == by_hand.data


def test_generations_are_bounded_and_grow():
    generator = np.random.default_rng(1)
    for _ in range(200):
        counts = [recipe.steps[0]["count"] for recipe in draw_generations(generator, 400, 300, frozenset())]
        assert 1 <= len(counts) <= 5
        assert sum(counts) <= MAX_GENERATIONS
        assert counts == sorted(counts)


@pytest.mark.parametrize("held_out", [{"webp"}, {"grain"}, {"jpeg"}, {"quantise", "filter"}])
def test_held_out_names_are_in_no_ladder(held_out):
    generator = np.random.default_rng(2)
    without = frozenset(held_out)
    for _ in range(150):
        for recipe in draw_ladder(generator, 500, 400, without) + draw_generations(generator, 500, 400, without):
            assert not names(recipe) & without
            assert not recipe.kind.startswith(tuple(held_out))


def test_shapes_can_be_held_out():
    generator = np.random.default_rng(3)
    assert {draw_shape(generator, frozenset()) for _ in range(300)} == {"edits", "ladder", "generations"}
    assert {draw_shape(generator, frozenset({"ladder", "generations"})) for _ in range(300)} == {"edits"}
    assert {draw_shape(generator, frozenset({"edits"})) for _ in range(300)} == {"ladder", "generations"}
    with pytest.raises(DatagenError, match="edits generations ladder leaves no shape"):
        draw_shape(generator, frozenset({"edits", "ladder", "generations"}))
