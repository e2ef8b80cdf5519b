"""Speed of scoring one file, as ratios against Pillow's decoding in the same run, and the disk it takes: make bench."""

import argparse
import io
import os
import platform
import re
import statistics
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable
from functools import partial
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import numpy as np
from PIL import Image

from genloss import Scorer

ROOT = Path(__file__).resolve().parents[2]
MEGAPIXELS = (0.1, 0.3, 1.0, 4.0, 12.0)
NOISE = 3.0  # levels


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=15, help="runs of each measurement, of which the median counts")
    repeats = parser.parse_args().repeats
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {_processor()}")
    _by_size(repeats)
    _samples()
    _process(repeats)
    print(f"installation without extras: {_installed_megabytes():.0f} MB on disk")


def _by_size(repeats: int) -> None:
    scorer = Scorer()
    print(f"{'picture':<24}{'bytes':>10}{'score ms':>10}{'Pillow decode ms':>18}{'ratio':>8}")
    score_ms = []
    for megapixels in MEGAPIXELS:
        data = photograph(megapixels)
        mine, pillows = median_ms(repeats, partial(scorer.score, data), partial(decode_with_pillow, data))
        score_ms.append(mine)
        print(f"{megapixels:>5} Mpx JPEG{'':<10}{len(data):>10}{mine:>10.1f}{pillows:>18.1f}{mine / pillows:>8.2f}")
    slopes = [np.diff(score_ms)[index] / np.diff(MEGAPIXELS)[index] for index in (-2, -1)]
    print(f"a further megapixel takes {slopes[0]:.2f} ms between 1 and 4 of them, {slopes[1]:.2f} ms between 4 and 12")


def decode_with_pillow(data: bytes) -> None:
    with Image.open(io.BytesIO(data)) as opened:
        opened.load()  # and nothing else: convert would copy the pixels


def photograph(megapixels: float) -> bytes:
    with Image.open(ROOT / "samples/cat/original.jpg") as opened:
        cat = opened.convert("RGB")
    factor = (megapixels * 1e6 / (cat.width * cat.height)) ** 0.5
    enlarged = cat.resize((round(cat.width * factor), round(cat.height * factor)), Image.Resampling.BICUBIC)
    # An enlarged picture is smoother than a camera's and decodes too fast; grain makes up for it.
    grain = NOISE * np.random.default_rng(1683).standard_normal((enlarged.height, enlarged.width, 3), np.float32)
    picture = Image.fromarray(np.clip(np.asarray(enlarged) + grain, 0, 255).astype(np.uint8))
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=85)
    return stream.getvalue()


def _samples() -> None:
    scorer = Scorer()
    files = sorted((ROOT / "samples").glob("*/*.*")) * 20
    started = time.perf_counter()
    n_scored = sum(1 for _ in scorer.score_files(files))
    rate = n_scored / (time.perf_counter() - started)
    started = time.perf_counter()
    for path in files:
        with Image.open(path) as opened:
            opened.load()
    decode_rate = len(files) / (time.perf_counter() - started)
    print(f"{n_scored} sample files: {rate:.0f} files/s on all cores, {rate / decode_rate:.3f} of Pillow decoding on one")


def _process(repeats: int) -> None:
    command = [sys.executable, "-m", "genloss.cli", "score", str(ROOT / "samples/cat/original.jpg")]
    whole_ms, bare_ms = median_ms(
        repeats,
        lambda: subprocess.run(command, cwd=ROOT, check=True, capture_output=True),
        lambda: subprocess.run([sys.executable, "-c", "pass"], check=True),
    )
    print(f"`genloss score FILE` as a process: {whole_ms / 1000:.2f} s, {whole_ms / bare_ms:.0f} times an empty Python process")


def median_ms(repeats: int, *actions: Callable[[], object]) -> list[float]:
    """Of each action; they take turns, so that whatever else the machine does slows all of them."""
    times: list[list[float]] = [[] for _ in actions]
    for _ in range(repeats):
        for action, taken in zip(actions, times, strict=True):
            started = time.perf_counter()
            action()
            taken.append(time.perf_counter() - started)
    return [1000 * statistics.median(taken) for taken in times]


def _installed_megabytes() -> float:
    """Files of genloss and of all that it needs here, without compiled bytecode."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = [ROOT / name for name in project["tool"]["setuptools"]["packages"]]
    own = sum(path.stat().st_size for one in packages for path in one.rglob("*") if path.is_file() and path.suffix != ".pyc")
    waiting, seen, total = list(project["project"]["dependencies"]), set(), 0
    while waiting:
        requirement = waiting.pop()
        name = re.split(r"[^\w.-]", requirement, maxsplit=1)[0].lower()
        if name in seen or "extra ==" in requirement:
            continue
        seen.add(name)
        try:
            found = distribution(name)
        except PackageNotFoundError:  # for another platform
            continue
        paths = [Path(str(found.locate_file(file))) for file in found.files or []]
        total += sum(path.stat().st_size for path in paths if path.suffix != ".pyc" and path.is_file())
        waiting += found.requires or []
    return (own + total) / 1e6


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.processor())


if __name__ == "__main__":
    main()
