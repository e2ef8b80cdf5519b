"""Pairs by words, in shards: the words of all files are sorted, parts of the files are paired, and pairs are checked.

Every machine makes the same shards. What remains for the machine with the catalog is to gather the words and to elect pairs.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from genloss.archive.local_words import LocalWords
from genloss.archive.look import LOOK_VERSION
from genloss.archive.shard_arrays import SUFFIX, MappedArrays, read_array, write_array
from genloss.archive.sharding import Sharding
from genloss.archive.word_check import may_agree
from genloss.archive.word_pairs import Pairs, elect, pair_part
from genloss.archive.word_tables import DERIVED, WordTables, derive, gather_words
from genloss.model.engines.shard_folder import ShardFolder
from genloss.model.engines.shards import Shard, Work, make_absent, name_shard
from genloss.model.engines.thread_engine import ThreadEngine
from genloss.model.processes import n_usable_cores
from genloss.model.temporary_folders import temporary_folder

if TYPE_CHECKING:
    from genloss.archive.grouping import Watch

PAIR_VERSION = 1  # of word_tables.py, word_pairs.py and word_votes.py
CHECK_VERSION = 1  # of word_check.py
_FILES, _PAIRS = 1024, 4096  # of a shard; about half a minute of work in a large collection
_FEW_FILES = 256  # the same on one machine, where a scan that is stopped waits for a shard


class WordShards:
    """Pairs the files of a collection by their words.

    Args:
        digests: sha256 of each file.
        aspects: width over height of each file.
        words_of: gives the words of a file by its sha256; called only if shards are absent.
        sharding: engine and folder of the shards.
        watch: reports progress.
    """

    def __init__(
        self, digests: Sequence[str], aspects: Sequence[float], words_of: Callable[[str], LocalWords], sharding: Sharding,
        watch: "Watch",
    ) -> None:  # fmt: skip
        self._digests = digests
        self._aspects = aspects
        self._words_of = words_of
        self._sharding = sharding
        self._watch = watch
        self._collection = hashlib.sha256(json.dumps([LOOK_VERSION, PAIR_VERSION, *digests]).encode()).hexdigest()[:32]
        self._below = f"words-{self._collection}"

    def pair(self) -> Pairs:
        """Pairs that share words on one turn, scale and shift, as of pair_words.

        Raises:
            EngineError: a shard could not be made or read.
        """
        n_files, length = len(self._digests), self._sharding.length or _FILES
        parts = [(begin, min(begin + length, n_files)) for begin in range(0, n_files, length)] if n_files > 1 else []
        found = self._made(pair_shard, f"pair-{PAIR_VERSION}", [(part, [self._collection, part]) for part in parts], "pairing")
        return elect(np.concatenate([np.zeros((0, 3), np.int32), *found]), n_files)

    def check(self, pairs: Sequence[tuple[int, int]]) -> list[bool]:
        """Whether the words of each pair agree, as of may_agree.

        Args:
            pairs: positions of files.

        Raises:
            EngineError: a shard could not be made or read.
        """
        length = self._sharding.length or _PAIRS
        parts = [pairs[begin : begin + length] for begin in range(0, len(pairs), length)]
        named = [(part, [[self._digests[file] for file in pair] for pair in part]) for part in parts]
        return [bool(one) for agree in self._made(check_shard, f"check-{CHECK_VERSION}", named, "checking") for one in agree]

    def clear(self) -> None:
        """Removes the sorted words; the pairs that were found stay."""
        _tables.cache_clear()
        self._sharding.folder.clear(self._below)

    def _made(
        self, make: Callable[[ShardFolder, str, bytes], bytes], stage: str, parts: Sequence[tuple[Any, Any]], doing: str
    ) -> Iterator[NDArray[Any]]:
        """Arrays of the shards of a stage; those that are absent are made.

        Args:
            make: makes a shard.
            stage: its name and version.
            parts: what a shard works on, and what its name is made of.
            doing: verb for a progress bar.
        """
        folder = self._sharding.folder
        shards = [
            Shard(name_shard(stage, json.dumps([stage, content]).encode(), SUFFIX), json.dumps(part).encode())
            for part, content in parts
        ]
        if not folder.names(stage).issuperset(shard.name for shard in shards):
            self._sort()
        self._make_absent(partial(make, folder, self._below), shards, doing)
        for shard in shards:
            yield read_array(folder.read(shard.name), shard.name)

    def _sort(self) -> None:
        """Gathers and sorts the words, if they are not."""
        folder = self._sharding.folder
        shards = [Shard(f"{self._below}/{name}{SUFFIX}", name.encode()) for name in DERIVED]
        if folder.names(self._below).issuperset(shard.name for shard in shards):
            return
        words = self._watch(map(self._words_of, self._digests), len(self._digests), "gathering words")
        for name, array in gather_words(words, self._aspects):
            folder.write(f"{self._below}/{name}{SUFFIX}", write_array(array))
        self._make_absent(partial(sort_shard, folder, self._below), shards, "sorting words")

    def _make_absent(self, work: Work, shards: Sequence[Shard], doing: str) -> None:
        for _ in self._watch(make_absent(self._sharding.engine, work, shards, self._sharding.folder), len(shards), doing):
            pass


@contextmanager
def on_this_machine(folder: Path) -> Iterator[Sharding]:
    """All cores of this machine, for scans without an engine; the shards lie in a temporary folder.

    Args:
        folder: to make the temporary folder in, for words may take more room than there is for temporary files.
    """
    with temporary_folder("words", folder) as place:
        yield Sharding(ThreadEngine(n_usable_cores()), ShardFolder(place, is_temporary=True), _FEW_FILES)


def sort_shard(folder: ShardFolder, below: str, packed: bytes) -> bytes:
    """Makes a derived array from those that are gathered; runs on any machine.

    Args:
        folder: of all shards.
        below: folder of the words in it.
        packed: name of the array.
    """
    return write_array(derive(packed.decode(), MappedArrays(folder, below)))


def pair_shard(folder: ShardFolder, below: str, packed: bytes) -> bytes:
    """Pairs some first files with all files; runs on any machine.

    Args:
        folder, below: as of sort_shard.
        packed: begin and end of the first files, as JSON.
    """
    begin, end = json.loads(packed)
    return write_array(pair_part(_tables(folder, below), begin, end))


def check_shard(folder: ShardFolder, below: str, packed: bytes) -> bytes:
    """Checks whether the words of pairs agree; runs on any machine.

    Args:
        folder, below: as of sort_shard.
        packed: positions of the two files of each pair, as JSON.
    """
    tables = _tables(folder, below)
    words = lru_cache(256)(tables.words)  # pairs are sorted by their first file
    aspects = tables.aspects.tolist()
    return write_array(
        np.array([may_agree(words(one), words(two), (aspects[one], aspects[two])) for one, two in json.loads(packed)], bool)
    )


@lru_cache(1)
def _tables(folder: ShardFolder, below: str) -> WordTables:
    """The sorted words, opened once in a process."""
    return WordTables(MappedArrays(folder, below))
