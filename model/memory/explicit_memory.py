"""The explicit memory: names and their keys. It answers with the nearest key, and learns and forgets without training.

A network maps a picture to a vector, and the memory names the vector. A name is added from a few vectors, and can be
forgotten again; the keys of the other names do not change. A vector far from every key belongs to no name.

Source: "Effects of Compression on Visual Representations Learned from Medical Images"; Hersche and others,
"Constrained Few-shot Class-incremental Learning", 2022.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from genloss.model.errors import NamesError
from genloss.model.json_text import parse_json
from genloss.model.memory.keys import (
    Vectors,
    cosines,
    hamming_similarities,
    means_of_others,
    pack_signs,
    push_apart,
    row_cosines,
    to_unit,
    unpack_signs,
)

Measure = Literal["cosine", "hamming"]
KeyBits = Literal[1, 32]

LAYOUT = 1
_LOOSE = 2.0  # deviations below the mean similarity of a name's own vectors at which they are no longer known
_LEAST_THRESHOLD = 0.0
_HALF_WAY = 0.5  # threshold of a name learned from one vector in a memory without others


@dataclass(frozen=True)
class Entry:
    """A name and its key.

    Attributes:
        name: name of the class.
        key: D signs packed eight to a byte, or D little-endian float32.
        bits: bits of the key for each dimension, 1 or 32.
        shots: number of vectors that the key was made from; 0 for a key that was drawn before training.
        threshold: least similarity, in [-1, 1], at which a vector belongs to the name.
    """

    name: str
    key: bytes
    bits: KeyBits
    shots: int
    threshold: float

    def vector(self, n_dimensions: int) -> Vectors:
        """The key as (D,) float32."""
        if self.bits == 1:
            return unpack_signs(np.frombuffer(self.key, np.uint8), n_dimensions)
        return np.frombuffer(self.key, "<f4").astype(np.float32)


@dataclass(frozen=True)
class Answers:
    """The memory's answers for N vectors.

    Attributes:
        names: name of the nearest key, for each vector.
        similarity: (N,) similarity with the nearest key, in [-1, 1].
        known: (N,) whether the similarity reaches the threshold of that entry; if not, the vector belongs to no name.
    """

    names: list[str]
    similarity: Vectors
    known: NDArray[np.bool_]


class Memory:
    """Entries by name. A memory is immutable: `add` and `forget` return another memory.

    Args:
        n_dimensions: D of every key.
        entries: entries with different names.

    Raises:
        NamesError: two entries have the same name.

    Example:
        memory = Memory.of_keys(["cat", "dog"], draw_keys(2, 500, np.random.default_rng(0)))
        memory = memory.add("fox", outputs_of_five_foxes)
        memory.nearest(outputs).names
        memory = memory.forget("fox")
    """

    def __init__(self, n_dimensions: int, entries: Iterable[Entry] = ()) -> None:
        self.n_dimensions = n_dimensions
        self.entries = tuple(entries)
        repeated = {entry.name for entry in self.entries if self.names.count(entry.name) > 1}
        if repeated:
            raise NamesError(f"{sorted(repeated)[0]!r} is in the memory already; forget it first, or choose another name")
        self._vectors = np.array([entry.vector(n_dimensions) for entry in self.entries], np.float32).reshape(-1, n_dimensions)

    @classmethod
    def of_keys(cls, names: Sequence[str], keys: Vectors, bits: KeyBits = 1, threshold: float = _HALF_WAY) -> "Memory":
        """Makes a memory from keys that were drawn before training, (K, D)."""
        return cls(
            keys.shape[1], [Entry(name, _encode(key, bits), bits, 0, threshold) for name, key in zip(names, keys, strict=True)]
        )

    @property
    def names(self) -> list[str]:
        """All names, in the order in which they were added."""
        return [entry.name for entry in self.entries]

    @property
    def keys(self) -> Vectors:
        """All keys, (K, D) float32, in the order of `names`."""
        return self._vectors

    def similarities(self, vectors: NDArray, by: Measure = "cosine") -> Vectors:
        """Similarities of (N, D) vectors with all keys, (N, K), in [-1, 1].

        Args:
            vectors: outputs of a network.
            by: "cosine", or "hamming" to compare signs only, without unpacking the keys.
        """
        if by == "hamming":
            return hamming_similarities(vectors, pack_signs(self._vectors))
        return cosines(vectors, self._vectors)

    def nearest(self, vectors: NDArray, by: Measure = "cosine") -> Answers:
        """The name of the nearest key of each of (N, D) vectors.

        Raises:
            NamesError: the memory is empty.
        """
        if not self.entries:
            raise NamesError("the memory is empty; add a name first")
        found = self.similarities(vectors, by)
        nearest = found.argmax(axis=1)
        similarity = np.take_along_axis(found, nearest[:, None], axis=1)[:, 0]
        thresholds = np.array([entry.threshold for entry in self.entries], np.float32)
        return Answers([self.entries[place].name for place in nearest], similarity, similarity >= thresholds[nearest])

    def add(
        self, name: str, vectors: NDArray, bits: KeyBits = 32, apart: float | None = None, threshold: float | None = None
    ) -> "Memory":
        """A memory with one more name. Its key is the mean of a few vectors scaled to unit length.

        Args:
            name: a name that the memory does not have.
            vectors: (S, D), S at least 1.
            bits: 1 keeps only the signs of the mean; 32 keeps the mean. The output of a network that was trained on few
                classes is a mixture of few keys, and its signs are often those of the largest part. Then only 32 tells
                classes apart.
            apart: cosine in [0, 1). If the new key is more similar to another key, it is pushed away. None to leave it.
            threshold: as in Entry. None for two standard deviations below the mean similarity of each vector with the
                mean of the others; for a single vector, the median of the other thresholds.

        Raises:
            NamesError: the name is empty or taken, or there is no vector.
        """
        if not name.strip():
            raise NamesError("a name must not be empty")
        vectors = np.asarray(vectors, np.float32).reshape(-1, self.n_dimensions)
        if not len(vectors):
            raise NamesError(f"{name!r} cannot be added without a single example")
        units = to_unit(vectors)
        key = units.mean(axis=0)
        if apart is not None and self.entries:
            key = push_apart(key, self._vectors, apart)
        known_from = self._threshold(units, bits) if threshold is None else threshold
        return Memory(self.n_dimensions, [*self.entries, Entry(name, _encode(key, bits), bits, len(vectors), known_from)])

    def forget(self, name: str) -> "Memory":
        """A memory without this name; the other entries do not change.

        Raises:
            NamesError: the memory does not have the name.
        """
        if name not in self.names:
            raise NamesError(f"{name!r} is not in the memory, which has {', '.join(self.names) or 'no names'}")
        return Memory(self.n_dimensions, [entry for entry in self.entries if entry.name != name])

    def _threshold(self, units: Vectors, bits: KeyBits) -> float:
        if len(units) == 1:
            return float(np.median([entry.threshold for entry in self.entries])) if self.entries else _HALF_WAY
        rest = means_of_others(units)
        if bits == 1:
            rest = np.where(rest > 0, np.float32(1), np.float32(-1))
        own = row_cosines(units, rest)
        return float(max(_LEAST_THRESHOLD, own.mean() - _LOOSE * own.std()))

    def to_json(self) -> dict[str, Any]:
        """The memory in types that JSON has; keys in hexadecimal."""
        entries = [
            {"name": entry.name, "key": entry.key.hex(), "bits": entry.bits, "shots": entry.shots, "threshold": entry.threshold}
            for entry in self.entries
        ]
        return {"layout": LAYOUT, "n_dimensions": self.n_dimensions, "entries": entries}

    @classmethod
    def from_json(cls, document: object) -> "Memory":
        """The memory from the output of `to_json`.

        Raises:
            NamesError: the value has another layout, or is damaged.
        """
        try:
            if not isinstance(document, dict):
                raise TypeError(f"a {type(document).__name__}")
            if document["layout"] != LAYOUT:
                raise NamesError(f"the memory has layout {document['layout']}; this version of genloss reads {LAYOUT}")
            n_dimensions = int(document["n_dimensions"])
            entries = [_read_entry(entry, n_dimensions) for entry in document["entries"]]
        except (KeyError, TypeError, ValueError) as error:
            raise NamesError(f"the memory is damaged ({type(error).__name__}: {error})") from error
        return cls(n_dimensions, entries)

    def dumps(self) -> bytes:
        """The content of a JSON file."""
        return json.dumps(self.to_json(), indent=1).encode()

    @classmethod
    def loads(cls, data: bytes) -> "Memory":
        """The memory from the content of a JSON file.

        Raises:
            NamesError: the content is no JSON, has another layout, or is damaged.
        """
        try:
            document = parse_json(data)
        except ValueError as error:
            raise NamesError(f"the memory is no JSON ({error})") from error
        return cls.from_json(document)


def _encode(key: NDArray, bits: KeyBits) -> bytes:
    return pack_signs(key).tobytes() if bits == 1 else np.asarray(key, "<f4").tobytes()


def _read_entry(stored: dict[str, Any], n_dimensions: int) -> Entry:
    key, bits = bytes.fromhex(stored["key"]), stored["bits"]
    if bits not in (1, 32) or len(key) != ((n_dimensions + 7) // 8 if bits == 1 else 4 * n_dimensions):
        raise ValueError(f"a key of {len(key)} bytes for {n_dimensions} dimensions of {bits} bits")
    return Entry(str(stored["name"]), key, bits, int(stored["shots"]), float(stored["threshold"]))
