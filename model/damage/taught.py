"""Kinds of damage that a user taught from a few pictures, and the user's file that stores them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genloss.model.errors import NamesError, OutputError
from genloss.model.files import write_atomically
from genloss.model.json_text import parse_json
from genloss.model.memory.explicit_memory import Memory
from genloss.model.memory.keys import Vectors, cosines, means_of_others, row_cosines

LAYOUT = 1
LEAST_PICTURES = 5
# What a claim's odds are reckoned with: so many pictures have a taught kind, and so many of the others are called so.
_SHARE, _WRONG = 0.02, 0.0005
_RIGHT = 0.9
_TAIL = 0.05
_TAKEN = 0.01  # of the bank's pictures that are taken for a taught kind


@dataclass(frozen=True)
class TaughtKinds:
    """Taught kinds. They are immutable: `learn` and `forget` return others.

    Attributes:
        memory: a key for each kind, with the similarity at which a picture counts as that kind.
        sure_from: by kind, the similarity from which the answer is sure.
        recall: by kind, the share of its own pictures that a key made from the others would surely find.
    """

    memory: Memory
    sure_from: Mapping[str, float] = field(default_factory=dict)
    recall: Mapping[str, float] = field(default_factory=dict)

    def learn(self, name: str, vectors: Vectors, bank: NDArray) -> "TaughtKinds":
        """Taught kinds with one more.

        The key is the mean of the vectors. A picture counts as the new kind if it is nearer to the key than 99 % of the bank.
        The answer is sure if it is nearer, with a margin, than all of the bank.

        Args:
            name: a name that no kind has.
            vectors: (S, D) of length 1, S at least 1.
            bank: (N, D) vectors of pictures of other kinds.

        Raises:
            NamesError: the name is taken.
        """
        key = vectors.mean(axis=0)[None]
        loose = float(np.quantile(cosines(bank, key), 1 - _TAKEN))
        memory = self.memory.add(name, vectors, threshold=loose)
        sure_from = {**self.sure_from, name: float(_above(key, bank)[0])}
        return TaughtKinds(memory, sure_from, {**self.recall, name: _own_recall(vectors, bank)})

    def forget(self, name: str) -> "TaughtKinds":
        """Taught kinds without this one; the others do not change.

        Raises:
            NamesError: no taught kind has the name.
        """
        sure_from, recall = ({kind: one for kind, one in of.items() if kind != name} for of in (self.sure_from, self.recall))
        return TaughtKinds(self.memory.forget(name), sure_from, recall)

    def is_sure(self, name: str) -> bool:
        """Whether nine of ten claims of a kind are expected to be right, judged by its recall."""
        found = _SHARE * self.recall.get(name, 0.0)
        return found / (found + (1 - _SHARE) * _WRONG) >= _RIGHT


def read_taught(path: Path, version: str, n_dimensions: int) -> TaughtKinds:
    """Reads a file of taught kinds; no kinds if the file is missing.

    Args:
        path: file written by keep_taught.
        version: version of the memory that the kinds belong to.
        n_dimensions: dimensions of its vectors.

    Raises:
        NamesError: the file is of another kind, damaged, or of another bundle.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return TaughtKinds(Memory(n_dimensions))
    except OSError as error:
        raise NamesError(f"{path} cannot be read: {error.strerror}") from error
    try:
        document = parse_json(data)
        layout, made_for = document["layout"], document["damage_version"]
        sure_from, recall = (
            {str(name): float(number) for name, number in document[of].items()} for of in ("sure_from", "recall")
        )
        stored = document["memory"]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NamesError(
            f"{path} is no memory of taught damage; name another file ({type(error).__name__}: {error})"
        ) from error
    if layout != LAYOUT:
        raise NamesError(f"{path} has layout {layout}; this version of genloss reads {LAYOUT}")
    if made_for != version:
        raise NamesError(
            f"{path} was taught with another bundle (damage {made_for}, here {version}); "
            "name another file with --memory, or remove it"
        )
    memory = Memory.from_json(stored)
    if memory.n_dimensions != n_dimensions:
        raise NamesError(f"{path} is damaged: keys of {memory.n_dimensions} dimensions instead of {n_dimensions}")
    return TaughtKinds(memory, sure_from, recall)


def keep_taught(path: Path, taught: TaughtKinds, version: str) -> None:
    """Writes a file of taught kinds atomically.

    Raises:
        OutputError: the file cannot be written.
    """
    document = {
        "layout": LAYOUT, "damage_version": version, "sure_from": dict(taught.sure_from), "recall": dict(taught.recall),
        "memory": taught.memory.to_json(),
    }  # fmt: skip
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, (json.dumps(document, indent=1) + "\n").encode())
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}") from error


def _above(keys: NDArray, bank: NDArray) -> NDArray[np.float64]:
    """(K,) similarity with each of (K, D) keys that about _WRONG of the pictures like the bank's (N, D) reach.

    No vector of the bank reaches it. So rare a share cannot be counted in a few hundred vectors: beyond their upper
    twentieth the tail is taken to fall exponentially.
    """
    found = np.sort(cosines(bank, keys).astype(np.float64), axis=0)[::-1]
    n_tail = max(1, round(_TAIL * len(found)))
    start, excess = found[n_tail - 1], (found[:n_tail] - found[n_tail - 1]).mean(axis=0)
    beyond: NDArray[np.float64] = np.maximum(start + excess * np.log(_TAIL / _WRONG), np.nextafter(found[0], 2))
    return beyond


def _own_recall(vectors: Vectors, bank: NDArray) -> float:
    """Share of vectors that a key made of the others would have named; 0 for a single one."""
    if len(vectors) < 2:
        return 0.0
    rest = means_of_others(vectors)
    return float(np.mean(row_cosines(vectors, rest) >= _above(rest, bank)))
