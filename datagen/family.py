"""Draws, applies and stores one family: an original, and versions that are each made from an earlier member."""

from functools import partial

import numpy as np

from genloss.datagen.draw_family import REPEAT_SHARE, at_another_strength, draw_family_shape, draw_parent
from genloss.datagen.draw_ladder import draw_ladder
from genloss.datagen.ledger import FamilyRecord
from genloss.datagen.members import Members
from genloss.datagen.plan import Plan, begin
from genloss.datagen.recipe import Recipe
from genloss.model.errors import RecipeError

_TRIES = 8  # draws per version before a family is given up: most rejections are lossless palettes


def make_family(n_versions: tuple[int, int], plan: Plan, family: int) -> FamilyRecord:
    """Makes one family and stores its files; the same plan and index give the same bytes.

    Args:
        n_versions: least and most versions of a family, with the original.
        plan: plan of the run.
        family: index of the family.

    Raises:
        DatagenError: the source file changed since it was inspected.
    """
    source, generator = begin(plan, family)
    record = partial(FamilyRecord, family, source.path, source.sha256, source.split)
    try:
        members = Members(plan, source, generator)
    except RecipeError as error:
        return record((), f"the original: {error}"[:200])
    try:
        shape = draw_family_shape(generator, members.without)
        wanted = int(generator.integers(n_versions[0], n_versions[1] + 1))
        if shape == "ladder":
            original = members[0].version
            for recipe in draw_ladder(generator, original.width_px, original.height_px, members.without)[: wanted - 1]:
                members.add(recipe, 0)
        for _ in range(_TRIES * wanted):
            if len(members) == wanted:
                return record(members.store(plan.out, "f", family), shape=shape)
            parent = draw_parent(generator, shape, len(members))
            members.add(_draw_recipe(members, generator, parent), parent)
        return record((), "too few edits changed a pixel", shape)
    finally:
        members.close()


def _draw_recipe(members: Members, generator: np.random.Generator, parent: int) -> Recipe:
    """A new edit for this parent, or that of another version whose parent is as large, at another strength."""
    size = _size(members, parent)
    others = [place for place in range(1, len(members)) if _size(members, members[place].parent) == size]
    if others and generator.random() < REPEAT_SHARE:
        repeated = at_another_strength(generator, members[int(generator.choice(others))].recipe)
        if repeated is not None:
            return repeated
    return members.draw_edit(generator, parent)


def _size(members: Members, place: int) -> tuple[int, int]:
    version = members[place].version
    return version.width_px, version.height_px
