"""How long it takes to lay two versions on each other and to measure both directions, and to rank a group of six.

python benchmarks/speed/pair_speed.py PICTURE
"""

import argparse
import io
import platform
import resource
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from genloss import Scorer
from genloss.model.pairs.findings import PlanesInMemory, find
from genloss.model.pairs.planes import VersionPlanes
from genloss.model.pairs.registration import register
from genloss.model.scoring.ranker import Ranker

SIDE_PX = (816, 612)  # half a megapixel
LARGE_PX = (6000, 4000)
REPEATS = 7


def main() -> None:
    """Prints processor milliseconds, the least of several runs, and seconds for the group."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("picture", type=Path, help="a photograph of half a megapixel or more")
    picture = Image.open(parser.parse_args().picture).convert("RGB").resize(SIDE_PX, Image.Resampling.LANCZOS)
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
        find(first, second)  # what pairs share is made once
        registering = _least(lambda first=first, second=second: register(first, second))  # type: ignore[misc]
        finding = _least(lambda first=first, second=second: find(first, second))  # type: ignore[misc]
        print(f"| {name} | {reading:.0f} | {registering:.0f} | {finding:.0f} |")
    files = [original, *others.values()]
    scorer = Scorer()
    ranker = Ranker(scorer.bundle)
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
    used, peak = time.process_time() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print(
        f"{LARGE_PX[0]}x{LARGE_PX[1]} saved again, read and compared for the first time: {used:.2f} s CPU, {peak} MiB at most"
    )


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
