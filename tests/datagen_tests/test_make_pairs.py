"""The command: same chains whatever the workers, whole again after kill -9, replayed byte for byte, clear errors."""

import csv
import hashlib
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from genloss.datagen.make_pairs import main
from genloss.model.files import lock_folder
from tests.fixtures import ROOT, saved
from tests.in_process import script_here

COMMAND = [sys.executable, str(ROOT / "datagen/make_pairs.py")]
FIRST = ["--images", str(ROOT / "samples"), "--seed", "5"]


def _run(out: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return script_here(main, *FIRST, "--out", out, *words)


def _contents(out: Path) -> dict[str, str]:
    """Every file of a run and its digest, but for the ledger (its bytes hang on the order of writing) and the log of times."""
    own = ("ledger.", "progress.jsonl")
    files = [path for path in out.rglob("*") if path.is_file() and not path.name.startswith(own)]
    return {str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(files)}


def _chains(out: Path) -> list[dict]:
    return [json.loads(line) for line in (out / "chains.jsonl").read_text().splitlines()]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("undisturbed")
    words = ["--out", out, "--chains", "20", "--workers", "2"]
    result = subprocess.run([*COMMAND, *FIRST, *words], capture_output=True, text=True, timeout=900)
    assert result.returncode == 0, result.stderr
    assert "versions/s" in result.stderr
    return out


def test_the_number_of_workers_changes_nothing(undisturbed, tmp_path):
    assert _run(tmp_path, "--chains", "20", "--workers", "1").returncode == 0
    assert _contents(tmp_path) == _contents(undisturbed)


@pytest.mark.slow
def test_an_engine_changes_nothing(undisturbed, tmp_path):
    result = _run(tmp_path, "--chains", "20", "--workers", "2", "--engine", "threads")
    assert result.returncode == 0, result.stderr
    assert _contents(tmp_path) == _contents(undisturbed)


@pytest.mark.parametrize(("n_early", "n_later"), [(1, 2), pytest.param(5, 15, marks=pytest.mark.slow)])
def test_a_run_killed_again_and_again_is_whole_in_the_end(undisturbed, tmp_path, n_early, n_later):
    generator = np.random.default_rng(1683)
    n_files = sum(1 for _ in (undisturbed / "files").rglob("*.*"))
    # First while originals are looked at, then after so many files; the other half of the files keeps the run busy
    # until the kill, however late that comes.
    points = [0] * n_early + sorted(generator.choice(np.arange(1, n_files // 2), size=n_later, replace=False).tolist())
    n_killed = 0
    for number, point in enumerate(points):
        process = subprocess.Popen(
            [*COMMAND, *FIRST, "--out", str(tmp_path), "--chains", "20", "--workers", "2"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        while process.poll() is None and sum(1 for _ in (tmp_path / "files").rglob("*.*")) < point:
            time.sleep(0.005)
        time.sleep(float(generator.uniform(0, 0.03) if point else generator.uniform(0.3, 1.5)))
        n_killed += process.poll() is None
        # Every other time its workers live on, which must not hold the folder's lock.
        (os.killpg if number % 2 else os.kill)(process.pid, signal.SIGKILL)
        process.wait()
    assert n_killed > n_early  # at least once among the chains
    assert _run(tmp_path, "--chains", "20", "--workers", "2").returncode == 0
    assert _contents(tmp_path) == _contents(undisturbed)


@pytest.mark.slow
def test_more_chains_can_be_added_later(undisturbed, tmp_path):
    assert _run(tmp_path, "--chains", "8").returncode == 0
    assert len(_chains(tmp_path)) == 8
    assert _run(tmp_path, "--chains", "20").returncode == 0
    assert _contents(tmp_path) == _contents(undisturbed)


def test_tables_agree_and_splits_hold_sources_apart(undisturbed):
    chains = _chains(undisturbed)
    rows = list(csv.DictReader((undisturbed / "pairs.csv").read_text().splitlines()))
    assert len(rows) == sum(len(c["versions"]) * (len(c["versions"]) - 1) // 2 for c in chains)
    parquet = pq.read_table(undisturbed / "pairs.parquet").to_pylist()
    assert [{key: str(value) for key, value in row.items()} for row in parquet] == rows
    splits = {row["path"]: row["split"] for row in csv.DictReader((undisturbed / "sources.csv").read_text().splitlines())}
    for chain in chains:
        assert 2 <= len(chain["versions"]) <= 6
        assert chain["split"] == splits[chain["source"]]
        for version in chain["versions"]:
            data = (undisturbed / version["path"]).read_bytes()
            assert (hashlib.sha256(data).hexdigest(), len(data)) == (version["sha256"], version["n_bytes"])
    # The samples are seven versions each of three pictures: none may be on two sides.
    assert len({splits[f"cat/{name}"] for name in ("original.jpg", "shrunk.png", "messenger.jpg")}) == 1


def test_replay_gives_the_recorded_bytes_and_puts_back_a_lost_file(undisturbed):
    chain = _chains(undisturbed)[4]
    lost = undisturbed / chain["versions"][-1]["path"]
    before = lost.read_bytes()
    lost.unlink()
    result = _run(undisturbed, "--replay", str(chain["chain"]))
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == [f"{version['path']}: the same bytes" for version in chain["versions"]]
    assert lost.read_bytes() == before


def test_replay_tells_when_bytes_differ(undisturbed, tmp_path):
    assert _run(tmp_path, "--chains", "2").returncode == 0
    connection = sqlite3.connect(tmp_path / "ledger.sqlite")
    (text,) = connection.execute("SELECT record FROM chain WHERE chain = 1").fetchone()
    record = json.loads(text)
    record["versions"][1]["sha256"] = "0" * 64
    with connection:
        connection.execute("UPDATE chain SET record = ? WHERE chain = 1", (json.dumps(record),))
    connection.close()
    result = _run(tmp_path, "--replay", "1")
    assert result.returncode == 1
    assert "other bytes than recorded" in result.stdout
    assert "ImageMagick" in result.stderr


@pytest.mark.parametrize(("chain", "message"), [("999", "holds no chain 999"), ("-1", "must be 0 or more")])
def test_a_chain_that_is_not_there_cannot_be_replayed(undisturbed, chain, message):
    result = _run(undisturbed, "--replay", chain)
    assert result.returncode == 2
    assert message in result.stderr


def test_the_report_is_offline_and_shows_chains_parameters_and_skips(undisturbed):
    page = (undisturbed / "report.html").read_text()
    assert not re.findall(r"""(?:src|href)=['"]?(?!data:)[^'" >]+|url\(|@import""", page)
    chains = _chains(undisturbed)
    assert page.count("<img") == sum(len(chain["versions"]) for chain in chains)
    for expected in ("step: save_jpeg", "quality: ", "sampling", "versions: original", "Skipped", "validation"):
        assert expected in page


def test_held_out_names_are_in_no_edit(tmp_path):
    assert _run(tmp_path, "--chains", "12", "--without", "webp", "screenshot", "grain").returncode == 0
    edits = [version for chain in _chains(tmp_path) for version in chain["versions"][1:]]
    assert len({version["kind"] for version in edits}) > 3
    for version in edits:
        assert version["kind"] not in ("webp", "screenshot", "grain")
        assert version["image_format"] != "webp"
        assert "save_webp" not in version["recipe"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--seed", "6"], "holds a run with seed = 5, not 6; give the same arguments to resume it, or another --out"),
        (["--without", "webp"], "holds a run with without = , not webp"),
    ],
)
def test_resuming_with_other_arguments_is_refused(undisturbed, words, message):
    result = _run(undisturbed, "--chains", "20", *words)
    assert result.returncode == 2
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--images", "/nonexistent"], "is not a folder"),
        (["--images", str(ROOT / "requirements")], "no JPEG, PNG or WebP"),
        (["--profile", "/nonexistent.json"], "is not a profile"),
    ],
)
def test_useless_arguments_are_one_clear_line(tmp_path, words, message):
    result = _run(tmp_path / "out", *words)
    assert result.returncode == 2
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "words",
    [
        ["--chains", "0"], ["--without", "magic"], ["--workers", "-1"], ["--timeout", "0"], ["--out", ""], ["--engine", ""],
        ["--replay", str(2**63)],
    ],
)  # fmt: skip
def test_bad_arguments_are_refused(tmp_path, words):
    result = _run(tmp_path, *words)
    assert result.returncode == 2
    assert result.stderr.startswith(f"make_pairs: argument {words[0]}: ")
    assert len(result.stderr.splitlines()) == 1


def test_a_second_run_in_one_folder_is_one_clear_line(tmp_path):
    with lock_folder(tmp_path) as is_alone:
        assert is_alone
        result = _run(tmp_path, "--chains", "1", "--workers", "1")
    assert result.returncode == 2
    assert "another run works in" in result.stderr
    assert "Traceback" not in result.stderr
    assert not list(tmp_path.iterdir())


def test_files_that_cannot_be_originals_are_skipped_once_counted_and_listed(tmp_path, cat):
    images = tmp_path / "images"
    images.mkdir()
    good = (ROOT / "samples/cat/original.jpg").read_bytes()
    frames = [cat.crop((0, 0, 200, 200)), cat.crop((50, 50, 250, 250))]
    bad = {
        "torn.jpg": (good[:2000], "image_truncated"),
        "text.png": (b"no picture", "unsupported_format"),
        "tiny.png": (saved(cat.resize((100, 90)), "PNG"), "a side below 128 px"),
        "twin.jpg": (good, "duplicate of good.jpg"),
        "moving.webp": (saved(frames[0], "WEBP", save_all=True, append_images=frames[1:]), "animated"),
    }
    (images / "good.jpg").write_bytes(good)
    for name, (data, _) in bad.items():
        (images / name).write_bytes(data)
    out = tmp_path / "out"
    words = ["--images", images, "--out", out, "--chains"]
    for _ in range(2):  # the second run finds everything done
        result = script_here(main, *words, 4)
        assert result.returncode == 0, result.stderr
        for reason in ("image_truncated", "unsupported_format", "a side below 128 px", "duplicate", "animated"):
            assert f"1 file skipped ({reason})" in result.stderr
    assert {chain["source"] for chain in _chains(out)} == {"good.jpg"}
    listed = {row["path"]: row["skipped"] for row in csv.DictReader((out / "sources.csv").read_text().splitlines())}
    assert listed == {"good.jpg": "", **{name: reason for name, (_, reason) in bad.items()}}
    (images / "good.jpg").write_bytes(good + b"\0")
    result = script_here(main, *words, 6)
    assert result.returncode == 2
    assert "has changed since the run began" in result.stderr.splitlines()[-1]


def test_only_bad_files_is_one_clear_error(tmp_path):
    (tmp_path / "images").mkdir()
    (tmp_path / "images/text.png").write_bytes(b"no picture")
    result = _run(tmp_path / "out", "--images", str(tmp_path / "images"))
    assert result.returncode == 2
    assert "none of 1 picture " in result.stderr.splitlines()[-1]
    assert "unsupported_format" in result.stderr.splitlines()[-1]
