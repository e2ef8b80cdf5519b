"""The command: same chains whatever the workers, whole again after kill -9, clear errors."""

import csv
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import ROOT

COMMAND = [sys.executable, str(ROOT / "datagen/make_pairs.py"), "--images", str(ROOT / "samples")]


def _run(out: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, "--out", str(out), *words], capture_output=True, text=True, timeout=200)


def _contents(out: Path) -> dict[str, str]:
    files = [*sorted((out / "files").rglob("*")), out / "chains.jsonl", out / "pairs.csv"]
    return {str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files if path.is_file()}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("undisturbed")
    result = _run(out, "--chains", "24", "--workers", "2", "--seed", "5")
    assert result.returncode == 0, result.stderr
    return out


def test_the_number_of_workers_changes_nothing(undisturbed, tmp_path):
    assert _run(tmp_path, "--chains", "24", "--workers", "1", "--seed", "5").returncode == 0
    assert _contents(tmp_path) == _contents(undisturbed)


def test_a_killed_run_is_whole_again_after_the_same_command(undisturbed, tmp_path):
    for delay in (1.5, 2.5):
        process = subprocess.Popen(
            [*COMMAND, "--out", str(tmp_path), "--chains", "24", "--workers", "2", "--seed", "5"],
            stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        time.sleep(delay)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert _run(tmp_path, "--chains", "24", "--workers", "2", "--seed", "5").returncode == 0
    left_over = {name for name in _contents(tmp_path) if ".tmp" in name}
    assert {name: digest for name, digest in _contents(tmp_path).items() if name not in left_over} == _contents(undisturbed)


def test_pairs_and_chains_agree_and_splits_hold_sources_apart(undisturbed):
    chains = [json.loads(line) for line in (undisturbed / "chains.jsonl").read_text().splitlines()]
    rows = list(csv.DictReader((undisturbed / "pairs.csv").read_text().splitlines()))
    assert len(rows) == sum(len(c["versions"]) * (len(c["versions"]) - 1) // 2 for c in chains)
    sides: dict[str, set[str]] = {}
    for chain in chains:
        assert 2 <= len(chain["versions"]) <= 6
        sides.setdefault(chain["source"], set()).add(chain["split"])
        for version in chain["versions"]:
            data = (undisturbed / version["path"]).read_bytes()
            assert hashlib.sha256(data).hexdigest() == version["sha256"]
            json.loads(version["recipe"])
    assert all(len(splits) == 1 for splits in sides.values())


def test_kinds_can_be_left_out(tmp_path):
    assert _run(tmp_path, "--chains", "10", "--without", "jpeg", "webp", "generation").returncode == 0
    chains = [json.loads(line) for line in (tmp_path / "chains.jsonl").read_text().splitlines()]
    kinds = {version["kind"] for chain in chains for version in chain["versions"]}
    assert len(kinds) > 2
    assert not kinds & {"jpeg", "webp", "generation"}


def test_tiles_of_one_picture_stay_on_one_side():
    from datagen.make_pairs import split_of

    assert len({split_of(f"a/wall__{index}.png") for index in range(30)}) == 1
    assert len({split_of(f"a/wall{index}.png") for index in range(80)}) == 3


def test_resuming_with_another_seed_is_refused(undisturbed):
    result = _run(undisturbed, "--chains", "24", "--seed", "6")
    assert result.returncode == 2
    assert result.stderr.splitlines() == [
        f"make_pairs: {undisturbed} holds a run with seed = 5, not 6; give the same arguments to resume it, or another --out"
    ]


@pytest.mark.parametrize(
    ("words", "message"),
    [(["--images", "/nonexistent"], "is not a folder"), (["--images", str(ROOT / "requirements")], "no JPEG, PNG or WebP")],
)
def test_useless_image_folders_are_one_clear_line(tmp_path, words, message):
    result = _run(tmp_path, *words)
    assert result.returncode == 2
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("words", [["--chains", "0"], ["--without", "magic"], ["--workers", "-1"]])
def test_bad_arguments_are_refused(tmp_path, words):
    result = _run(tmp_path, *words)
    assert result.returncode == 2
    assert "usage:" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_damaged_picture_costs_its_own_chains_only(tmp_path):
    images = tmp_path / "images"
    images.mkdir()
    good = (ROOT / "samples/cat/original.jpg").read_bytes()
    (images / "good.jpg").write_bytes(good)
    (images / "torn.jpg").write_bytes(good[:2000])
    (images / "text.png").write_bytes(b"no picture")
    result = subprocess.run(
        [*COMMAND[:2], "--images", str(images), "--out", str(tmp_path / "out"), "--chains", "12"],
        capture_output=True, text=True, timeout=200,
    )  # fmt: skip
    assert result.returncode == 0
    assert "skipped (unsupported_format)" in result.stderr
    assert "skipped (image_truncated)" in result.stderr
    lines = (tmp_path / "out/chains.jsonl").read_text().splitlines()
    assert {json.loads(line)["source"] for line in lines} == {"good.jpg"}
