"""Speed and memory of `genloss audit` on generated files: reading all headers, the whole command, and a resumed run."""

import argparse
import io
import os
import platform
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
from PIL import Image

from genloss.dataset.ledger import AUDITED, Ledger
from genloss.dataset.reading import read_into
from genloss.dataset.walk import walk

ROOT = Path(__file__).resolve().parents[2]
N_DISTINCT = 400
FOLDERS = 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=40_000, help=f"files to audit; {N_DISTINCT} of them are different")
    n_files = parser.parse_args().files
    with tempfile.TemporaryDirectory() as name:
        data, out = Path(name) / "set", Path(name) / "out"
        megabytes = make_files(data, n_files) / 1e6
        kind = f"{os.cpu_count()} cores of {_processor()}, load {os.getloadavg()[0]:.1f}"
        print(f"{n_files} files, {megabytes:.0f} MB: JPEG, PNG, WebP and GIF; {kind}")
        _read(data, Path(name))
        out.mkdir()
        _run("whole command, without the map", data, out, n_files, "--no-map")
        _run("the same again, resumed", data, out, n_files, "--no-map")


def make_files(folder: Path, n_files: int) -> int:
    """Writes the files and returns their total bytes; most are JPEG of 500x375, as in ImageNet, with and without metadata."""
    generator = np.random.default_rng(1683)
    originals = [Image.open(path).convert("RGB") for path in sorted((ROOT / "samples").glob("*/original.*"))]
    exif = Image.Exif()
    exif[0x010F], exif[0x0112], exif[0x0131] = "Maker", 1, "Editor 1.0"
    made = []
    for index in range(N_DISTINCT):
        picture = originals[index % len(originals)]
        size = (500, 375) if index % 3 else (int(generator.integers(100, 900)), int(generator.integers(100, 900)))
        stream = io.BytesIO()
        picture = picture.resize(size, Image.Resampling.BILINEAR)
        if index % 20 == 17:
            picture.save(stream, "PNG")
        elif index % 20 == 18:
            picture.save(stream, "WEBP")
        elif index % 20 == 19:
            picture.resize((120, 90)).save(stream, "GIF")
        else:
            extra = {"exif": exif.tobytes(), "icc_profile": bytes(3000)} if index % 4 == 0 else {}
            picture.save(
                stream, "JPEG", quality=96 if index % 3 else int(generator.integers(40, 100)), subsampling=index % 3, **extra
            )
        made.append(stream.getvalue())
    for place in range(FOLDERS):
        (folder / f"class{place:03d}").mkdir(parents=True)
    for index in range(n_files):
        (folder / f"class{index % FOLDERS:03d}" / f"{index:07d}.jpg").write_bytes(made[index % N_DISTINCT])
    return sum(len(made[index % N_DISTINCT]) for index in range(n_files))


def _read(data: Path, place: Path) -> None:
    """Measures reading headers into a ledger, including worker processes."""
    started = time.perf_counter()
    ledger = Ledger(place / "ledger.sqlite", {"folders": [str(data)]})
    n_files = sum(read_into(ledger, AUDITED, walk([data])))
    seconds = time.perf_counter() - started
    ledger.close()
    print(f"reading headers into the ledger: {n_files / seconds:.0f} files/s ({seconds:.1f} s)")


def _run(what: str, data: Path, out: Path, n_files: int, *options: str) -> None:
    command = [sys.executable, "-m", "genloss.cli", "audit", str(data), "--out", str(out), *options]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    peaks: list[float] = []
    watcher = threading.Thread(target=_watch, args=(process, peaks), daemon=True)
    watcher.start()
    assert process.wait() == 0
    seconds = time.perf_counter() - started
    watcher.join()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"{what}: {n_files / seconds:.0f} files/s ({seconds:.1f} s, {processor:.1f} s of processor time, report included)")
    if peaks:
        thirds = ", ".join(f"{part.max():.0f}" for part in np.array_split(np.array(peaks), 3) if part.size)
        print(f"  memory of the main process, at most: {thirds} MiB by thirds of the run")


def _watch(process: "subprocess.Popen[bytes]", peaks: list[float]) -> None:
    """Samples resident memory every fifth of a second, from /proc (Linux only)."""
    while process.poll() is None:
        try:
            lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
        except OSError:
            return
        peaks += [int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:")]
        time.sleep(0.2)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())


if __name__ == "__main__":
    main()
