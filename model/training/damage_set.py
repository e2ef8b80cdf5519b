"""Training data of the memory on damage: the evidence of every version, and the kind of its last edit."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genloss.model.damage.kinds import NONE
from genloss.model.errors import ImageError, PairsError
from genloss.model.scoring.scorer import Scorer
from genloss.model.training.listing import read_listing
from genloss.model.training.stored_parts import Columns, store_in_parts

VERSIONS_PER_FILE = 1000
# Kinds of several steps that are drawn without them now and then: a save alone is what its format says.
_NAMED_AFTER_SAVE = ("generation", "platform")


@dataclass(frozen=True)
class DamageSet:
    """N versions.

    Attributes:
        evidence: (N, E) float32, from the scores.
        kinds: (N,) kind of the last edit, from model.damage.kinds.KINDS.
        formats: (N,) image formats of the files.
        splits: (N,) "train", "validation" or "test".
    """

    evidence: NDArray[np.float32]
    kinds: NDArray[np.str_]
    formats: NDArray[np.str_]
    splits: NDArray[np.str_]

    def of(self, rows: NDArray[np.bool_]) -> "DamageSet":
        """Only the chosen versions."""
        return DamageSet(self.evidence[rows], self.kinds[rows], self.formats[rows], self.splits[rows])


def open_damage_set(
    folder: Path, bundle: Path, on_version: Callable[[int, int], None] = lambda done, total: None, n_threads: int | None = None
) -> DamageSet:
    """Scores every version of a folder, or reads the scores of an earlier run.

    Scores are stored in `damage-*` in the folder; the name depends on the versions and on the tower. Each file has
    VERSIONS_PER_FILE versions. An interrupted run resumes after the last complete file.

    Args:
        folder: written by datagen/make_pairs.py or datagen/make_families.py.
        bundle: folder of the bundle.
        on_version: called with the number of scored versions, and of all versions.
        n_threads: versions to score in parallel; one for each core by default.

    Raises:
        PairsError: the folder has no versions, or a version cannot be read.
    """
    listing, text, documents = read_listing(folder)
    versions = [{**version, "split": document["split"]} for document in documents for version in document["versions"]]
    if not versions:
        raise PairsError(f"{listing} holds no versions")
    scorer = Scorer(bundle)
    kept = folder / f"damage-{hashlib.sha256(text + scorer.bundle.judge_version.encode()).hexdigest()[:16]}"
    measure = partial(_score, scorer, folder, n_threads)
    return DamageSet(
        store_in_parts(kept, measure, versions, VERSIONS_PER_FILE, on_version)["evidence"],
        np.array([last_damage(json.loads(version["recipe"])) for version in versions]),
        np.array([version["image_format"] for version in versions]),
        np.array([version["split"] for version in versions]),
    )


def _score(scorer: Scorer, folder: Path, n_threads: int | None, versions: Sequence[dict[str, Any]]) -> Columns:
    rows = []
    for file, score in scorer.score_files([folder / version["path"] for version in versions], n_threads):
        if isinstance(score, ImageError):
            raise PairsError(f"{file} cannot be scored: {score}") from score
        rows.append(score.evidence)
    return {"evidence": np.stack(rows)}


def join_damage_sets(parts: Sequence[DamageSet]) -> DamageSet:
    """Concatenates several sets."""
    return DamageSet(*(np.concatenate([getattr(part, name) for part in parts]) for name in DamageSet.__dataclass_fields__))


def last_damage(recipe: dict[str, Any]) -> str:
    """The kind of a version's last edit.

    Kinds are those of make_pairs, with three differences. A ladder counts as the edit that it repeats. "filter" is "blur" or
    "sharpen". A version that was only saved gets the name of its format.

    Args:
        recipe: recipe of a version, with `kind` and `steps`.
    """
    kind = str(recipe["kind"]).removesuffix("_ladder")
    steps = [str(step["name"]) for step in recipe["steps"]]
    if kind == "original":
        return NONE
    if kind == "filter":
        return "sharpen" if "sharpen" in steps else "blur"
    if kind in _NAMED_AFTER_SAVE and len(steps) == 1 and steps[0].startswith("save_"):
        return steps[0].removeprefix("save_")
    return "generation" if kind == "generations" else kind
