"""How the time of pairing grows with the number of random signatures, a tenth of which are copies.

Hashes of copies differ in 0 to 30 of 256 bits, and some copies are turned. Half of the words of a copy are those of its source,
at the same places; the others are random. Words are paired as a scan without an engine does: by all cores, with the sorted
words in a temporary folder.

    python benchmarks/accuracy/archive_pairs.py 10000 100000
    python benchmarks/accuracy/archive_pairs.py 10000 --words
    python benchmarks/accuracy/archive_pairs.py --catalog pictures.catalog      # the words of a scan
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genloss.archive.candidates import pair_hashes
from genloss.archive.catalog import Catalog
from genloss.archive.local_words import N_FEATURES, N_TABLES, LocalWords
from genloss.archive.look import Look
from genloss.archive.scan_store import ScanStore
from genloss.archive.word_shards import WordShards, on_this_machine
from genloss.model.pairs.picture_hash import hash_turns
from genloss.model.pairs.placement import N_TURNS

COPIES = 10  # every tenth picture is a copy


def random_hashes(n: int, n_copies: int) -> list[NDArray[np.uint8]]:
    """Hashes; the last n_copies are copies of the first ones."""
    random = np.random.default_rng(0)
    hashes = random.integers(0, 256, (n, 32), np.uint8)
    turns = random.integers(0, N_TURNS, n_copies)
    turned = hash_turns(hashes[:n_copies])[turns, np.arange(n_copies)]
    flips = random.random((n_copies, 256)) < random.integers(0, 31, n_copies)[:, None] / 256
    hashes[-n_copies:] = turned ^ np.packbits(flips, axis=1)
    return list(hashes[:, None])


def random_words(n: int, n_copies: int, number: int) -> LocalWords:
    """Local words of a picture; the last n_copies of n pictures are copies of the first ones."""
    random = np.random.default_rng((0, number))
    keys = random.integers(1, 1 << 32, (2, N_FEATURES, N_TABLES), np.uint32)
    spots = random.integers(0, 1 << 16, (N_FEATURES, 4), np.uint16)
    spots[:, 3] %= 8
    if number >= n - n_copies:
        source, kept = random_words(n, n_copies, number - (n - n_copies)), random.random(N_FEATURES) < 0.5
        keys[:, kept], spots[kept] = source.keys[:, kept], source.spots[kept]
    return LocalWords(keys, spots)


def pair(n: int, with_words: bool) -> str:
    """A line with the time and memory of pairing."""
    n_copies = n // COPIES
    find: Callable[[], NDArray[np.int64]]
    if with_words:
        digests = [str(number) for number in range(n)]
        find = partial(pair_by_words, digests, [1.5] * n, lambda digest: random_words(n, n_copies, int(digest)))
    else:
        hashes = random_hashes(n, n_copies)
        find = lambda: pair_hashes(hashes)  # noqa: E731
    began, wall = time.process_time(), time.perf_counter()
    pairs = {(int(first), int(second)) for first, second in find()}
    seconds, wall = time.process_time() - began, time.perf_counter() - wall
    found = sum((copy, n - n_copies + copy) in pairs for copy in range(n_copies))
    return (
        f"{n:9,} {'words of pictures' if with_words else 'hashes'}: {seconds:6.1f} s of processor, {wall:6.1f} s, "
        f"{most_mib():5.0f} MiB, {100 * found / n_copies:.1f} % of the copies found, {len(pairs) - found} other pairs"
    )


def pair_catalog(path: Path) -> str:
    """A line with the time and memory of pairing the words of a catalog's pictures."""
    with Catalog(path) as catalog, catalog.guarded():
        store = ScanStore(catalog)
        digests = {file.sha256 for file in catalog.files(pictures_only=True) if file.sha256 is not None}
        looks = {digest: store.look(digest, with_words=False) for digest in sorted(digests)}
        seen = {digest: look for digest, look in looks.items() if isinstance(look, Look) and look.is_comparable}
        aspects = {digest: look.width_px / look.height_px for digest, look in seen.items()}
        began, wall = time.process_time(), time.perf_counter()
        pairs = pair_by_words(list(aspects), list(aspects.values()), store.words, with_check=True)
        seconds, wall = time.process_time() - began, time.perf_counter() - wall
    return (
        f"{len(aspects):9,} pictures: {seconds:6.1f} s of processor, {wall:6.1f} s, {most_mib():5.0f} MiB, {len(pairs):,} pairs"
    )


def pair_by_words(
    digests: Sequence[str], aspects: Sequence[float], words_of: Callable[[str], LocalWords], with_check: bool = False
) -> NDArray[np.int64]:
    """Pairs as a scan does; with a check, prints the time of each step, and of the sizes in bytes for each picture."""
    stages = Stages(with_check)
    with on_this_machine(Path(tempfile.gettempdir())) as sharding:
        shards = WordShards(digests, aspects, words_of, sharding, stages)
        pairs = shards.pair()
        stages.say("electing", len(pairs))
        if with_check:
            shards.check(list(map(tuple, pairs.tolist())))
            for folder in sorted(Path(sharding.folder.place).iterdir()):
                n_bytes = sum(path.stat().st_size for path in folder.iterdir())
                print(f"    {folder.name.split('-')[0]:16} {n_bytes / len(digests):10,.1f} bytes a picture")
        shards.clear()
    return pairs


class Stages:
    """A Watch that may print the processor time of each stage."""

    def __init__(self, with_lines: bool) -> None:
        self._with_lines = with_lines
        self._begun = time.process_time()

    def __call__(self, items: Iterable[Any], total: int, doing: str) -> Iterable[Any]:
        yield from items
        self.say(doing, total)

    def say(self, doing: str, n_items: int) -> None:
        """Prints the time since the last line."""
        used, self._begun = time.process_time() - self._begun, time.process_time()
        if self._with_lines:
            print(f"    {doing:16} {n_items:7,} {used:7.1f} s of processor, at most {most_mib():5.0f} MiB so far", flush=True)


def most_mib() -> float:
    """The most memory of this process so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("numbers", type=int, nargs="*", help="of pictures")
    parser.add_argument("--words", action="store_true", help="pair local words instead of hashes")
    parser.add_argument("--catalog", type=Path, help="pair and check the words of this catalog's pictures")
    arguments = parser.parse_args()
    for n in arguments.numbers:
        print(pair(n, arguments.words), flush=True)
    if arguments.catalog:
        print(pair_catalog(arguments.catalog), flush=True)


if __name__ == "__main__":
    main()
