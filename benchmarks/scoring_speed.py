"""Speed of scoring, as ratios against Pillow's decoding in the same run: make bench."""

import io
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from genloss import Scorer

ROOT = Path(__file__).resolve().parent.parent
REPEATS = 7
NOISE = 3.0  # levels


def main() -> None:
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {_processor()}")
    scorer = Scorer()
    print(f"{'picture':<24}{'score ms':>10}{'Pillow decode ms':>18}{'ratio':>8}")
    with Image.open(ROOT / "samples/cat/original.jpg") as opened:
        cat = opened.convert("RGB")
    generator = np.random.default_rng(1683)
    for megapixels in (0.1, 0.3, 1.0, 4.0, 12.0):
        factor = (megapixels * 1e6 / (cat.width * cat.height)) ** 0.5
        enlarged = cat.resize((round(cat.width * factor), round(cat.height * factor)), Image.Resampling.BICUBIC)
        # An enlarged picture is smoother than a camera's and decodes too fast; grain makes up for it.
        grain = NOISE * generator.standard_normal((enlarged.height, enlarged.width, 3), np.float32)
        picture = Image.fromarray(np.clip(np.asarray(enlarged) + grain, 0, 255).astype(np.uint8))
        stream = io.BytesIO()
        picture.save(stream, "JPEG", quality=85)
        data = stream.getvalue()
        score_ms = _median_ms(lambda data=data: scorer.score(data))
        decode_ms = _median_ms(lambda data=data: Image.open(io.BytesIO(data)).convert("RGB"))
        print(f"{megapixels:>5} Mpx JPEG{'':<10}{score_ms:>10.1f}{decode_ms:>18.1f}{score_ms / decode_ms:>8.2f}")
    files = sorted((ROOT / "samples").glob("*/*.*")) * 20
    started = time.perf_counter()
    n_scored = sum(1 for _ in scorer.score_files(files))
    rate = n_scored / (time.perf_counter() - started)
    started = time.perf_counter()
    for path in files:
        with Image.open(path) as opened:
            opened.convert("RGB")
    decode_rate = len(files) / (time.perf_counter() - started)
    print(f"{n_scored} sample files: {rate:.0f} files/s on all cores, {rate / decode_rate:.3f} of Pillow decoding on one")
    command = [sys.executable, "-m", "genloss.cli", "score", str(ROOT / "samples/cat/original.jpg")]
    whole_ms = _median_ms(lambda: subprocess.run(command, cwd=ROOT, check=True, capture_output=True))
    bare_ms = _median_ms(lambda: subprocess.run([sys.executable, "-c", "pass"], check=True))
    print(f"`genloss score FILE` as a process: {whole_ms:.0f} ms, {whole_ms / bare_ms:.0f} times an empty Python process")


def _median_ms(action: Callable[[], object]) -> float:
    times = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        action()
        times.append(time.perf_counter() - started)
    return 1000 * statistics.median(times)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.processor())


if __name__ == "__main__":
    main()
