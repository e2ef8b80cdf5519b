"""What pytest needs before the first test: quiet libraries, the shared fixtures, and the order of the modules."""

import os

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# Tests run side by side: threads of TensorFlow on top of that only get into each other's way (a fifth of the time).
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")
# Wand asks the linker for up to 24 names of ImageMagick's library in turn, a third of a second in each of many processes:
# these, the usual ones in its own order, are asked for first.
os.environ.setdefault("WAND_MAGICK_LIBRARY_SUFFIX", "-7.Q16;-7.Q16HDRI;-6.Q16")

pytest_plugins = ["tests.fixtures"]

# Few tests, minutes of work: begun last, one process would wait for the other.
LONG_MODULES = (
    "test_installation", "test_make_pairs", "test_search_workers", "test_tower_training", "test_training_command",
    "test_training_jobs", "test_trials", "test_tune",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.stem not in LONG_MODULES)
