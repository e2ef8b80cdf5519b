"""An archive of versions, alternates and strangers, made from any originals, scanned and judged.

    python benchmarks/accuracy/archive.py OUT SEED --originals DIR --half 0 --files 600
    python benchmarks/accuracy/archive.py OUT SEED --originals DIR --files 60 --only block_turned block_cropped
    python benchmarks/accuracy/archive.py OUT SEED --originals DIR --edits

OUT holds the archive (pictures/), the truth (truth.csv) and the catalog. If OUT already holds an archive, that archive is
scanned again from its catalog.
"""

import argparse
import base64
import csv
import os
import resource
import time
from pathlib import Path

import numpy as np
from archive_distractors import ALTERNATES, collage, deep_crop
from archive_edits import EDITS
from archive_judge import judge
from archive_kinds import LOSSLESS, VERSIONS, Made, make_version
from PIL import Image

LONGEST_PX = 1400
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".tif")
VERSIONS_PER_PICTURE = (2, 7)


class Archive:
    """Writes files one by one and records the truth about each.

    Args:
        folder: for pictures/; must be empty or missing.
        random: draws names and subfolders.
    """

    def __init__(self, folder: Path, random: np.random.Generator) -> None:
        self.root = folder / "pictures"
        self.root.mkdir(parents=True)
        self._random = random
        self.rows: list[dict[str, str]] = []

    def add(self, made: Made, picture: str, kind: str, family: str) -> Path:
        """Writes a file under a name that reveals nothing.

        Args:
            picture: its identity; files of the same picture are versions of each other.
            family: "original", "unique", "alternate", "part", "broken", "exact", or a family of archive_kinds.VERSIONS.
        """
        data, suffix = made
        number = len(self.rows)
        folder = self.root / ("albums", "phone", "old disk", "web")[int(self._random.integers(4))]
        folder.mkdir(exist_ok=True)
        name = os.fsencode(f"{self._random.integers(1 << 32):08x}-{number}")
        if number % 40 == 7:
            name += b"-\xe9t\xe9"  # Latin-1
        path = folder / os.fsdecode(name + b"." + suffix.encode())
        path.write_bytes(data)
        stamp = 1_500_000_000 + int(self._random.integers(200_000_000))
        os.utime(path, (stamp, stamp))
        self.rows.append(
            {"path_base64": base64.b64encode(os.fsencode(path)).decode(), "picture": picture, "kind": kind, "family": family}
        )
        return path

    def write_truth(self, path: Path) -> None:
        with path.open("w", newline="") as stream:
            writer = csv.DictWriter(stream, list(self.rows[0]))
            writer.writeheader()
            writer.writerows(self.rows)


def build(folder: Path, seed: int, originals: list[Path], n_files: int, only: list[str] | None = None) -> Archive:
    """Adds pictures and versions until there are n_files; a quarter are alternates, parts, strangers and broken files.

    Args:
        only: kinds of versions, of VERSIONS, LOSSLESS or EDITS; None for those of VERSIONS.
    """
    random = np.random.default_rng(seed)
    archive = Archive(folder, random)
    kinds = only or list(VERSIONS)
    random.shuffle(kinds)
    sources = [originals[place] for place in random.permutation(len(originals))]
    waiting = list(kinds)
    for number, source in enumerate(sources):
        if len(archive.rows) >= n_files:
            break
        with Image.open(source) as opened:
            image = opened.convert("RGB")
        as_found = max(image.size) <= LONGEST_PX and source.suffix.lower() in (".jpg", ".jpeg")
        image.thumbnail((LONGEST_PX, LONGEST_PX), Image.Resampling.LANCZOS)
        picture = f"p{number}"
        if number % 5 < 3:
            _add_versions(archive, picture, image, source if as_found else None, waiting, kinds, random)
        elif number % 5 == 3:
            _add_alternates(archive, number, image, random)
        else:
            _add_others(archive, number, image, sources, random)
    return archive


def _original(image: Image.Image, source: Path | None) -> Made:
    from archive_kinds import save

    return (source.read_bytes(), "jpg") if source is not None else save(image, "png")


def _add_versions(
    archive: Archive, picture: str, image: Image.Image, source: Path | None, waiting: list[str], kinds: list[str],
    random: np.random.Generator,
) -> None:  # fmt: skip
    original = _original(image, source)
    path = archive.add(original, picture, "original", "original")
    for _ in range(min(len(kinds), int(random.integers(*VERSIONS_PER_PICTURE)))):
        if not waiting:
            waiting += [kinds[place] for place in random.permutation(len(kinds))]
        kind = waiting.pop()
        if kind in EDITS:
            family, make = EDITS[kind]
            archive.add(make(image, random), picture, kind, family)
            continue
        made, kind, family = make_version(kind, image, original, random)
        archive.add(made, picture, kind, family)
    if random.random() < 0.15:
        archive.add(original, picture, "copy", "exact")
    if random.random() < 0.1:
        linked = archive.add(original, picture, "hard_link", "exact")
        linked.unlink()
        os.link(path, linked)
    if random.random() < 0.15:
        half = original[0][: len(original[0]) // 2]
        archive.add((half, original[1]), f"{picture}-broken", "truncated", "broken")


def _add_alternates(archive: Archive, number: int, image: Image.Image, random: np.random.Generator) -> None:
    names = list(ALTERNATES)
    kind = names[(number // 5) % len(names)]
    for place, made in enumerate(ALTERNATES[kind](image, random)):
        archive.add(made, f"p{number}-{place}", kind, "alternate")


def _add_others(archive: Archive, number: int, image: Image.Image, sources: list[Path], random: np.random.Generator) -> None:
    from archive_kinds import save

    choice = (number // 5) % 5
    archive.add(save(image, "png"), f"p{number}", "unique", "unique")
    if choice == 0:
        archive.add(deep_crop(image, random), f"p{number}-part", "deep_crop", "part")
    elif choice in (1, 2):
        others = []
        for source in random.choice(np.array(sources, object), 2 * choice - 1, replace=False):
            with Image.open(source) as opened:
                others.append(opened.convert("RGB"))
        archive.add(collage([image, *others], random), f"p{number}-collage", "collage", "part")
    elif choice == 3:
        archive.add((b"", "jpg"), f"p{number}-empty", "empty", "broken")
        archive.add((b"no picture at all\n" * 20, "jpg"), f"p{number}-text", "text", "broken")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("seed", type=int)
    parser.add_argument("--originals", type=Path, required=True, help="folder of pictures to make versions of")
    parser.add_argument("--half", type=int, choices=(0, 1), help="use every second original only, from this one on")
    parser.add_argument("--files", type=int, default=600)
    parser.add_argument(
        "--only", nargs="+", choices=[*VERSIONS, *LOSSLESS, *EDITS], help="kinds of versions; by default those of VERSIONS"
    )
    parser.add_argument("--edits", action="store_true", help="make the kinds of archive_edits.py only")
    parser.add_argument("--sure", type=float, default=0.99)
    parser.add_argument("--in-process", action="store_true", help="decode in this process, whose memory is then printed")
    arguments = parser.parse_args()
    originals = sorted(path for path in arguments.originals.rglob("*") if path.suffix.lower() in SUFFIXES)
    if arguments.half is not None:
        originals = originals[arguments.half :: 2]
    truth = arguments.out / "truth.csv"
    only = list(EDITS) if arguments.edits else arguments.only
    if not truth.exists():
        build(arguments.out, arguments.seed, originals, arguments.files, only).write_truth(truth)
    with truth.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    from genloss import scan

    began = time.perf_counter()
    catalog, isolated = arguments.out / "scan.catalog", not arguments.in_process
    result = scan([arguments.out / "pictures"], catalog=catalog, sure=arguments.sure, isolated=isolated)
    seconds = time.perf_counter() - began
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    processor = sum(usage.ru_utime + usage.ru_stime for usage in used)
    print(
        f"{len(rows)} files, {seconds:.0f} s, {processor:.0f} s of processor; {result.n_looked} decoded, "
        f"{result.n_compared} pairs compared; {used[0].ru_maxrss / 1024:.0f} MiB"
    )
    print(judge(rows, result))


if __name__ == "__main__":
    main()
