"""Time of the whole score with each form of the inner loops: for AVX2, for any processor, and in plain Python.

    python benchmarks/speed/kernel_speed.py [--against CHECKOUT]

The forms take turns in one run. CHECKOUT is another checkout of genloss with compiled loops, such as an earlier commit; its
score is timed in the same run.
"""

import argparse
import base64
import platform
import statistics
import subprocess
import sys
from pathlib import Path

from scoring_speed import photograph

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = sorted((ROOT / "samples").glob("*/*.*"))
KERNELS = "genloss.model.kernels"
# Modules that are hidden from a form.
FORMS = {"AVX2": (), "any processor": (f"{KERNELS}._kernels_avx2",), "plain Python": (f"{KERNELS}._kernels",)}
CHILD = """
import base64, sys, time, warnings
sys.path.insert(0, sys.argv[1])
sys.modules.update(dict.fromkeys(sys.argv[2:]))
warnings.simplefilter("ignore")
from genloss import Scorer
scorer = Scorer()
for line in sys.stdin:
    data = base64.b64decode(line)
    started = time.process_time()
    loss = scorer.score(data).generation_loss
    print(time.process_time() - started, loss, flush=True)
"""


class Child:
    """A process that scores with one form of the loops."""

    def __init__(self, checkout: Path, without: tuple[str, ...]) -> None:
        command = [sys.executable, "-c", CHILD, str(checkout), *without]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=checkout)

    def score(self, data: bytes) -> tuple[float, float]:
        """CPU milliseconds, and the score."""
        self._process.stdin.write(base64.b64encode(data).decode() + "\n")
        self._process.stdin.flush()
        seconds, loss = self._process.stdout.readline().split()
        return 1000 * float(seconds), float(loss)

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=15, help="runs of each measurement, of which the median counts")
    parser.add_argument("--against", type=Path, help="another checkout")
    arguments = parser.parse_args()
    forms = {name: Child(ROOT, without) for name, without in FORMS.items()}
    if arguments.against:
        forms["the other checkout"] = Child(arguments.against.resolve(), ())
    print(
        f"{platform.machine()}, Python {platform.python_version()}; milliseconds of CPU for a score, and the ratio to the first"
    )
    print(f"{'picture':<16}" + "".join(f"{name:>24}" for name in forms))
    pictures = {f"{size:g} Mpx JPEG": [photograph(size)] for size in (0.1, 0.3, 1.0, 4.0)}
    pictures[f"{len(SAMPLES)} samples"] = [path.read_bytes() for path in SAMPLES]
    for picture, files in pictures.items():
        _compare(picture, files, forms, arguments.repeats)
    for child in forms.values():
        child.close()


def _compare(picture: str, files: list[bytes], forms: dict[str, Child], repeats: int) -> None:
    found: dict[str, list[float]] = {name: [] for name in forms}
    scores: dict[str, tuple[float, ...]] = {}
    for turn in range(repeats):
        for name, child in forms.items():
            if name == "plain Python" and (turn or len(files) > 1):  # it takes seconds
                continue
            answers = [child.score(data) for data in files]
            found[name].append(sum(milliseconds for milliseconds, _ in answers))
            scores[name] = tuple(loss for _, loss in answers)
    medians = {name: statistics.median(times) for name, times in found.items() if times}
    first = next(iter(medians.values()))
    cells = {name: f"{median:.1f} ({median / first:.2f})" for name, median in medians.items()}
    columns = "".join(f"{cells.get(name, '-'):>24}" for name in forms)
    print(f"{picture:<16}{columns}" + ("" if len(set(scores.values())) == 1 else "   scores differ"), flush=True)


if __name__ == "__main__":
    main()
