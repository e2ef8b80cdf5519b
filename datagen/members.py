"""The versions of one chain or family. Each is made from an earlier version, has new pixels, and is stored with its recipe."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from genloss.datagen.apply import Version, apply_recipe, read_version
from genloss.datagen.draw import draw_edit
from genloss.datagen.draw_original import draw_original
from genloss.datagen.magick import CAN_WRITE_AVIF, pixels
from genloss.datagen.plan import Plan, read_source
from genloss.datagen.recipe import DAMAGED_SAVES, Recipe, is_lossy, to_json
from genloss.datagen.sources import Source
from genloss.model.errors import RecipeError
from genloss.model.files import write_atomically
from genloss.model.freed_memory import trim_memory
from genloss.model.measurements.colours import count_colours

_EXTENSIONS = {"jpeg": "jpg", "png": "png", "webp": "webp", "gif": "gif", "avif": "avif"}
_FIRST_QUALITY = 92  # of a JPEG whose save was not drawn


@dataclass(frozen=True)
class Member:
    """A version, its recipe, the position of its parent, and the quality, in [1, 100], of the last JPEG save in its history."""

    version: Version
    recipe: Recipe
    parent: int
    quality: int


class Members:
    """Versions in the order in which they were made, the original first; no two have equal pixels.

    Args:
        plan: plan of the run.
        source: source picture of the original.
        generator: draws the original; must come from `plan.begin`.

    Raises:
        RecipeError: ImageMagick cannot make the original.
        DatagenError: the source file changed since it was inspected.
    """

    def __init__(self, plan: Plan, source: Source, generator: np.random.Generator) -> None:
        version = read_version(read_source(plan.images, source.path, source.sha256), source.image_format)
        recipe = draw_original(generator, plan.profile, version.width_px, version.height_px, source.lossy)
        if recipe is not None:
            whole, version = version, apply_recipe(version, recipe)
            whole.close()
        recipe = recipe or Recipe("original", ())
        self._members = [Member(version, recipe, 0, _last_quality(recipe, _FIRST_QUALITY))]
        self._palettes = plan.palettes.get(source.cluster, ())
        self.without = plan.without if CAN_WRITE_AVIF else plan.without | {"avif"}

    def __len__(self) -> int:
        return len(self._members)

    def __getitem__(self, place: int) -> Member:
        return self._members[place]

    def draw_edit(self, generator: np.random.Generator, parent: int) -> Recipe:
        """Draws an edit for the member at this position, without applying it."""
        member = self._members[parent]
        size = member.version.width_px, member.version.height_px
        return draw_edit(generator, *size, member.quality, self._palettes, self.without)

    def add(self, recipe: Recipe, parent: int) -> bool:
        """Applies a recipe to the member at this position and keeps the result.

        Returns:
            False if nothing was kept: the recipe loses nothing, ImageMagick refuses it, or a member has the same pixels.
        """
        member = self._members[parent]
        version = _edit(member.version, recipe)
        if version is None:
            return False
        if version.pixels in {one.version.pixels for one in self._members}:
            version.close()
            return False
        self._members.append(Member(version, recipe, parent, _last_quality(recipe, member.quality)))
        return True

    def store(self, out: Path, letter: str, index: int) -> tuple[dict[str, Any], ...]:
        """Writes all files below out/files, and returns the ledger's entry for each."""
        folder = out / "files" / f"{index // 1000:04d}"
        folder.mkdir(parents=True, exist_ok=True)
        rows = []
        for place, member in enumerate(self._members):
            name = f"{letter}{index:07d}.v{place}.{_EXTENSIONS[member.version.image_format]}"
            write_atomically(folder / name, member.version.data)
            rows.append(_row(f"files/{folder.name}/{name}", member))
        return tuple(rows)

    def close(self) -> None:
        """Frees the decoded pixels of all members."""
        for member in self._members:
            member.version.close()
        trim_memory()


def _edit(version: Version, recipe: Recipe) -> Version | None:
    """The edited version, or None where the recipe loses nothing or ImageMagick refuses it."""
    if not is_lossy(recipe, version.width_px, version.height_px, lambda: count_colours(pixels(version.decoded))):
        return None
    try:
        return apply_recipe(version, recipe)
    except RecipeError:
        return None


def _row(path: str, member: Member) -> dict[str, Any]:
    version = member.version
    return {
        "path": path,
        "sha256": hashlib.sha256(version.data).hexdigest(),
        "n_bytes": len(version.data),
        "image_format": version.image_format,
        "width_px": version.width_px,
        "height_px": version.height_px,
        "kind": member.recipe.kind,
        "parent": member.parent,
        "recipe": to_json(member.recipe),
    }


def _last_quality(recipe: Recipe, otherwise: int) -> int:
    qualities = [one["quality"] for one in recipe.steps if one.name in ("save_jpeg", *DAMAGED_SAVES)]
    return int(qualities[-1]) if qualities else otherwise
