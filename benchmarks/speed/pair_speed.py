"""Time to align two versions, to measure both directions, and to rank groups of 6, or of 4 to 64.

python benchmarks/speed/pair_speed.py PICTURE
python benchmarks/speed/pair_speed.py PICTURE --growth
"""

import argparse
import io
import platform
import resource
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from PIL import Image

from genloss import Scorer
from genloss.model.pairs.findings import Found, PlanesInMemory, find
from genloss.model.pairs.planes import VersionPlanes
from genloss.model.pairs.registration import register
from genloss.model.scoring.ranker import Ranker

SIDE_PX = (816, 612)  # half a megapixel
LARGE_PX = (6000, 4000)
SMALL_PX = (408, 306)  # an eighth of a megapixel, for large groups
GROUPS = (4, 8, 16, 32, 64)
REPEATS = 7


def main() -> None:
    """Prints processor milliseconds for a pair, the minimum of several runs, and seconds for the group."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("picture", type=Path, help="a photograph of half a megapixel or more")
    parser.add_argument("--growth", action="store_true", help="print what groups of 4 to 64 small versions take instead")
    arguments = parser.parse_args()
    picture = Image.open(arguments.picture).convert("RGB").resize(SIDE_PX, Image.Resampling.LANCZOS)
    scorer = Scorer()
    ranker = Ranker(scorer.bundle)
    if arguments.growth:
        _print_growth(scorer, ranker, picture.resize(SMALL_PX, Image.Resampling.LANCZOS))
        return
    original = _jpeg(picture, 95)
    width, height = picture.size
    half = picture.resize((width // 2, height // 2), Image.Resampling.LANCZOS)
    others = {
        "saved again": _jpeg(picture, 75),
        "shrunk by half": _jpeg(half, 85),
        "cropped": _jpeg(picture.crop((40, 30, width - 50, height - 20)), 85),
        "cropped and shrunk": _jpeg(picture.crop((40, 30, width - 50, height - 20)).resize((500, 380)), 85),
        "enlarged": _jpeg(picture.resize((width * 5 // 4, height * 5 // 4)), 85),
    }
    print(f"{width}x{height} pixels; {platform.machine()}, Python {platform.python_version()}; processor ms, one thread")
    print("| pair | read | registration | both directions and proofs, too |\n|---|---|---|---|")
    for name, data in others.items():
        reading = _least(lambda data=data: VersionPlanes.read(data).ycc)  # type: ignore[misc]
        first, second = VersionPlanes.read(original), VersionPlanes.read(data)
        find(first, second)  # computes once what all pairs share
        registering = _least(lambda first=first, second=second: register(first, second))  # type: ignore[misc]
        finding = _least(lambda first=first, second=second: find(first, second))  # type: ignore[misc]
        print(f"| {name} | {reading:.0f} | {registering:.0f} | {finding:.0f} |")
    files = [original, *others.values()]
    scores = [scorer.score(data, with_fingerprint=True) for data in files]
    for n_threads in (1, 2):
        started, wall = time.process_time(), time.perf_counter()
        ranker.rank(scores, PlanesInMemory(lambda position: VersionPlanes.read(files[position]), n_threads))
        used, passed = time.process_time() - started, time.perf_counter() - wall
        print(f"order and family tree of {len(files)} scored versions, {n_threads} threads: {used:.2f} s CPU, {passed:.2f} s")
    large = picture.resize(LARGE_PX, Image.Resampling.BICUBIC)
    pair = _jpeg(large, 92), _jpeg(large, 80)
    del large
    started = time.process_time()
    find(*(VersionPlanes.read(data) for data in pair))
    used = time.process_time() - started
    print(
        f"{LARGE_PX[0]}x{LARGE_PX[1]} saved again, read and compared for the first time: {used:.2f} s CPU, "
        f"{_peak_mib()} MiB at most"
    )


def _print_growth(scorer: Scorer, ranker: Ranker, picture: Image.Image) -> None:
    """Prints time and memory for groups of growing size."""
    print(f"| versions of {picture.width}x{picture.height} pixels | pairs compared | of | comparing, s CPU | all else, s CPU | "
          "MiB so far |\n|---|---|---|---|---|---|")  # fmt: skip
    for n in GROUPS:
        files = [_jpeg(_edited(picture, number), 95 if number == 0 else 40 + number * 7 % 56) for number in range(n)]
        scores = [scorer.score(data, with_fingerprint=True) for data in files]
        compare = PlanesInMemory(lambda position, files=files: VersionPlanes.read(files[position]))  # type: ignore[misc]
        n_pairs, comparing = 0, 0.0

        def count(pairs: Sequence[tuple[int, int]], compare: PlanesInMemory = compare) -> list[Found]:
            nonlocal n_pairs, comparing
            started = time.process_time()
            found = list(compare(pairs))
            n_pairs, comparing = n_pairs + len(pairs), comparing + time.process_time() - started
            return found

        started = time.process_time()
        ranker.rank(scores, count)
        rest = time.process_time() - started - comparing
        print(f"| {n} | {n_pairs} | {n * (n - 1) // 2} | {comparing:.2f} | {rest:.2f} | {_peak_mib()} |")


def _edited(picture: Image.Image, number: int) -> Image.Image:
    """The picture unchanged for two numbers of four; otherwise a little smaller, or cropped."""
    width, height = picture.size
    if number % 4 == 1:
        return picture.resize((width - 4 * (number % 30), height - 3 * (number % 30)), Image.Resampling.LANCZOS)
    if number % 4 == 2:
        return picture.crop((number % 20, number % 15, width - number % 11, height - number % 9))
    return picture


def _peak_mib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=quality)
    return stream.getvalue()


def _least(run: Callable[[], object]) -> float:
    times = []
    for _ in range(REPEATS):
        started = time.process_time()
        run()
        times.append(time.process_time() - started)
    return 1000 * min(times)


if __name__ == "__main__":
    main()
