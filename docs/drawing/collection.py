"""A small collection of the samples, and its scan."""

import shutil
import subprocess
import sys
from pathlib import Path

from tests.fixtures import ROOT

NAMES = ("cat", "drawing", "screenshot")


def copy_samples(folder: Path) -> None:
    """Copies every sample into a new folder, under a name that tells which picture it shows."""
    folder.mkdir()
    for name in NAMES:
        for path in sorted((ROOT / "samples" / name).iterdir()):
            shutil.copy(path, folder / f"{name} {path.stem.replace('_', ' ')}{path.suffix}")


def scan(place: Path) -> None:
    """Scans the folder Pictures of `place`; writes plan.jsonl, genloss.catalog and the pages in report/ beside it."""
    words = [sys.executable, "-m", "genloss.cli", "scan", "Pictures", "--plan", "plan.jsonl", "--report", "report"]
    subprocess.run(words, cwd=place, check=True, capture_output=True)
