"""Training data of the pair models: the measurements of every two versions of each chain and family."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genloss.model.errors import ImageError, PairsError
from genloss.model.files import open_atomically
from genloss.model.pairs import EVIDENCE_VERSION
from genloss.model.pairs.comparison import Comparison, compare
from genloss.model.pairs.evidence import N_MEASURES
from genloss.model.pairs.planes import VersionPlanes
from genloss.model.pairs.proofs import prove_either
from genloss.model.parallel import Failure, run_in_processes
from genloss.model.processes import n_usable_cores
from genloss.model.scoring.bundle import load_bundle
from genloss.model.scoring.ranker import Ranker
from genloss.model.scoring.scorer import Scorer
from genloss.model.training.listing import read_listing

DEADLINE_SECONDS = 300.0  # to measure one group
GROUPS_PER_FILE = 250


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

    Results are stored in `evidence-*` in the folder; the name depends on the groups and on the judge. Each file has
    GROUPS_PER_FILE groups. An interrupted run resumes after the last complete file.

    Args:
        folder: written by datagen/make_pairs.py or datagen/make_families.py.
        bundle: folder of the bundle with the judge.
        seed: seed of the order of the two versions of each pair.
        on_group: called with the number of measured groups, and of all groups.

    Raises:
        PairsError: the folder has no groups, or a version cannot be read.
    """
    listing, text, documents = read_listing(folder)
    documents = [document for document in documents if len(document["versions"]) > 1]
    if not documents:
        raise PairsError(f"{listing} holds no groups")
    judge = load_bundle(bundle).judge_version
    digest = hashlib.sha256(text + judge.encode() + str((EVIDENCE_VERSION, seed)).encode()).hexdigest()
    kept = folder / f"evidence-{digest[:16]}"
    kept.mkdir(exist_ok=True)
    numbered = list(enumerate(documents))
    parts = []
    for start in range(0, len(numbered), GROUPS_PER_FILE):
        path = kept / f"{start:07d}.npz"
        some = numbered[start : start + GROUPS_PER_FILE]
        if not path.exists():
            found: dict[str, Any] = _measure_groups(folder, some, bundle, seed)
            with open_atomically(path) as stream:
                np.savez_compressed(stream, **found)
            on_group(start + len(some), len(numbered))
        with np.load(path) as stored:
            parts.append({name: stored[name] for name in stored.files})
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return PairSet(
        **columns,
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


def _measure_groups(folder: Path, numbered: list[tuple[int, Any]], bundle: Path, seed: int) -> dict[str, NDArray]:
    """The columns of PairSet, of some groups."""
    rows: dict[int, list[_Row]] = {}
    context = (folder, bundle, seed)
    for (number, document), found in run_in_processes(_measure, context, numbered, n_usable_cores(), DEADLINE_SECONDS):
        if isinstance(found, Failure):
            raise PairsError(f"group {number} of {folder} ({document['source']}) cannot be measured: {found.reason}")
        rows[number] = found
    ordered = [(number, row) for number, _ in numbered for row in rows[number]]
    pairs = [row for _, row in ordered]
    return {
        "forwards": np.stack([row.forwards for row in pairs]),
        "backwards": np.stack([row.backwards for row in pairs]),
        "judge": np.array([row.judge for row in pairs], np.float32),
        "closer": np.array([row.closer for row in pairs], np.int8),
        "parent": np.array([row.parent for row in pairs], np.int8),
        "proved": np.array([row.proved for row in pairs], np.int8),
        "versions": np.array([row.versions for row in pairs], np.int16),
        "group": np.array([number for number, _ in ordered], np.int64),
        "kinds": np.array([row.kind for row in pairs]),
        "rules": np.array([row.rule for row in pairs], "U12"),
    }


@dataclass(frozen=True)
class _Row:
    forwards: NDArray[np.float32]
    backwards: NDArray[np.float32]
    judge: float
    closer: int
    parent: int
    proved: int
    rule: str
    versions: tuple[int, int]
    kind: str


@lru_cache(maxsize=1)
def _scoring(bundle: Path) -> tuple[Scorer, Ranker]:
    scorer = Scorer(bundle)
    return scorer, Ranker(scorer.bundle)


def _measure(context: tuple[Path, Path, int], item: tuple[int, Any]) -> list[_Row]:
    (folder, bundle, seed), (number, document) = context, item
    scorer, ranker = _scoring(bundle)
    listed = document["versions"]
    planes, scores = [], []
    for version in listed:
        try:
            data = (folder / version["path"]).read_bytes()
            scores.append(scorer.score(data))
            planes.append(VersionPlanes.read(data))
        except (OSError, ImageError) as error:
            raise PairsError(f"{folder / version['path']} cannot be measured: {error}") from error
    log_odds = ranker.log_odds(scores)
    generator = np.random.default_rng((seed, number))
    nothing = np.full(N_MEASURES, np.nan, np.float32)
    rows = []
    for later in range(len(listed)):
        for earlier in range(later):
            first, second = (earlier, later) if generator.random() < 0.5 else (later, earlier)
            made_at_once = listed[later]["parent"] == earlier
            found = compare(planes[first], planes[second])
            proved, rule = (0, "") if found is None else _proved(planes[first], planes[second], found)
            rows.append(
                _Row(
                    nothing if found is None else found.forwards_vector,
                    nothing if found is None else found.backwards_vector,
                    float(log_odds[first, second]), known_order(listed, first, second),
                    0 if not made_at_once else 1 if first == earlier else -1, proved, rule, (first, second),
                    listed[later]["kind"],
                )
            )  # fmt: skip
    return rows


def _proved(first: VersionPlanes, second: VersionPlanes, found: Comparison) -> tuple[int, str]:
    """1 and the rule where the second version is proved to be made from the first, -1 the other way round, else 0."""
    made, made_backwards = prove_either(first, second, found)
    proof = made or made_backwards
    return (0, "") if proof is None else (1 if made else -1, proof.rule)
