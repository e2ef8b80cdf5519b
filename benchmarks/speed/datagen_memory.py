"""Memory of make_pairs over a long run of small pictures: python benchmarks/speed/datagen_memory.py --chains 20000."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict, replace
from pathlib import Path

from genloss.datagen.draw_original import DEFAULT_PROFILE

ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chains", type=int, default=20_000)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        profile = replace(DEFAULT_PROFILE, longest_side_px=(150.0, 220.0))
        (Path(folder) / "profile.json").write_text(json.dumps({"profile": asdict(profile)}))
        command = [
            sys.executable, "datagen/make_pairs.py", "--images", "samples", "--out", f"{folder}/out",
            "--chains", str(arguments.chains), "--workers", str(arguments.workers), "--profile", f"{folder}/profile.json",
        ]  # fmt: skip
        process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
        said: list[str] = []
        reader = threading.Thread(target=lambda: said.extend(process.stderr or ()))
        reader.start()
        parent, children, started = [], [], time.monotonic()
        while process.poll() is None:
            time.sleep(1)
            if _resident_mib(process.pid) == 0:
                break  # the process has just ended
            parent.append(_resident_mib(process.pid))
            children.append(max((_resident_mib(child) for child in _children(process.pid)), default=0.0))
        process.wait()
        reader.join()
        print(f"{' '.join(said).strip().splitlines()[-2]}; {time.monotonic() - started:.0f} s, {os.cpu_count()} cores")
    n = len(parent)
    print(f"{'resident MiB at':<22}{'10 %':>8}{'50 %':>8}{'90 %':>8}{'highest':>9}")
    for name, series in (("the command", parent), ("its largest worker", children)):
        at = [series[n * share // 100] for share in (10, 50, 90)]
        print(f"{name:<22}{at[0]:>8.0f}{at[1]:>8.0f}{at[2]:>8.0f}{max(series):>9.0f}")


def _children(pid: int) -> list[int]:
    try:  # another thread starts the replacement workers
        lists = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    except OSError:
        return []
    return [int(word) for text in lists for word in text.split()]


def _resident_mib(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    except OSError:
        return 0.0


if __name__ == "__main__":
    main()
