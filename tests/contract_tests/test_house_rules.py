"""The rules of the house, read from the import statements."""

import ast
import subprocess
import sys

import pytest

from tests.conftest import ROOT

ROOMS = ("genloss", "model", "datagen", "search", "serve", "archive")
MAY_IMPORT = {
    "model": {"model"},
    "datagen": {"model", "datagen"},
    "search": {"model", "search"},
    "serve": {"model", "serve"},
    "archive": {"model", "archive"},
    "genloss": set(ROOMS),
}
KERAS_FILES = {
    f"model/{name}.py"
    for name in (
        "layers",
        "network",
        "siamese",
        "dataset",
        "checkpoint",
        "optimisation",
        "training",
        "timed_training",
        "judge",
        "judge_training",
        "export",
    )
}
OWNERS = {
    "wand": {"datagen/magick.py"},
    "PIL": {"model/decode.py", "genloss/crops.py", "datagen/sources.py"},  # the last only to hand pixels to imagehash
    "tensorflow": KERAS_FILES,
    "keras": KERAS_FILES | {"genloss/train_command.py"},
    "scipy": {"datagen/duplicates.py", "datagen/palettes.py", "datagen/run.py"},
    "pebble": {"datagen/workers.py", "model/isolation.py"},
    "pyarrow": {"datagen/pair_tables.py", "genloss/parquet_writer.py"},
    "imagehash": {"datagen/sources.py"},
    "optuna": {f"search/{name}.py" for name in ("run", "space", "study", "objective", "report", "charts")},
    "dbos": {"serve/job_queue.py", "serve/job_worker.py"},
    "sqlalchemy": {"serve/job_queue.py", "search/study.py"},
}
FILES = sorted(path for room in ROOMS for path in (ROOT / room).glob("**/*.py"))


def _imports(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import"
            yield node.module.split(".")[0]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_rooms_import_only_what_they_may(path):
    name = str(path.relative_to(ROOT))
    for imported in _imports(path):
        if imported in ROOMS:
            assert imported in MAY_IMPORT[name.split("/")[0]], f"{name} imports {imported}"
        if imported in OWNERS:
            assert name in OWNERS[imported], f"{name} imports {imported}, which belongs to {sorted(OWNERS[imported])}"


def test_every_room_is_packaged_and_no_room_is_empty():
    import tomllib

    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    found = [path.parent.relative_to(ROOT) for room in ROOMS for path in (ROOT / room).rglob("__init__.py")]
    assert sorted(packages) == sorted(".".join(one.parts) for one in found)


def test_scoring_loads_no_training_library():
    code = (
        "import sys; from genloss import rank; rank(['samples/cat/original.jpg', 'samples/cat/shrunk.png']); "
        "print(sorted({'tensorflow', 'keras', 'wand', 'onnx', 'scipy', 'optuna', 'torch', 'jax'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_the_lock_names_no_index_and_hashes_everything():
    for path in (ROOT / "requirements").glob("*.txt"):
        text = path.read_text()
        assert "://" not in text
        assert text.count("==") - text.count("python_full_version ==") <= text.count("--hash=sha256:")
