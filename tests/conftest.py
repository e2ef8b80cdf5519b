"""Pictures that many tests need, made once."""

import io
import os
import subprocess
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# Tests run side by side: threads of TensorFlow on top of that only get into each other's way (a fifth of the time).
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
# Few tests, minutes of work: begun last, one process would wait for the other.
LONG_MODULES = ("test_tune", "test_training_jobs", "test_training_command", "test_make_pairs", "test_training", "test_trials")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.stem not in LONG_MODULES)


def saved(picture: Image.Image, image_format: str, **options: object) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, image_format, **options)
    return stream.getvalue()


@pytest.fixture(scope="session")
def cat() -> Image.Image:
    """A real photograph of 451x300 pixels."""
    return Image.open(ROOT / "samples/cat/original.jpg").convert("RGB")


@pytest.fixture(scope="session")
def clean_cat(cat: Image.Image) -> Image.Image:
    """The same at half size: no trace of its own JPEG left."""
    return cat.resize((cat.width // 2, cat.height // 2), Image.Resampling.BOX)


@pytest.fixture(scope="session")
def drawing() -> Image.Image:
    """A drawing of 600x570 pixels with flat areas."""
    return Image.open(ROOT / "samples/drawing/original.png").convert("RGB")


@pytest.fixture(scope="session")
def small_pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pair set of 40 chains with all three splits, made from the samples by make_pairs.py."""
    folder = tmp_path_factory.mktemp("small")
    (folder / "images").mkdir()
    for name in ("cat/original.jpg", "drawing/original.png", "screenshot/original.png"):
        picture = Image.open(ROOT / "samples" / name).convert("RGB")
        for index in range(8):  # names decide the split: enough different pictures to have all three sides
            left, top = (picture.width - 150) * (index % 4) // 3, (picture.height - 150) * (index // 4)
            picture.crop((left, top, left + 150, top + 150)).save(folder / "images" / f"{name[:3]}{index}.png")
    make = [
        sys.executable, "datagen/make_pairs.py", "--images", folder / "images", "--out", folder / "pairs", "--chains", "40"
    ]  # fmt: skip
    subprocess.run(make, cwd=ROOT, check=True, capture_output=True, timeout=200)
    return folder / "pairs"


@pytest.fixture
def noise() -> Image.Image:
    """64x48 random colours."""
    return Image.fromarray(np.random.default_rng(1).integers(0, 256, (48, 64, 3), dtype=np.uint8))


@pytest.fixture(scope="session")
def scorer():  # type: ignore[no-untyped-def]
    from genloss import Scorer

    return Scorer()
