"""Draws, applies and stores one chain, or replays it from its recorded recipes."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from genloss.datagen.apply import Version, apply_recipe, read_version
from genloss.datagen.draw import draw_chain_length, draw_edit
from genloss.datagen.draw_ladder import draw_generations, draw_ladder, draw_shape
from genloss.datagen.draw_original import draw_original
from genloss.datagen.ledger import ChainRecord
from genloss.datagen.magick import CAN_WRITE_AVIF, pixels, trim_memory
from genloss.datagen.profiles import Profile
from genloss.datagen.recipe import Recipe, from_json, is_lossy, to_json
from genloss.datagen.sources import Source
from genloss.model.errors import DatagenError, RecipeError
from genloss.model.files import write_atomically
from genloss.model.measurements.colours import count_colours

_EXTENSIONS = {"jpeg": "jpg", "png": "png", "webp": "webp", "gif": "gif", "avif": "avif"}
_TRIES = 6  # draws per edit before the chain is cut short: most rejections are lossless palettes


@dataclass(frozen=True)
class Plan:
    """All that a chain depends on besides its index.

    Attributes:
        images, out: folders of originals and of results.
        seed: of the run; the seed of chain i is (seed, i).
        sources: the usable ones, in a fixed order.
        palettes: per cluster of sources, palettes shared by its pictures.
        profile: how originals are drawn.
        without: kinds, steps and formats no edit may contain.
    """

    images: Path
    out: Path
    seed: int
    sources: tuple[Source, ...]
    palettes: dict[int, tuple[str, ...]]
    profile: Profile
    without: frozenset[str]


def make_chain(plan: Plan, chain: int) -> ChainRecord:
    """Draws and applies one chain and puts its files in place; the same plan and index give the same bytes.

    Raises:
        DatagenError: the source file is not what it was when it was inspected.
    """
    generator = np.random.default_rng([plan.seed, chain])
    source = plan.sources[int(generator.integers(len(plan.sources)))]
    data = _read_source(plan.images, source.path, source.sha256)
    without = plan.without if CAN_WRITE_AVIF else plan.without | {"avif"}
    try:
        version = read_version(data, source.image_format)
        recipe = draw_original(generator, plan.profile, version.width_px, version.height_px, source.lossy)
        if recipe is not None:
            source_version, version = version, apply_recipe(version, recipe)
            source_version.close()
    except RecipeError as error:
        return ChainRecord(chain, source.path, source.sha256, source.split, (), f"the original: {error}"[:200])
    original = _Made(version, recipe or Recipe("original", ()), 0)
    shape = draw_shape(generator, without)
    if shape == "edits":
        made = _edits(plan, source, generator, original, without)
    else:
        draw = draw_ladder if shape == "ladder" else draw_generations
        recipes = draw(generator, version.width_px, version.height_px, without)
        made = _drawn_at_once(original, recipes, from_original=shape == "ladder")
    try:
        if len(made) < 2:
            return ChainRecord(chain, source.path, source.sha256, source.split, (), "no edit changed a pixel")
        folder = plan.out / "files" / f"{chain // 1000:04d}"
        folder.mkdir(parents=True, exist_ok=True)
        rows = []
        for index, one in enumerate(made):
            name = f"c{chain:07d}.v{index}.{_EXTENSIONS[one.version.image_format]}"
            write_atomically(folder / name, one.version.data)
            rows.append(_row(f"files/{folder.name}/{name}", one))
        return ChainRecord(chain, source.path, source.sha256, source.split, tuple(rows))
    finally:
        for one in made:
            one.version.close()
        trim_memory()


@dataclass(frozen=True)
class _Made:
    """A version, its recipe, and the place of its parent in the chain."""

    version: Version
    recipe: Recipe
    parent: int


def _edits(plan: Plan, source: Source, generator: np.random.Generator, original: _Made, without: frozenset[str]) -> list[_Made]:
    """A chain of edits, each applied to the version before it."""
    made = [original]
    quality = _last_quality(original.recipe, 92)
    for _ in range(draw_chain_length(generator)):
        for _ in range(_TRIES):
            version = made[-1].version
            palettes = plan.palettes.get(source.cluster, ())
            drawn = draw_edit(generator, version.width_px, version.height_px, quality, palettes, without)
            edited = _edit(version, drawn)
            if edited is not None and _is_new(edited, made):
                made.append(_Made(edited, drawn, len(made) - 1))
                quality = _last_quality(drawn, quality)
                break
    return made


def _drawn_at_once(original: _Made, recipes: list[Recipe], from_original: bool) -> list[_Made]:
    """Recipes in rising strength, each applied to the original or to the version before it."""
    made = [original]
    for recipe in recipes:
        parent = 0 if from_original else len(made) - 1
        edited = _edit(made[parent].version, recipe)
        if edited is not None and _is_new(edited, made):
            made.append(_Made(edited, recipe, parent))
    return made


def _is_new(version: Version, made: list[_Made]) -> bool:
    """Whether no version of the chain has these pixels yet; a version that is not new is closed."""
    new = version.pixels not in {one.version.pixels for one in made}
    if not new:
        version.close()
    return new


def replay_chain(
    images: Path, out: Path, record: ChainRecord, on_version: Callable[[str, bool], None] = lambda path, same: None
) -> bool:
    """Makes a chain again from its recorded recipes and compares every byte; missing files are written.

    Args:
        images: folder of originals; out: folder of the run.
        on_version: called with each version's path and whether its bytes came out as recorded.

    Returns:
        Whether all versions came out as recorded.

    Raises:
        DatagenError: the chain was skipped, or its source is not the recorded file.
        RecipeError: ImageMagick refuses a step it did not refuse before.
    """
    if record.skipped:
        raise DatagenError(f"chain {record.chain} was skipped ({record.skipped}); there is nothing to replay")
    data = _read_source(images, record.source, record.source_sha256)
    versions: list[Version] = []
    all_same = True
    for row in record.versions:
        if not versions:
            source_format = "jpeg" if data.startswith(b"\xff\xd8") else "png" if data.startswith(b"\x89PNG") else "webp"
            version = read_version(data, source_format)
            if '"steps": []' not in row["recipe"]:  # else the source file itself is the original
                version = apply_recipe(version, from_json(row["recipe"]))
        else:
            version = apply_recipe(versions[row["parent"]], from_json(row["recipe"]))
        versions.append(version)
        same = hashlib.sha256(version.data).hexdigest() == row["sha256"]
        path = out / row["path"]
        if same and not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, version.data)
        on_version(row["path"], same)
        all_same = all_same and same
    return all_same


def _read_source(images: Path, path: str, sha256: str) -> bytes:
    try:
        data = (images / path).read_bytes()
    except OSError as error:
        raise DatagenError(f"the original {images / path} cannot be read: {error.strerror}") from error
    if hashlib.sha256(data).hexdigest() != sha256:
        raise DatagenError(f"the original {images / path} has changed since the run began; restore it or use another --out")
    return data


def _edit(version: Version, recipe: Recipe) -> Version | None:
    """The edited version, or None where the recipe loses nothing or ImageMagick refuses it."""
    if not is_lossy(recipe, version.width_px, version.height_px, lambda: count_colours(pixels(version.decoded))):
        return None
    try:
        return apply_recipe(version, recipe)
    except RecipeError:
        return None


def _row(path: str, made: _Made) -> dict[str, Any]:
    version = made.version
    return {
        "path": path,
        "sha256": hashlib.sha256(version.data).hexdigest(),
        "n_bytes": len(version.data),
        "image_format": version.image_format,
        "width_px": version.width_px,
        "height_px": version.height_px,
        "kind": made.recipe.kind,
        "parent": made.parent,
        "recipe": to_json(made.recipe),
    }


def _last_quality(recipe: Recipe, otherwise: int) -> int:
    qualities = [one["quality"] for one in recipe.steps if one.name == "save_jpeg"]
    return int(qualities[-1]) if qualities else otherwise
