"""Growth of a scan: time and memory for collections of several sizes, each in a separate process.

    python benchmarks/speed/archive_growth.py OUT --originals DIR --files 1000 4000 16000
    python benchmarks/speed/archive_growth.py OUT --folder DIR

Pictures are tiles of the originals without overlap, so that a few originals make many small pictures. With `--across 1
--side 866` pictures are whole and have half a megapixel. Two files of five are versions: saved again, shrunk, cropped, turned
or framed. OUT keeps the pictures; each scan begins without a catalog. Memory is the resident size at the end of a stage, and
the peak during the stage.
"""

import argparse
import multiprocessing
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from genloss.archive.catalog import Catalog
from genloss.archive.grouping import ScanOptions
from genloss.archive.listing import find_roots
from genloss.archive.scan import scan_folders

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".tif")
VERSIONS_SHARE = 0.4
PER_FOLDER = 1000
PAIRING = ("gathering words", "sorting words", "pairing", "checking")


def make_files(folder: Path, originals: list[Path], n_files: int, across: int, side_px: int) -> None:
    """Writes files in the order in which they are drawn; versions of a picture follow it."""
    random = np.random.default_rng(n_files)
    pictures = _tiles(originals, across, side_px, random)
    picture = next(pictures)
    for number in range(n_files):
        path = folder / f"{number // PER_FOLDER:03}" / f"{number:06}"
        path.parent.mkdir(parents=True, exist_ok=True)
        if number and random.random() < VERSIONS_SHARE:
            _save_version(picture, path, random)
        else:
            picture = next(pictures)
            picture.save(path.with_suffix(".jpg"), quality=92)


def _tiles(originals: list[Path], across: int, side_px: int, random: np.random.Generator) -> Iterator[Image.Image]:
    """Tiles of all originals, ordered so that the tiles of an original are spread over the collection."""
    places, whole_px = random.permutation(len(originals) * across * across), side_px * across
    for place in places:
        number, tile = divmod(int(place), across * across)
        with Image.open(originals[number]) as opened:
            opened.draft("RGB", (whole_px, whole_px))
            image = ImageOps.contain(opened.convert("RGB"), (whole_px, whole_px))
        row, column = divmod(tile, across)
        width, height = image.width // across, image.height // across
        yield image.crop((column * width, row * height, (column + 1) * width, (row + 1) * height))


def _save_version(picture: Image.Image, path: Path, random: np.random.Generator) -> None:
    width, height = picture.size
    kind = int(random.integers(5))
    if kind == 1:
        picture = picture.resize((width * 2 // 3, height * 2 // 3))
    elif kind == 2:
        picture = picture.crop((width // 12, 0, width, height * 9 // 10))
    elif kind == 3:
        picture = picture.transpose(Image.Transpose.ROTATE_90)
    elif kind == 4:
        picture = ImageOps.expand(picture, width // 10)
    picture.save(path.with_suffix(".jpg"), quality=int(random.integers(50, 90)))


class Stages:
    """A Watch that prints time and memory of each stage."""

    def __init__(self) -> None:
        self._begun = time.process_time()
        self.most_mib = 0.0

    def __call__(self, items: Iterable[Any], total: int, doing: str) -> Iterator[Any]:
        if doing in PAIRING:  # one line for all, once the next stage begins
            yield from items
            return
        self.say({"looking": "listing", "comparing": "pairing"}.get(doing, ""), 0)
        yield from items
        self.say(doing, total)

    def say(self, what: str, n_items: int) -> None:
        """Prints time and memory since the last line."""
        used, self._begun = time.process_time() - self._begun, time.process_time()
        now, most = _take_memory_mib()
        self.most_mib = max(self.most_mib, most)
        if what:
            rate = f"{1000 * used / n_items:6.1f} ms each" if n_items else ""
            memory = f"{now:6.0f} MiB, at most {most:5.0f}"
            print(f"    {what:10} {n_items or '':>7} {used:7.1f} s of processor {rate:15} {memory}", flush=True)


def _take_memory_mib() -> tuple[float, float]:
    """Resident memory of this process in MiB, now and at its peak since the last call (Linux only)."""
    lines = (line.split() for line in Path("/proc/self/status").read_text().splitlines())
    sizes = {line[0]: int(line[1]) / 1024 for line in lines if line[0] in ("VmRSS:", "VmHWM:")}
    Path("/proc/self/clear_refs").write_text("5")
    return sizes["VmRSS:"], sizes["VmHWM:"]


def measure(folder: Path, catalog_path: Path) -> None:
    """Scans a folder without an earlier catalog, and prints time and memory."""
    catalog_path.unlink(missing_ok=True)
    wall, used, stages = time.perf_counter(), time.process_time(), Stages()
    with Catalog(catalog_path) as catalog:
        result = scan_folders(find_roots([folder]), catalog, ScanOptions(isolated=False), stages)
    wall, used = time.perf_counter() - wall, time.process_time() - used
    stages.say("plan", 0)
    n_files = len(result.files)
    print(
        f"{n_files:,} files: {used:.0f} s of processor, {used / n_files:.3f} s a file, {wall:.0f} s, "
        f"at most {stages.most_mib:.0f} MiB; {result.n_compared:,} pairs compared, {len(result.plan.groups):,} groups",
        flush=True,
    )


def _measure_apart(folder: Path, catalog_path: Path) -> None:
    """Measures in a new process, so that no memory of an earlier scan counts."""
    process = multiprocessing.get_context("spawn").Process(target=measure, args=(folder, catalog_path))
    process.start()
    process.join()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--originals", type=Path, help="folder of pictures to cut tiles from")
    parser.add_argument("--files", type=int, nargs="+", default=[1000, 4000], help="of each collection")
    parser.add_argument("--across", type=int, default=4, help="tiles of an original, across and down")
    parser.add_argument("--side", type=int, default=256, help="longest side of a tile, in pixels")
    parser.add_argument("--folder", type=Path, help="scan this folder instead; OUT keeps its catalog")
    arguments = parser.parse_args()
    if arguments.folder:
        arguments.out.mkdir(parents=True, exist_ok=True)
        _measure_apart(arguments.folder.resolve(), arguments.out / "folder.catalog")
        return
    originals = sorted(path for path in arguments.originals.rglob("*") if path.suffix.lower() in SUFFIXES)
    for n_files in arguments.files:
        folder = (arguments.out / f"{n_files}").resolve()
        if not folder.exists():
            make_files(folder, originals, n_files, arguments.across, arguments.side)
        _measure_apart(folder, arguments.out / f"{n_files}.catalog")


if __name__ == "__main__":
    main()
