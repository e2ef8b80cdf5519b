"""Training data of the pair models: the measurements of every two versions of each chain and family."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genloss.model.errors import ImageError, PairsError, TrainingError
from genloss.model.pairs import EVIDENCE_VERSION
from genloss.model.pairs.comparison import Comparison, compare
from genloss.model.pairs.evidence import N_MEASURES
from genloss.model.pairs.planes import VersionPlanes
from genloss.model.pairs.proofs import prove_either
from genloss.model.training.addition import SPLITS, AdditionRequest, Observer
from genloss.model.training.judge_odds import open_judge_odds, pairs_of
from genloss.model.training.listing import read_groups
from genloss.model.training.stored_parts import Columns, Numbered, measure_groups


@dataclass(frozen=True)
class PairSet:
    """Measurements of N pairs; the two versions of a pair are in random order.

    Attributes:
        forwards: (N, M) float32, evidence that the second version was made from the first; NaN for measures that do not
            apply.
        backwards: (N, M) float32, evidence that the first was made from the second.
        judge: (N,) log odds of the bundle's judge that the first is worse.
        closer: (N,) int8, 1 if the first is known to be closer to the original, -1 if the second is, 0 if unknown.
        parent: (N,) int8, 1 if the second was made directly from the first, -1 for the other way round, else 0.
        proved: (N,) int8, 1 if a proof says that the second was made from the first, -1 for the other way round, else 0.
        versions: (N, 2) positions in the group.
        group: (N,) positions in `splits` and `sources`.
        kinds: (N,) kind of the later version's edit.
        rules: (N,) name of the proof, "" without one.
        splits: (G,) split of each group.
        sources: (G,) source picture of each group.
    """

    forwards: NDArray[np.float32]
    backwards: NDArray[np.float32]
    judge: NDArray[np.float32]
    closer: NDArray[np.int8]
    parent: NDArray[np.int8]
    proved: NDArray[np.int8]
    versions: NDArray[np.int16]
    group: NDArray[np.int64]
    kinds: NDArray[np.str_]
    rules: NDArray[np.str_]
    splits: NDArray[np.str_]
    sources: NDArray[np.str_]


def open_pair_set(
    folder: Path, bundle: Path, seed: int, on_group: Callable[[int, int], None] = lambda done, total: None
) -> PairSet:
    """Measures every pair of a folder's groups, or reads the results of an earlier run.

    The evidence is stored in `evidence-*` in the folder, what the judge says in `judge-*`: another judge needs no new
    evidence. An interrupted run resumes after the last complete file.

    Args:
        folder: written by datagen/make_pairs.py or datagen/make_families.py.
        bundle: folder of the bundle with the judge.
        seed: seed of the order of the two versions of each pair.
        on_group: called with the number of measured groups, and of all groups; first for the evidence, then for the judge.

    Raises:
        PairsError: the folder has no groups, or a version cannot be read.
    """
    text, documents = read_groups(folder)
    digest = hashlib.sha256(text + str((EVIDENCE_VERSION, seed)).encode()).hexdigest()
    columns: dict[str, Any] = measure_groups(folder / f"evidence-{digest[:16]}", _measure, (folder, seed), documents, on_group)
    return PairSet(
        **columns,
        judge=open_judge_odds(folder, bundle, seed, on_group),
        splits=np.array([document["split"] for document in documents]),
        sources=np.array([document["source"] for document in documents]),
    )


def join_pair_sets(parts: Sequence[PairSet]) -> PairSet:
    """Concatenates several pair sets; groups get new numbers."""
    starts = np.cumsum([0, *(len(part.splits) for part in parts[:-1])])
    columns = {
        name: np.concatenate([getattr(part, name) + start if name == "group" else getattr(part, name)
                              for part, start in zip(parts, starts, strict=True)])
        for name in PairSet.__dataclass_fields__
    }  # fmt: skip
    return PairSet(**columns)


def open_splits(request: AdditionRequest[Any], seed: int, observer: Observer) -> tuple[PairSet, dict[str, NDArray[np.bool_]]]:
    """Measures the pairs of all folders of a request.

    Args:
        request: names the folders and the bundle.
        seed: as of open_pair_set.
        observer: sees the progress.

    Returns:
        All pairs, and for each split which of them are in it, (N,).

    Raises:
        PairsError: a folder has no groups, or a version cannot be read.
        TrainingError: a split has no pairs.
    """
    parts = []
    for folder in request.folders:
        report = partial(observer.step, f"measuring {folder.name}")
        parts.append(open_pair_set(folder, request.bundle, seed, report))
    data = join_pair_sets(parts)
    chosen = {name: data.splits[data.group] == name for name in SPLITS}
    for name, rows in chosen.items():
        if not rows.any():
            raise TrainingError(f"the groups have no pairs in their {name} split; use more originals or more groups")
    return data, chosen


def known_order(versions: Sequence[dict[str, Any]], first: int, second: int) -> int:
    """1 if the first of two versions is known to be closer to the original, -1 if the second is, 0 if unknown.

    An ancestor is closer than its descendants. In a ladder, which repeats one edit with growing strength, the weaker edit is
    closer.

    Args:
        versions: versions of one group, the original first, each with `parent` and `kind`.
    """
    if first in _ancestors(versions, second):
        return 1
    if second in _ancestors(versions, first):
        return -1
    one, other = versions[first], versions[second]
    if one["parent"] == other["parent"] and one["kind"] == other["kind"] and one["kind"].endswith("_ladder"):
        return 1 if first < second else -1
    return 0


def _ancestors(versions: Sequence[dict[str, Any]], version: int) -> list[int]:
    found = []
    while version > 0:
        version = versions[version]["parent"]
        found.append(version)
    return found


def _measure(context: tuple[Path, int], item: Numbered) -> Columns:
    (folder, seed), (number, document) = context, item
    listed = document["versions"]
    planes = [_read_planes(folder / version["path"]) for version in listed]
    nothing = np.full(N_MEASURES, np.nan, np.float32)
    pairs = pairs_of(number, len(listed), seed)
    columns: dict[str, list[Any]] = {name: [] for name in ("forwards", "backwards", "parent", "proved", "rules")}
    for first, second in pairs:
        found = compare(planes[first], planes[second])
        proved, rule = (0, "") if found is None else _proved(planes[first], planes[second], found)
        made_at_once = listed[max(first, second)]["parent"] == min(first, second)
        columns["forwards"].append(nothing if found is None else found.forwards_vector)
        columns["backwards"].append(nothing if found is None else found.backwards_vector)
        columns["parent"].append(0 if not made_at_once else 1 if first < second else -1)
        columns["proved"].append(proved)
        columns["rules"].append(rule)
    return {
        "forwards": np.stack(columns["forwards"]),
        "backwards": np.stack(columns["backwards"]),
        "closer": np.array([known_order(listed, *pair) for pair in pairs], np.int8),
        "parent": np.array(columns["parent"], np.int8),
        "proved": np.array(columns["proved"], np.int8),
        "versions": np.array(pairs, np.int16),
        "group": np.full(len(pairs), number, np.int64),
        "kinds": np.array([listed[max(pair)]["kind"] for pair in pairs]),
        "rules": np.array(columns["rules"], "U12"),
    }


def _read_planes(path: Path) -> VersionPlanes:
    try:
        return VersionPlanes.read(path.read_bytes())
    except (OSError, ImageError) as error:
        raise PairsError(f"{path} cannot be measured: {error}") from error


def _proved(first: VersionPlanes, second: VersionPlanes, found: Comparison) -> tuple[int, str]:
    """1 and the rule where the second version is proved to be made from the first, -1 the other way round, else 0."""
    made, made_backwards = prove_either(first, second, found)
    proof = made or made_backwards
    return (0, "") if proof is None else (1 if made else -1, proof.rule)
