"""Time to score a file, against decoding by Pillow and the import of numpy in the same run; and disk space: make bench."""

import argparse
import io
import os
import platform
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Sequence
from functools import partial
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

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
    _by_format(repeats)
    _samples()
    _process(repeats)
    print(f"installation without extras: {_installed_megabytes():.0f} MB on disk")


def _by_size(repeats: int) -> None:
    """Prints median wall time, and minimum processor time, which other programs on the machine disturb less."""
    scorer = Scorer()
    print(f"{'':<10}{'clock, ms':>20}{'':>8}{'processor, ms':>24}{'':>8}{'score of':>10}")
    print(f"{'JPEG':<10}{'score':>10}{'Pillow':>10}{'ratio':>8}{'score':>14}{'Pillow':>10}{'ratio':>8}{'1 Mpx':>10}")
    rows = []
    for megapixels in MEGAPIXELS:
        data = photograph(megapixels)
        actions = partial(scorer.score, data), partial(decode_with_pillow, data)
        rows.append((megapixels, median_ms(repeats, *actions), least_processor_ms(repeats, *actions)))
    whole = next(least[0] for megapixels, _, least in rows if megapixels == 1.0)
    for megapixels, (score, pillow), (least_score, least_pillow) in rows:
        print(f"{megapixels:>5} Mpx {score:>10.1f}{pillow:>10.1f}{score / pillow:>8.2f}", end="")
        print(f"{least_score:>14.1f}{least_pillow:>10.1f}{least_score / least_pillow:>8.2f}{least_score / whole:>10.2f}")


def decode_with_pillow(data: bytes) -> None:
    with Image.open(io.BytesIO(data)) as opened:
        opened.load()  # only this: convert would copy the pixels


def photograph(megapixels: float) -> bytes:
    with Image.open(ROOT / "samples/cat/original.jpg") as opened:
        cat = opened.convert("RGB")
    factor = (megapixels * 1e6 / (cat.width * cat.height)) ** 0.5
    enlarged = cat.resize((round(cat.width * factor), round(cat.height * factor)), Image.Resampling.BICUBIC)
    # An enlarged picture is smoother than a camera picture and decodes too fast; added grain corrects this.
    grain = NOISE * np.random.default_rng(1683).standard_normal((enlarged.height, enlarged.width, 3), np.float32)
    picture = Image.fromarray(np.clip(np.asarray(enlarged) + grain, 0, 255).astype(np.uint8))
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=85)
    return stream.getvalue()


def _by_format(repeats: int) -> None:
    """Prints the minimum processor time for a megapixel in other formats."""
    scorer = Scorer()
    formats: dict[str, tuple[str, dict[str, Any]]] = {
        "progressive JPEG": ("JPEG", {"quality": 85, "progressive": True}),
        "PNG": ("PNG", {"compress_level": 3}),
        "WebP": ("WEBP", {"quality": 80}),
        "GIF": ("GIF", {}),
        "AVIF": ("AVIF", {"quality": 60}),
    }
    with Image.open(io.BytesIO(photograph(1.0))) as picture:
        for name, (image_format, options) in formats.items():
            stream = io.BytesIO()
            picture.save(stream, image_format, **options)
            data = stream.getvalue()
            score, pillow = least_processor_ms(repeats, partial(scorer.score, data), partial(decode_with_pillow, data))
            print(f"1 Mpx {name}: {score:.1f} ms of processor time, {score / pillow:.2f} of Pillow's")


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
    """Prints the time of whole processes, against a process that only imports numpy."""
    program = [sys.executable, "-m", "genloss.cli"]
    cat = str(ROOT / "samples/cat/original.jpg")
    commands = {
        "python -c 'import numpy'": [sys.executable, "-c", "import numpy"],
        "python -c 'import onnxruntime'": [sys.executable, "-c", "import onnxruntime"],  # which imports numpy, too
        "genloss score FILE": [*program, "score", cat],
        "genloss score --format json FILE": [*program, "score", "--format", "json", cat],
        "genloss --help": [*program, "--help"],
    }
    clock, processor = ({name: [] for name in commands} for _ in range(2))
    with tempfile.TemporaryDirectory() as compiled:
        # As after an installation all modules are compiled, whatever this process was told about writing them.
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": compiled}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        for turn in range(repeats + 1):
            for name, command in commands.items():
                before, started = _children_seconds(), time.perf_counter()
                subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
                if turn > 0:  # the first one compiles
                    clock[name].append(time.perf_counter() - started)
                    processor[name].append(_children_seconds() - before)
    bare = next(iter(commands))
    for name in commands:
        seconds, spent = statistics.median(clock[name]), min(processor[name])
        print(
            f"{name:<34}{1000 * seconds:>6.0f} ms, {seconds / statistics.median(clock[bare]):.2f} times numpy's import;"
            f" processor {1000 * spent:.0f} ms, {spent / min(processor[bare]):.2f} times"
        )


def _children_seconds() -> float:
    """Processor time of all child processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def median_ms(repeats: int, *actions: Callable[[], object]) -> list[float]:
    """Median wall time of each action, in ms."""
    return [1000 * statistics.median(taken) for taken in _by_turns(repeats, time.perf_counter, actions)]


def least_processor_ms(repeats: int, *actions: Callable[[], object]) -> list[float]:
    """Minimum processor time of each action over all its threads, in ms."""
    return [1000 * min(taken) for taken in _by_turns(repeats, time.process_time, actions)]


def _by_turns(repeats: int, clock: Callable[[], float], actions: Sequence[Callable[[], object]]) -> list[list[float]]:
    """Times of each action; actions take turns, so that other load on the machine slows all of them alike."""
    times: list[list[float]] = [[] for _ in actions]
    for _ in range(repeats):
        for action, taken in zip(actions, times, strict=True):
            started = clock()
            action()
            taken.append(clock() - started)
    return times


def _installed_megabytes() -> float:
    """Megabytes of genloss and of all its dependencies installed here, without compiled bytecode."""
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
