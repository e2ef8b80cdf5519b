"""The words of a collection, sorted once. Whatever part of the files is paired, it only searches in them.

A collection is a set of arrays by name, in memory or in files:

    files           (N,) number of words and aspect of each file
    keys-C, spots-C (2, N_TABLES, K) and (K, 4), words and spots of the C-th CHUNK files
    places          (S, 4), all spots in common units
    sorted-T-W      (2, M), sorted words of table T, upright or mirrored, and the spot of each

The first three are gathered; the others are pure functions of them.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genloss.archive.local_words import N_TABLES, LocalWords
from genloss.archive.word_votes import on_one_scale

LEAST_BITS, MOST_BITS = 24, 32  # bits of a word that are compared
CHUNK = 1024  # files whose words lie together
UPRIGHT, MIRRORED = WAYS = (0, 1)
FILES, PLACES = "files", "places"
DERIVED = (PLACES, *(f"sorted-{table}-{way}" for table in range(N_TABLES) for way in WAYS))
_SPARE_BITS = 4  # in addition to the bits that number all words
_ABOUT = np.dtype([("n_words", "<i4"), ("aspect", "<f8")])

Keys = NDArray[np.uint32]
Spots = NDArray[np.int32]  # positions among all spots
Arrays = Callable[[str], NDArray[Any]]  # gives an array by name


class WordTables:
    """Sorted words of a collection.

    Args:
        arrays: all arrays of the collection.

    Attributes:
        starts: (N + 1,) int64, position of each file's first spot among all S spots, then S.
        files: (S,) int32, file of each spot.
        aspects: (N,) float64, width over height of each file.
        places: (S, 4) float32, from on_one_scale.
    """

    def __init__(self, arrays: Arrays) -> None:
        self._arrays = arrays
        about = arrays(FILES)
        n_words, self.aspects = about["n_words"], about["aspect"]
        self.starts: NDArray[np.int64] = np.concatenate([np.zeros(1, np.int64), np.cumsum(n_words, dtype=np.int64)])
        self.files: NDArray[np.int32] = np.repeat(np.arange(len(n_words), dtype=np.int32), n_words)
        self.places: NDArray[np.float32] = arrays(PLACES)
        self._bits = _mask(len(self.files))

    def table(self, table: int, way: int) -> tuple[Keys, Spots]:
        """Sorted words of a table, each with its spot."""
        keys, spots = self._arrays(f"sorted-{table}-{way}")
        return keys, spots.view(np.int32)

    def words_of(self, begin: int, end: int, table: int) -> tuple[Keys, Spots]:
        """Upright words of the files from `begin` to before `end`, sorted, each with its spot."""
        parts = [keys[UPRIGHT, table] for keys in self._chunks("keys", begin, end)]
        return _sorted(np.concatenate(parts), int(self.starts[begin]), self._bits)

    def words(self, file: int) -> LocalWords:
        """All words of a file."""
        (keys,), (spots,) = (self._chunks(what, file, file + 1) for what in ("keys", "spots"))
        return LocalWords(np.ascontiguousarray(keys.transpose(0, 2, 1)), np.array(spots))

    def _chunks(self, what: str, begin: int, end: int) -> Iterator[NDArray[Any]]:
        """Yields what the chunks hold of some files: keys or spots."""
        for chunk in range(begin // CHUNK, (end - 1) // CHUNK + 1):
            first, last = max(begin, chunk * CHUNK), min(end, (chunk + 1) * CHUNK, len(self.starts) - 1)
            from_spot, to_spot = self.starts[[first, last]] - self.starts[chunk * CHUNK]
            found = self._arrays(f"{what}-{chunk}")
            yield found[from_spot:to_spot] if what == "spots" else found[..., from_spot:to_spot]


def gather_words(words: Iterable[LocalWords], aspects: Sequence[float]) -> Iterator[tuple[str, NDArray[Any]]]:
    """Yields name and array of what is gathered; holds the words of a chunk at a time.

    Args:
        words: of each file, in order.
        aspects: width over height of each file.
    """
    about = np.zeros(len(aspects), _ABOUT)
    about["aspect"] = aspects
    chunk: list[LocalWords] = []
    for file, found in enumerate(words):
        about["n_words"][file] = len(found.spots)
        chunk.append(found)
        if len(chunk) == CHUNK or file == len(aspects) - 1:
            number = file // CHUNK
            yield f"keys-{number}", np.ascontiguousarray(np.concatenate([one.keys for one in chunk], 1).transpose(0, 2, 1))
            yield f"spots-{number}", np.concatenate([one.spots for one in chunk])
            chunk.clear()
    yield FILES, about


def derive(name: str, arrays: Arrays) -> NDArray[Any]:
    """An array that depends on the gathered ones only.

    Args:
        name: one of DERIVED.
        arrays: those of gather_words.
    """
    about = arrays(FILES)
    chunks = range(-(-len(about) // CHUNK))
    if name == PLACES:
        spots = np.concatenate([arrays(f"spots-{chunk}") for chunk in chunks])
        return on_one_scale(spots, np.repeat(about["aspect"].astype(np.float32), about["n_words"]))
    _, table, way = name.split("-")
    keys = np.concatenate([arrays(f"keys-{chunk}")[int(way), int(table)] for chunk in chunks])
    found, spots = _sorted(keys, 0, _mask(len(keys)))
    return np.stack([found, spots.view(np.uint32)])


def tables_in_memory(words: Sequence[LocalWords], aspects: Sequence[float]) -> WordTables:
    """The sorted words of few files.

    Args:
        words: of each file, at least one.
        aspects: width over height of each file.
    """
    arrays = dict(gather_words(words, aspects))
    arrays |= {name: derive(name, arrays.__getitem__) for name in DERIVED}
    return WordTables(arrays.__getitem__)


def bits_compared(n_words: int) -> int:
    """Number of bits to compare among n_words words: 24 up to two million, one more for each doubling, at most 32."""
    return int(np.clip(max(n_words, 1).bit_length() - 1 + _SPARE_BITS, LEAST_BITS, MOST_BITS))


def order_keys(keys: Keys) -> NDArray[np.int32]:
    """Positions that sort the keys, in order where keys are equal; fewer than 2^31 keys.

    Sorts by half a key at a time, because NumPy sorts 16-bit numbers faster, with a radix sort.
    """
    order = np.argsort(keys.astype(np.uint16), kind="stable").astype(np.int32)
    return order[np.argsort((keys >> np.uint32(16)).astype(np.uint16)[order], kind="stable")]


def _mask(n_words: int) -> np.uint32:
    return np.uint32((1 << bits_compared(n_words)) - 1)


def _sorted(keys: Keys, begin: int, bits: np.uint32) -> tuple[Keys, Spots]:
    """Sorted words, each with its spot; words of 0 are left out, because the corner has no descriptor.

    Args:
        keys: words of successive spots.
        begin: the first of these spots.
        bits: mask of the bits to compare.
    """
    described = np.flatnonzero(keys).astype(np.int32)
    keys = keys[described] & bits
    order = order_keys(keys)
    return keys[order], described[order] + np.int32(begin)
