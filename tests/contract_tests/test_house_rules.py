"""The rules of the house, read from the syntax tree of every file."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator

import pytest

from tests.fixtures import ROOT

# Room -> the other rooms it may import.
ROOMS: dict[str, set[str]] = {
    "model": set(),
    "archive": {"model"},
    "datagen": {"model"},
    "dataset": {"model"},
    "search": {"model"},
    "serve": {"model", "archive"},
    "genloss": {"model", "archive", "datagen", "dataset", "search", "serve"},
}
# Floors of a room from the ground up. A file imports its own folder and lower floors; folders of one floor do not meet,
# except on the ground of model, where single files stand.
GROUND = {
    "components",
    "databases",
    "engines",
    "errors",
    "files",
    "freed_memory",
    "json_text",
    "kept_memory",
    "kernels",
    "onnx_runtime",
    "parallel",
    "percent",
    "printable",
    "processes",
    "progress_log",
    "quiet",
    "script_arguments",
    "seeds",
    "templates",
    "temporary_folders",
    "worker_process",
}
FLOORS = {
    "model": (
        GROUND,
        {"images", "memory"},
        {"measurements"},
        {"explanations", "networks"},
        {"damage", "pairs"},
        {"scoring"},
        {"training"},
    ),
    "serve": ({"settings", "logs"}, {"http"}, {"scoring", "review"}, {"jobs"}, {"models"}, {"operations"}, {"app"}, {"server"}),
}
# Heavy libraries and the only files that import them.
OWNERS = {
    "cv2": {
        f"model/pairs/{name}.py"
        for name in (
            "band_evidence", "block_evidence", "candidates", "chroma_evidence", "content", "content_boxes", "difference",
            "filter_evidence", "grounds", "laying", "overlap", "overlay", "pages", "picture_hash",
            "planes", "resampling", "scaling", "smeared", "snapping", "spots", "strong_features", "tones",
        )
    }
    | {"archive/local_words.py", "archive/look.py", "archive/word_check.py"}
    | {f"datagen/{name}.py" for name in ("array_steps", "blocks_of_shifts", "smoothing", "whole_levels")},
    # On the ground floor of model, for two rooms that do not meet work in shards: archive and datagen.
    "daft": {"model/engines/daft_engine.py"},
    "dbos": {"serve/jobs/durable_queue.py", "serve/jobs/tasks.py", "serve/jobs/worker.py"},
    "fastapi": {
        "serve/app.py", "serve/operations.py", "serve/http/pages.py", "serve/http/problems.py", "serve/http/tokens.py",
        "serve/http/uploads.py", "serve/jobs/endpoints.py", "serve/models/endpoints.py", "serve/scoring/endpoints.py",
        "serve/review/app.py",
        "serve/scoring/alignment_endpoint.py", "serve/scoring/pictures.py", "serve/scoring/version_endpoints.py",
    },
    "imagehash": {"datagen/sources.py"},
    "jinja2": {"model/templates.py"},
    "keras": {
        "dataset/networks/classifier.py", "dataset/networks/fitting.py", "dataset/networks/palette_batches.py",
        "model/networks/judge.py", "model/networks/layers.py", "model/networks/onnx_export.py",
        "model/networks/onnx_graphs.py", "model/networks/onnx_import.py", "model/networks/siamese.py",
        "model/networks/tower.py", "model/training/checkpoint.py", "model/training/judge_training.py",
        "model/training/optimisation.py", "model/training/parent.py", "model/training/run.py",
        "model/training/timed_training.py", "model/training/tower_training.py",
    },
    "lightgbm": {"model/training/pair_training.py", "model/training/tree_export.py"},
    "Cython": {"model/kernels/build.py"},
    "deflate": {"model/images/png_pixels.py"},
    "onnx": {
        "model/networks/onnx_export.py", "model/networks/onnx_graphs.py", "model/networks/onnx_import.py",
        "model/training/tree_export.py",
    },
    "onnxruntime": {"model/onnx_runtime.py"},
    "optuna": {f"search/{name}.py" for name in ("charts", "console", "objective", "report", "run", "space", "study")},
    "pebble": {"model/processes.py"},
    "PIL": {
        "model/images/avif_encoding.py", "model/images/deep_samples.py", "model/images/jpeg_encoding.py",
        "model/images/jpeg_planes.py", "model/images/opening.py", "model/images/palette_encoding.py",
        "model/images/pillow_decoding.py", "model/images/preview.py", "model/images/reencoding.py", "model/images/resizing.py",
        "model/images/webp_encoding.py", "genloss/crops.py", "datagen/sources.py", "archive/report_pictures.py",
    },
    "pywt": {"datagen/array_steps.py"},
    "pyarrow": {
        "archive/shard_tables.py", "datagen/pair_tables.py", "dataset/facts_tables.py", "dataset/palettes/tables.py",
        "genloss/parquet_writer.py", "model/engines/shard_folder.py",
    },
    "ray": {"model/engines/daft_engine.py"},
    "rich": {
        "genloss/family_tree.py", "genloss/progress.py", "genloss/ranking_table.py", "genloss/tables.py",
        "genloss/training_console.py", "datagen/run.py", "datagen/survey.py",
        "datagen/debian_packages.py", "search/console.py",
    },
    "scipy": {
        "datagen/duplicates.py", "datagen/run.py", "dataset/tests_of_difference.py", "model/images/shared_palettes.py",
    },
    "sklearn": {"dataset/embedding.py"},
    "simplejpeg": {"model/images/jpeg_encoding.py", "model/images/jpeg_library.py"},
    "sqlalchemy": {"serve/jobs/durable_queue.py", "search/study.py"},
    "umap": {"dataset/embedding.py"},
    "wand": {"datagen/magick.py"},
}  # fmt: skip
PROGRAM = ("genloss/__main__.py", "genloss/cli.py", "genloss/parser.py")
MOST_LINES = 275


def _sources() -> list[str]:
    """Every Python file of the rooms, by its real path: the links inside genloss/ lead to the same files."""
    listed = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [name for name in listed.splitlines() if name.split("/")[0] in ROOMS]


def _imports(name: str) -> Iterator[str]:
    """Dotted names of all imports, those inside functions included; `from package import name` gives both joined."""
    for node in ast.walk(ast.parse((ROOT / name).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} has a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _place(module: str) -> tuple[str, str]:
    """The room of a module of ours, and the file or folder at that room's top level that it is in."""
    _, *parts = module.split(".")
    room = parts[0] if parts[0] in ROOMS else "genloss"
    inside = parts[1:] if room == parts[0] else parts
    return room, inside[0] if inside else ""


def _module(name: str) -> str:
    dotted = name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    return dotted if name.startswith("genloss/") else f"genloss.{dotted}"


def _floor(room: str, folder: str) -> int:
    levels = [level for level, names in enumerate(FLOORS[room]) if folder in names]
    assert len(levels) == 1, f"{room}/{folder} stands on no floor of {room}"
    return levels[0]


SOURCES = _sources()


@pytest.mark.parametrize("name", SOURCES)
def test_imports_go_one_way(name):
    room, folder = _place(_module(name)) if name != "genloss/__init__.py" else ("genloss", "")
    for imported in _imports(name):
        first = imported.split(".")[0]
        assert first not in ROOMS.keys() - {"genloss"}, f"{name} imports {imported} as if it were a package of its own"
        if first != "genloss":
            continue
        its_room, its_folder = _place(imported)
        if its_room != room:
            assert its_room in ROOMS[room], f"{name} imports {imported}"
        elif room in FLOORS and folder and its_folder != folder:
            mine, its = _floor(room, folder), _floor(room, its_folder)
            assert its < mine or (room == "model" and mine == its == 0 and its_folder != "kernels"), (
                f"{name} (floor {mine}) imports {imported} (floor {its})"
            )
        if its_folder in ("cli", "commands") and its_room == "genloss":
            assert name in PROGRAM, f"{name} imports {imported}, which only the program itself does"


@pytest.mark.parametrize("name", SOURCES)
def test_heavy_libraries_have_one_owner_each(name):
    for imported in {imported.split(".")[0] for imported in _imports(name)}:
        assert imported != "tensorflow", f"{name} imports TensorFlow, which is reached through Keras"
        assert name in OWNERS.get(imported, {name}), f"{name} imports {imported}, which belongs to {OWNERS[imported]}"


def test_what_these_rules_name_exists():
    for room, floors in FLOORS.items():
        for name in set().union(*floors):
            assert (ROOT / room / name).is_dir() or (ROOT / room / f"{name}.py").is_file(), f"{room}/{name} is gone"
    for library, names in OWNERS.items():
        for name in names:
            assert library in {imported.split(".")[0] for imported in _imports(name)}, f"{name} does not import {library}"


def test_files_are_short():
    lengths = {name: len((ROOT / name).read_text(encoding="utf-8").splitlines()) for name in SOURCES}
    assert {name: length for name, length in lengths.items() if length > MOST_LINES} == {}


def test_every_folder_is_packaged_under_the_one_name():
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    assert sorted(packages) == sorted(_module(name) for name in SOURCES if name.endswith("__init__.py"))
    for room in ROOMS.keys() - {"genloss"}:
        assert (ROOT / "genloss" / room).readlink().as_posix() == f"../{room}"


def test_scoring_loads_no_training_library():
    code = (
        "import sys; from genloss import rank; rank(['samples/cat/original.jpg', 'samples/cat/shrunk.png']); "
        "print(sorted({'tensorflow', 'keras', 'wand', 'onnx', 'scipy', 'optuna', 'torch', 'jax'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


@pytest.mark.parametrize("name", ["genloss.search.run", "genloss.model.training.configuration", "genloss.cli"])
def test_configurations_and_the_search_need_no_keras(name):
    code = f"import sys, {name}; print(sorted({{'tensorflow', 'keras'}} & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_the_locks_pin_and_hash_every_package_and_name_no_index():
    for path in (ROOT / "requirements").glob("*.txt"):
        text = path.read_text()
        assert "://" not in text
        assert "index" not in text
        requirements = re.findall(r"(?m)^\S.*(?:\n[ \t].*)*", re.sub(r"(?m)^\s*#.*\n", "", text))
        assert len(requirements) > 1, path
        for requirement in requirements:
            assert re.match(r"[\w.\-\[\]]+==[\w.]+[ \\]", requirement), f"{path.name} does not pin {requirement[:60]}"
            assert "--hash=sha256:" in requirement, f"{path.name} does not hash {requirement[:60]}"
