"""Estimates a scan of 10^7 and 10^8 files: processor time, bytes and shuffles of each stage, from rates on fewer files.

    python benchmarks/speed/archive_on_paper.py
    python benchmarks/speed/archive_on_paper.py --files 1e6 --cores 64 --file-bytes 2e6
    python benchmarks/speed/archive_on_paper.py --shards pictures.catalog.shards

Nothing is scanned. The default rates come from docs/about/collection.md (files of half a megapixel) and docs/about/scale.md
(sizes of shards); replace them with your own measurements by options, or the sizes with those of the shards of a scan.
"""

import argparse
import math
import sys
from pathlib import Path

import numpy as np

from genloss.archive.shard_tables import read_rows

HASH_BITS, N_TURNS = 256, 8
MOST_IN_BAND = 96  # of archive/candidates.py
BANDS = ((16, 2), (24, 1), (32, 1))  # bits of a band, and bytes from one to the next; the first two are archive/candidates.py's
N_DRAWS = 20_000  # of wrong bits
N_WORDS, N_TABLES, WORD_BITS = 300, 6, 32  # of archive/local_words.py and word_tables.py
FILES_A_PART = 1024  # of archive/word_shards.py; each part reads the sorted words of all files
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
    "sorted-bytes": (40_700, "of the words of a file, sorted"),
    "matches-per-file": (86_400, "equal words that are looked at, at most 24 of each word"),
    "match-us": (0.22, "to find and count such a word"),
    "checks-per-file": (0.80, "pairs whose words are checked, for each file"),
    "check-ms": (1.8, "to check the words of a pair"),
    "catalog-bytes": (26_700, "of a file in the catalog"),
    "pairs-per-file": (0.80, "pairs laid on each other, for each file"),
    "pair-ms": (56.4, "to lay a pair"),
    "pair-bytes": (73.0, "of a relation in a shard"),
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
    parser.add_argument("--shards", type=Path, help="take the sizes of looks, relations and rankings from these shards")
    options = vars(parser.parse_args())
    rates = {name: options[name.replace("-", "_")] for name in RATES}
    if options["shards"]:
        rates |= measure_sizes(options["shards"])
    for n_files in options["files"]:
        print_stages(n_files, options["cores"], rates)
        print_pairing(n_files, rates)


def measure_sizes(shards: Path) -> dict[str, float]:
    """Prints and returns the bytes of a row in the shards of looks, relations and rankings."""
    found = {}
    for stage, rate in (("look", "look-bytes"), ("relate", "pair-bytes"), ("rank", "rank-bytes")):
        parts = [path.read_bytes() for path in shards.glob(f"{stage}-*/*.parquet")]
        n_rows = sum(len(read_rows(data, stage)) for data in parts)
        if n_rows:
            found[rate] = sum(map(len, parts)) / n_rows
            print(f"{stage}: {n_rows:,} rows in {len(parts):,} shards, {found[rate]:,.0f} bytes each")
    return found


def print_stages(n_files: float, n_cores: int, rates: dict[str, float]) -> None:
    """Prints processor time and bytes of the stages that are maps over shards, and the size of their results."""
    n_pairs, n_groups = n_files * rates["pairs-per-file"], n_files * rates["groups-per-file"]
    all_bytes = n_files * rates["file-bytes"]
    start = rates["shard-seconds"] / rates["shard-items"]
    n_parts = n_files / FILES_A_PART
    stages = [
        ("exact", n_files, rates["file-bytes"] / rates["hash-mb-per-second"] / 1e6, all_bytes, 0.0),
        ("look", n_files, rates["look-ms"] / 1000 + start, all_bytes, n_files * rates["look-bytes"]),
        ("pair", n_files, pairing_ms(rates) / 1000, n_parts * n_files * rates["sorted-bytes"], n_files * rates["sorted-bytes"]),
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


def pairing_ms(rates: dict[str, float]) -> float:
    """Processor time to pair a file by its words, where each word has as many matches as are looked at."""
    return rates["matches-per-file"] * rates["match-us"] / 1000 + rates["checks-per-file"] * rates["check-ms"]


def item_bytes() -> int:
    """Bytes in memory of an item of a stage: a key and the path of its file."""
    key, path = "0" * 64, "/mnt/pictures/2026/11/IMG_20261127_101112.jpg"
    return sum(map(sys.getsizeof, (key, path, (path,), (key, (path,)))))


def print_pairing(n_files: float, rates: dict[str, float]) -> None:
    """Prints for each way to find candidates what it stores, shuffles and finds."""
    hash_bytes = rates["hash-bytes"]
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
