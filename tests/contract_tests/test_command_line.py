"""What a person or a script sees of `genloss`."""

import csv
import json
import os
import subprocess
import sys

import pytest

from genloss import Scorer, rank
from tests.fixtures import ROOT, saved

CAT = ROOT / "samples/cat"


def _genloss(*words: object, **options: object) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "genloss.cli", *map(str, words)],
        cwd=ROOT, capture_output=True, text=True, timeout=120, **options,
    )  # fmt: skip


@pytest.fixture(scope="module")
def bad(tmp_path_factory):
    """One file of each kind of trouble, and the code it must give."""
    folder = tmp_path_factory.mktemp("bad")
    cat = (CAT / "original.jpg").read_bytes()
    contents = {
        "empty.jpg": (b"", "file_empty"),
        "text.png": (b"hello, I am a text file\n", "unsupported_format"),
        "cut.jpg": (cat[: len(cat) // 2], "image_truncated"),
        "dot.png": (bytes.fromhex(
            "89504e470d0a1a0a0000000d49484452000000010000000108020000009077"
            "53de0000000c4944415478da63f8ffff3f0005fe02fe0def46b80000000049454e44ae426082"
        ), "image_too_small"),
        "huge.gif": (b"GIF89a\xff\xff\xff\xff\0\0\0", "image_too_large"),
    }  # fmt: skip
    for name, (data, _) in contents.items():
        (folder / name).write_bytes(data)
    os.mkfifo(folder / "pipe.jpg")
    codes = {name: code for name, (_, code) in contents.items()}
    codes |= {"pipe.jpg": "file_unreadable", "missing.jpg": "file_unreadable"}
    return {folder / name: code for name, code in codes.items()}


def test_bad_files_get_one_line_each_and_the_others_are_scored(bad):
    result = _genloss("score", "--format", "jsonl", *bad, CAT / "original.jpg")
    assert result.returncode == 3
    records = [json.loads(line) for line in result.stdout.splitlines()]
    assert [record.get("error") for record in records] == [*bad.values(), None]
    assert [record["path"] for record in records] == [*map(str, bad), str(CAT / "original.jpg")]
    assert 0 <= records[-1]["generation_loss"] <= 1
    assert "Traceback" not in result.stderr


def test_the_table_puts_errors_on_stderr_one_line_each(bad):
    result = _genloss("rank", *bad, CAT / "original.jpg", CAT / "messenger.jpg")
    assert result.returncode == 3
    assert len(result.stderr.splitlines()) == len(bad)
    assert all(f": {code}: " in line for line, code in zip(result.stderr.splitlines(), bad.values(), strict=True))
    assert "messenger.jpg" in result.stdout


def test_the_wrong_extension_does_not_matter(tmp_path):
    path = tmp_path / "really-a-jpeg.png"
    path.write_bytes((CAT / "original.jpg").read_bytes())
    (record,) = json.loads(_genloss("score", "--format", "json", path).stdout)
    assert record["image_format"] == "jpeg"


def test_direction_and_warning_are_in_help_and_output():
    for command in ("score", "rank"):
        for text in (_genloss(command, "--help").stdout, _genloss(command, CAT / "original.jpg", CAT / "shrunk.png").stdout):
            flat = " ".join(text.split())
            assert "ower" in flat
            assert "closer to the original" in flat
            assert "same picture" in flat or "one picture" in flat


def test_rank_prints_best_first_with_odds():
    result = _genloss("rank", "--format", "json", *CAT.iterdir())
    assert result.returncode == 0
    records = json.loads(result.stdout)
    assert [record["place"] for record in records] == list(range(1, len(records) + 1))
    assert records[0]["path"].endswith("original.jpg")
    assert records[-1]["path"].endswith(("messenger.jpg", "reposted.webp", "laundered.png"))
    assert all(0.5 <= record["probability_closer_than_next"] <= 1 for record in records[:-1])
    assert records[-1]["probability_closer_than_next"] is None


def test_csv_has_one_row_per_file():
    result = _genloss("score", "--format", "csv", CAT / "original.jpg", CAT / "nothing.jpg")
    rows = list(csv.DictReader(result.stdout.splitlines()))
    assert [row["error"] for row in rows] == ["", "file_unreadable"]
    assert float(rows[0]["generation_loss"]) < 1


def test_the_same_bytes_give_the_same_score_everywhere(tmp_path):
    names = sorted(CAT.iterdir())
    scorer = Scorer()
    one_by_one = [scorer.score(path.read_bytes()).generation_loss for path in names]
    assert [scorer.score_file(path).generation_loss for path in names] == one_by_one
    for n_threads in (1, 4):
        together = [result.generation_loss for _, result in scorer.score_files(names, n_threads)]
        assert together == one_by_one
    ranked = {version.path: version.score.generation_loss for version in rank(names)}
    assert [ranked[path] for path in names] == one_by_one
    lines = _genloss("score", "--format", "jsonl", *names).stdout.splitlines()
    assert [json.loads(line)["generation_loss"] for line in lines] == one_by_one


def test_the_number_of_threads_changes_no_bit():
    names = sorted((ROOT / "samples").glob("*/*.*"))
    outputs = {
        _genloss(
            "score", "--format", "jsonl", *names, env={**os.environ, "OMP_NUM_THREADS": n, "OPENBLAS_NUM_THREADS": n}
        ).stdout
        for n in ("1", "2", "7")
    }
    assert len(outputs) == 1


def test_a_processor_with_fewer_instructions_changes_next_to_nothing():
    """As one of 2013 would compute: no AVX-512, and the sums of matrices in another order."""
    names = sorted((ROOT / "samples").glob("*/*.*"))
    mine = {name: value for name, value in os.environ.items() if name != "OPENBLAS_CORETYPE"}
    older = {**mine, "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR", "OPENBLAS_CORETYPE": "Haswell"}
    losses = []
    for environment in (mine, older):
        lines = _genloss("score", "--in-process", "--format", "jsonl", *names, env=environment).stdout.splitlines()
        losses.append([json.loads(line)["generation_loss"] for line in lines])
    assert len(losses[0]) == len(names)
    assert max(abs(one - other) for one, other in zip(*losses, strict=True)) < 1e-6


def test_evaluate_counts_by_category(tmp_path):
    pairs = tmp_path / "pairs.csv"
    pairs.write_text(
        "better,worse,category\noriginal.jpg,messenger.jpg,shared\noriginal.jpg,reposted.webp,shared\n"
        "original.jpg,gone.jpg,lost\n"
    )
    result = _genloss("evaluate", "--pairs", pairs, "--files", CAT, "--format", "json")
    assert result.returncode == 3
    evaluation = json.loads(result.stdout)
    for by in (evaluation["score"], evaluation["rank"]):
        assert {one["category"]: one["accuracy"] for one in by["categories"]} == {"lost": 0.0, "shared": 1.0}
        assert by["accuracy"] == pytest.approx(2 / 3)
        assert by["macro"] == pytest.approx(1 / 2)
    table = _genloss("evaluate", "--pairs", pairs, "--files", CAT)
    assert "gone.jpg: file_unreadable" in table.stderr
    assert "66.7" in table.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["score", "--bundle", "tests", "samples/cat/original.jpg"], "bundle_invalid"),
        (["evaluate", "--pairs", "none.csv", "--files", "."], "pairs_invalid"),
        (["train", "--pairs", "tests", "--out", "build/none"], "pairs_invalid"),
    ],
)
def test_errors_that_stop_everything_are_one_line(words, message):
    result = _genloss(*words)
    assert result.returncode == 2
    lines = [line for line in result.stderr.splitlines() if line.startswith("genloss:")]
    assert len(lines) == 1
    assert message in lines[0]
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("words", [["score"], ["rank", "--format", "xml", "a"], ["melt"]])
def test_wrong_arguments_exit_with_2(words):
    result = _genloss(*words)
    assert result.returncode == 2
    assert "Traceback" not in result.stderr


def test_a_file_name_that_is_not_utf8_is_scored(tmp_path):
    path = os.fsencode(tmp_path) + b"/caf\xe9\n.jpg"
    with open(path, "wb") as stream:
        stream.write((CAT / "original.jpg").read_bytes())
    for words in (["score"], ["score", "--format", "jsonl"]):
        result = subprocess.run([sys.executable, "-m", "genloss.cli", *words, path], cwd=ROOT, capture_output=True)
        assert result.returncode == 0, result.stderr
        assert len(result.stdout.splitlines()) <= 3


def test_max_pixels_is_obeyed(tmp_path, noise):
    path = tmp_path / "noise.png"
    path.write_bytes(saved(noise, "PNG"))
    assert json.loads(_genloss("score", "--max-pixels", "3000", "-f", "jsonl", path).stdout)["error"] == "image_too_large"


def test_explain_shows_where_two_versions_differ_most(tmp_path):
    picture = tmp_path / "crops.png"
    result = _genloss("explain", CAT / "original.jpg", CAT / "laundered.png", "--crops", picture)
    assert result.returncode == 0, result.stderr
    assert f"{picture}: 3 places where they differ most" in result.stdout
    assert picture.read_bytes().startswith(b"\x89PNG")
    result = _genloss("explain", CAT / "original.jpg", "--crops", picture)
    assert result.returncode == 2
    assert "exactly two files" in result.stderr
    result = _genloss("explain", CAT / "original.jpg", CAT / "shrunk.png", "--crops", tmp_path / "no/such/crops.png")
    assert result.returncode == 2
    assert "cannot be written" in result.stderr


def test_explain_says_what_speaks_against_a_file():
    result = _genloss("explain", CAT / "original.jpg", CAT / "laundered.png")
    assert result.returncode == 0, result.stderr
    assert "- saved as JPEG of quality 90, 4:4:4" in result.stdout
    assert "  - PNG, but carries an 8x8 grid: an earlier JPEG of quality about" in result.stdout
    assert "Scores compare versions of the same picture only." in result.stdout
    records = [json.loads(line) for line in _genloss("explain", "-f", "jsonl", *CAT.iterdir(), "gone.png").stdout.splitlines()]
    assert records[-1]["error"] == "file_unreadable"
    assert all(record["reasons"] for record in records[:-1])
