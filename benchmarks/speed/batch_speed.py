"""Speed and memory of `genloss score` over a folder, against BRISQUE on the same files in the same run: make bench."""

import argparse
import io
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
N_COPIES = 8  # file names for each distinct picture
N_COMPARED = 120  # files given to Pillow and to BRISQUE
MEGAPIXELS = (0.2, 1.0)
NOISE = 3.0  # levels; without it, enlarged samples are smoother than camera pictures and decode too fast


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=1000, help="files to score")
    parser.add_argument("--distinct", type=int, default=125, help="different ones among them")
    parser.add_argument("--megapixels", type=float, nargs=2, default=MEGAPIXELS, help="least and largest size")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        n_copies = -(-arguments.files // arguments.distinct)
        paths = make_files(folder, arguments.distinct, n_copies, arguments.megapixels)
        some = paths[: arguments.distinct]
        megapixels = np.mean([np.prod(Image.open(path).size) for path in some]) / 1e6
        megabytes = sum(path.stat().st_size for path in some) / len(some) / 1e6
        print(f"{len(paths)} files, {megapixels:.2f} megapixels and {megabytes:.2f} MB on average: JPEG, PNG, WebP and GIF")
        rate = _score(folder, len(paths))
        pillow = _rate(_decode, paths[:N_COMPARED])
        print(f"decoded by Pillow alone, in as many processes: {pillow:.0f} files/s; genloss does {rate / pillow:.2f} of that")
        brisque = brisque_rate(paths[:N_COMPARED])
        if brisque is None:
            print("BRISQUE: OpenCV lacks its contributed modules; in an environment of its own, opencv-python-headless may")
            print("be replaced: pip uninstall opencv-python-headless, then pip install opencv-contrib-python-headless")
        else:
            print(f"BRISQUE features by OpenCV, decoded by Pillow: {brisque:.0f} files/s; {rate / brisque:.1f} times")


def make_files(
    folder: Path, n_distinct: int, n_copies: int = N_COPIES, megapixels: tuple[float, float] = MEGAPIXELS
) -> list[Path]:
    """Writes pictures of several formats, each under several names."""
    generator = np.random.default_rng(1683)
    originals = [Image.open(path).convert("RGB") for path in sorted((ROOT / "samples").glob("*/original.*"))]
    formats = [
        ("JPEG", {"quality": 85}), ("JPEG", {"quality": 70, "progressive": True}), ("JPEG", {"quality": 93}),
        ("PNG", {"compress_level": 3}), ("WEBP", {"quality": 80}), ("JPEG", {"quality": 80}), ("JPEG", {"quality": 88}),
        ("GIF", {}),
    ]  # fmt: skip
    paths = []
    for index in range(n_distinct):
        picture = originals[index % len(originals)]
        factor = (generator.uniform(*megapixels) * 1e6 / (picture.width * picture.height)) ** 0.5
        size = (round(picture.width * factor), round(picture.height * factor))
        pixels = np.asarray(picture.resize(size, Image.Resampling.BICUBIC)).astype(np.float32)
        pixels += NOISE * generator.standard_normal(pixels.shape, np.float32)
        image_format, options = formats[index % len(formats)]
        stream = io.BytesIO()
        Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(stream, image_format, **options)
        paths.append(folder / f"{index:04d}.0.{image_format.lower()}")
        paths[-1].write_bytes(stream.getvalue())
    for copy in range(1, n_copies):
        for path in paths[:n_distinct]:
            paths.append(path.with_name(path.name.replace(".0.", f".{copy}.")))
            os.link(path, paths[-1])
    return paths


def _score(folder: Path, n_files: int) -> float:
    """Files per second of the whole command, including its start."""
    command = [
        sys.executable,
        "-m",
        "genloss.cli",
        "score",
        "--format",
        "jsonl",
        "--output",
        folder.with_suffix(".jsonl"),
        folder,
    ]
    spent, started = _children_seconds(), time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT)
    peaks: list[tuple[float, float]] = []
    watcher = threading.Thread(target=_watch, args=(process, peaks), daemon=True)
    watcher.start()
    assert process.wait() == 0
    seconds = time.perf_counter() - started
    watcher.join()
    lines = folder.with_suffix(".jsonl").read_text(encoding="utf-8").splitlines()
    folder.with_suffix(".jsonl").unlink()
    assert len(lines) == n_files
    print(f"genloss score: {n_files / seconds:.0f} files/s on {os.cpu_count()} cores ({seconds:.1f} s, start included)")
    print(f"  processor time of all its processes: {1000 * (_children_seconds() - spent) / n_files:.1f} ms a file")
    if peaks:
        thirds = ", ".join(f"{max(one for _, one in part):.0f}" for part in np.array_split(np.array(peaks), 3))
        print(f"  memory of all its processes together, at most: {thirds} MiB by thirds of the run")
    return n_files / seconds


def _watch(process: "subprocess.Popen[bytes]", peaks: list[tuple[float, float]]) -> None:
    """Samples memory of the process and its descendants every fifth of a second, from /proc (Linux only)."""
    started = time.perf_counter()
    while process.poll() is None:
        try:
            peaks.append((time.perf_counter() - started, sum(_proportional_mib(one) for one in _family(process.pid))))
        except OSError:
            return
        time.sleep(0.2)


def _family(root: int) -> list[int]:
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except (OSError, ValueError):
                continue
    family = [root]
    for one in family:
        family += [pid for pid, parent in parents.items() if parent == one]
    return family


def _proportional_mib(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:  # the process has ended
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0.0)


def brisque_rate(paths: list[Path]) -> float | None:
    try:
        import cv2

        cv2.quality.QualityBRISQUE_computeFeatures  # noqa: B018  # only OpenCV's contributed modules have it
    except (ImportError, AttributeError):
        return None
    return _rate(_brisque_features, paths)


def _children_seconds() -> float:
    """Processor time of all descendant processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _rate(function: Callable[[Path], object], paths: list[Path]) -> float:
    """Files per second of a function, run by a process for each core; starting the processes does not count."""
    with ProcessPoolExecutor() as pool:
        list(pool.map(function, paths[:2]))
        started = time.perf_counter()
        list(pool.map(function, paths, chunksize=4))
        return len(paths) / (time.perf_counter() - started)


def _decode(path: Path) -> tuple[int, int]:
    with Image.open(path) as opened:
        opened.load()
        return opened.size


def _brisque_features(path: Path) -> float:
    import cv2

    cv2.setNumThreads(1)
    pixels = np.asarray(Image.open(path).convert("RGB"))[..., ::-1]
    return float(cv2.quality.QualityBRISQUE_computeFeatures(np.ascontiguousarray(pixels)).sum())


if __name__ == "__main__":
    main()
