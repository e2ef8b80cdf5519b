"""Draws, applies and stores one chain."""

from functools import partial

import numpy as np

from genloss.datagen.draw import draw_chain_length
from genloss.datagen.draw_ladder import draw_generations, draw_ladder, draw_shape
from genloss.datagen.ledger import ChainRecord
from genloss.datagen.members import Members
from genloss.datagen.plan import Plan, begin
from genloss.datagen.recipe import Recipe
from genloss.model.errors import RecipeError

_TRIES = 6  # draws per edit before the chain is cut short: most rejections are lossless palettes


def make_chain(plan: Plan, chain: int) -> ChainRecord:
    """Makes one chain and stores its files; the same plan and index give the same bytes.

    Raises:
        DatagenError: the source file changed since it was inspected.
    """
    source, generator = begin(plan, chain)
    record = partial(ChainRecord, chain, source.path, source.sha256, source.split)
    try:
        members = Members(plan, source, generator)
    except RecipeError as error:
        return record((), f"the original: {error}"[:200])
    try:
        shape = draw_shape(generator, members.without)
        if shape == "edits":
            _add_edits(members, generator)
        else:
            draw = draw_ladder if shape == "ladder" else draw_generations
            original = members[0].version
            recipes = draw(generator, original.width_px, original.height_px, members.without)
            _add_drawn_at_once(members, recipes, from_original=shape == "ladder")
        if len(members) < 2:
            return record((), "no edit changed a pixel")
        return record(members.store(plan.out, "c", chain))
    finally:
        members.close()


def _add_edits(members: Members, generator: np.random.Generator) -> None:
    """A chain of edits, each applied to the version before it."""
    for _ in range(draw_chain_length(generator)):
        for _ in range(_TRIES):
            last = len(members) - 1
            if members.add(members.draw_edit(generator, last), last):
                break


def _add_drawn_at_once(members: Members, recipes: list[Recipe], from_original: bool) -> None:
    """Recipes in rising strength, each applied to the original or to the version before it."""
    for recipe in recipes:
        members.add(recipe, 0 if from_original else len(members) - 1)
