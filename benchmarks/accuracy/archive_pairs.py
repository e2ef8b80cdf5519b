"""How the pairing of hashes grows: random hashes, a tenth of them copies that differ in 0 to 30 of 256 bits, some turned.

python benchmarks/accuracy/archive_pairs.py 10000 100000
"""

import argparse
import resource
import time

import numpy as np

from genloss.archive.candidates import pair_hashes
from genloss.model.pairs.picture_hash import hash_turns
from genloss.model.pairs.placement import N_TURNS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("numbers", type=int, nargs="+", help="of hashes")
    for n in parser.parse_args().numbers:
        random = np.random.default_rng(0)
        hashes = random.integers(0, 256, (n, 32), np.uint8)
        n_copies = n // 10
        turns = random.integers(0, N_TURNS, n_copies)
        turned = hash_turns(hashes[:n_copies])[turns, np.arange(n_copies)]
        flips = random.random((n_copies, 256)) < random.integers(0, 31, n_copies)[:, None] / 256
        hashes[-n_copies:] = turned ^ np.packbits(flips, axis=1)
        began = time.process_time()
        pairs = {(int(first), int(second)) for first, second in pair_hashes(list(hashes[:, None]))}
        seconds = time.process_time() - began
        found = sum((copy, n - n_copies + copy) in pairs for copy in range(n_copies))
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{n:9,} hashes: {seconds:6.1f} s of processor, {memory:5.0f} MiB, {100 * found / n_copies:.1f} % of the copies "
            f"found, {len(pairs) - found} other pairs"
        )


if __name__ == "__main__":
    main()
