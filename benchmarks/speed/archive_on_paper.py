"""Estimates a scan of 10^7 and 10^8 files: processor time, bytes and shuffles of each stage, from rates on fewer files.

    python benchmarks/speed/archive_on_paper.py
    python benchmarks/speed/archive_on_paper.py --files 1e6 --cores 64 --file-bytes 2e6

Nothing is scanned. The default rates come from docs/about/collection.md (files of half a megapixel) and docs/about/scale.md
(sizes of shards); replace them with your own measurements by options.
"""

import argparse
import math
import sys

import numpy as np

HASH_BITS, N_TURNS = 256, 8
MOST_IN_BAND = 96  # of archive/candidates.py
BANDS = ((16, 2), (24, 1), (32, 1))  # bits of a band, and bytes from one to the next; the first two are archive/candidates.py's
N_DRAWS = 20_000  # of wrong bits
N_WORDS, N_TABLES, WORD_BITS = 300, 6, 32  # of archive/local_words.py and word_pairs.py
WORD_ROW_BYTES = 4 + 8 + 8  # key, file, and place, angle and octave
EMBEDDING_BYTES = 512
MOST_GB = 1000
RATES = {
    "file-bytes": (88_500, "of a file"),
    "hash-mb-per-second": (1800.0, "sha256 of a core, MB/s"),
    "look-ms": (34.1, "to look at a file"),
    "look-bytes": (22_300, "of a look in a shard"),
    "hash-bytes": (89.4, "of the hashes of a file"),
    "word-bytes": (16_500, "of the words of a file"),
    "catalog-bytes": (26_700, "of a file in the catalog"),
    "pairs-per-file": (0.80, "pairs laid on each other, for each file"),
    "pair-ms": (56.4, "to lay a pair"),
    "pair-bytes": (82.0, "of a relation in a shard"),
    "groups-per-file": (0.24, "groups for each file"),
    "rank-ms": (181.6, "to rank a group"),
    "rank-bytes": (536.0, "of a ranking in a shard"),
    "shard-seconds": (0.4, "to start the process of a shard"),
    "shard-items": (1000.0, "items of a shard"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=float, nargs="+", default=[1e7, 1e8], help="sizes of collections")
    parser.add_argument("--cores", type=int, default=1000, help="of the cluster")
    for name, (value, what) in RATES.items():
        parser.add_argument(f"--{name}", type=float, default=value, help=f"{what} (default {value:g})")
    options = vars(parser.parse_args())
    for n_files in options["files"]:
        print_stages(n_files, options["cores"], {name: options[name.replace("-", "_")] for name in RATES})
        print_pairing(n_files, options["hash_bytes"])


def print_stages(n_files: float, n_cores: int, rates: dict[str, float]) -> None:
    """Prints processor time and bytes of the stages that are maps over shards, and the size of their results."""
    n_pairs, n_groups = n_files * rates["pairs-per-file"], n_files * rates["groups-per-file"]
    all_bytes = n_files * rates["file-bytes"]
    start = rates["shard-seconds"] / rates["shard-items"]
    stages = [
        ("exact", n_files, rates["file-bytes"] / rates["hash-mb-per-second"] / 1e6, all_bytes, 0.0),
        ("look", n_files, rates["look-ms"] / 1000 + start, all_bytes, n_files * rates["look-bytes"]),
        ("verify", n_pairs, rates["pair-ms"] / 1000 + start, 2 * n_pairs * rates["file-bytes"], n_pairs * rates["pair-bytes"]),
        ("rank", n_groups, rates["rank-ms"] / 1000 + 10 * start, 2 * n_groups * rates["file-bytes"],
         n_groups * rates["rank-bytes"]),
    ]  # fmt: skip
    print(f"\n{n_files:,.0f} files, {size(all_bytes)}:")
    print("    stage         items   core-hours   hours on the cores      read   written    shards")
    for name, n_items, seconds, read, written in stages:
        hours, made = n_items * seconds / 3600, size(written) if written else ""
        figures = f"{n_items:12,.0f} {hours:12,.1f} {hours / n_cores:20,.2f} {size(read):>9} {made:>9}"
        print(f"    {name:7} {figures} {n_items / rates['shard-items']:9,.0f}")
    total = sum(n_items * seconds for _, n_items, seconds, _, _ in stages) / 3600
    print(f"    in all  {'':12} {total:12,.1f} {total / n_cores:20,.2f}")
    names = size(n_files * item_bytes())
    print(f"    the catalog holds {size(n_files * rates['catalog-bytes'])}; the names of a stage's files, {names}")


def item_bytes() -> int:
    """Bytes in memory of an item of a stage: a key and the path of its file."""
    key, path = "0" * 64, "/mnt/pictures/2026/11/IMG_20261127_101112.jpg"
    return sum(map(sys.getsizeof, (key, path, (path,), (key, (path,)))))


def print_pairing(n_files: float, hash_bytes: float) -> None:
    """Prints for each way to find candidates what it stores, shuffles and finds."""
    n_hashes = n_files * hash_bytes / 32
    print(f"    hashes: {size(n_files * hash_bytes)}; of the rows with a key, at most {MOST_IN_BAND} are looked at")
    for bits, step in BANDS:
        n_bands = HASH_BITS // 8 // step
        in_key = n_hashes * N_TURNS / 2**bits
        shuffled = size(n_hashes * n_bands * (1 + N_TURNS) * (bits / 8 + 8))
        seen = ", ".join(f"{wrong} bits {found(bits, step, in_key, wrong):.0%}" for wrong in (5, 10, 20, 30, 40))
        print(f"      {n_bands:2} bands of {bits}: {in_key:9,.2f} rows a key, {shuffled} shuffled; finds copies off by {seen}")
    needed = math.ceil(math.log2(n_files * N_WORDS)) + 4
    keys = n_files * N_WORDS * N_TABLES
    shuffled = 3 * keys * WORD_ROW_BYTES  # one side plain, the other plain and mirrored
    by_chance = n_files * N_WORDS / 2**WORD_BITS
    print(f"    words: {size(2 * keys * 4)} of keys, {size(shuffled)} shuffled; {needed} bits would tell them apart, they have")
    print(f"      {WORD_BITS}: {by_chance:.1f} strangers for each word in each table")
    print(f"    embeddings of {EMBEDDING_BYTES} bytes: {size(n_files * EMBEDDING_BYTES)}")


def found(bits: int, step: int, in_key: float, n_wrong: int) -> float:
    """Share of copies that meet their original in a band; the wrong bits are drawn at random places.

    Args:
        bits: of a band, whole bytes; bands go around the end of the hash.
        step: bytes from one band to the next.
        in_key: hashes with one key, of which MOST_IN_BAND are looked at.
        n_wrong: bits in which a copy differs.
    """
    places = np.argsort(np.random.default_rng(n_wrong).random((N_DRAWS, HASH_BITS)), axis=1)[:, :n_wrong] // 8
    intact = np.ones((N_DRAWS, HASH_BITS // 8), bool)
    np.put_along_axis(intact, places, False, axis=1)
    bands = np.all([np.roll(intact, -byte, axis=1) for byte in range(bits // 8)], axis=0)[:, ::step]
    looked_at = min(1.0, MOST_IN_BAND / in_key)
    return float(np.mean(1 - (1 - looked_at) ** bands.sum(axis=1)))


def size(n_bytes: float) -> str:
    """A number of bytes in a suitable unit."""
    for unit in ("B", "kB", "MB", "GB"):
        if n_bytes < MOST_GB:
            return f"{n_bytes:,.0f} {unit}"
        n_bytes /= 1000
    return f"{n_bytes:,.1f} TB" if n_bytes < MOST_GB else f"{n_bytes / 1000:,.1f} PB"


if __name__ == "__main__":
    main()
