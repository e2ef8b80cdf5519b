"""How the time of pairing grows with the number of random signatures, a tenth of which are copies.

Hashes of copies differ in 0 to 30 of 256 bits, and some copies are turned. Half of the words of a copy are those of its source,
at the same places; the others are random.

    python benchmarks/accuracy/archive_pairs.py 10000 100000
    python benchmarks/accuracy/archive_pairs.py 10000 --words
"""

import argparse
import resource
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from genloss.archive.candidates import pair_hashes
from genloss.archive.local_words import N_FEATURES, N_TABLES, LocalWords
from genloss.archive.word_pairs import pair_words
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


def random_words(n: int, n_copies: int) -> list[LocalWords]:
    """Local words; the last n_copies are copies of the first ones."""
    random = np.random.default_rng(0)
    found: list[LocalWords] = []
    for number in range(n):
        keys = random.integers(1, 1 << 32, (2, N_FEATURES, N_TABLES), np.uint32)
        spots = random.integers(0, 1 << 16, (N_FEATURES, 4), np.uint16)
        spots[:, 3] %= 8
        if number >= n - n_copies:
            source, kept = found[number - (n - n_copies)], random.random(N_FEATURES) < 0.5
            keys[:, kept], spots[kept] = source.keys[:, kept], source.spots[kept]
        found.append(LocalWords(keys, spots))
    return found


def pair(n: int, with_words: bool) -> str:
    """A line with the time and memory of pairing."""
    n_copies = n // COPIES
    find: Callable[[], NDArray[np.int64]]
    if with_words:
        words = random_words(n, n_copies)
        find = lambda: pair_words(words, [1.5] * n)  # noqa: E731
    else:
        hashes = random_hashes(n, n_copies)
        find = lambda: pair_hashes(hashes)  # noqa: E731
    began = time.process_time()
    pairs = {(int(first), int(second)) for first, second in find()}
    seconds = time.process_time() - began
    found = sum((copy, n - n_copies + copy) in pairs for copy in range(n_copies))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return (
        f"{n:9,} {'words of pictures' if with_words else 'hashes'}: {seconds:6.1f} s of processor, {memory:5.0f} MiB, "
        f"{100 * found / n_copies:.1f} % of the copies found, {len(pairs) - found} other pairs"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("numbers", type=int, nargs="+", help="of pictures")
    parser.add_argument("--words", action="store_true", help="pair local words instead of hashes")
    arguments = parser.parse_args()
    for n in arguments.numbers:
        print(pair(n, arguments.words), flush=True)


if __name__ == "__main__":
    main()
