"""What a person or a script sees of `genloss`."""

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from rich.cells import cell_len

from genloss import Scorer, rank
from tests.fixtures import LIMIT_SECONDS, ROOT, saved
from tests.in_process import genloss_here

CAT = ROOT / "samples/cat"
SOME = [CAT / name for name in ("messenger.jpg", "original.jpg", "shrunk.png", "enlarged.jpg")]  # comparing takes time


def _genloss(*words: object) -> subprocess.CompletedProcess[str]:
    result = genloss_here(*words)
    return subprocess.CompletedProcess(result.args, result.returncode, result.stdout.decode(), result.stderr.decode())


def _started(*words: object, **options: object) -> subprocess.CompletedProcess[str]:
    """The same in a process of its own, as a user starts it."""
    return subprocess.run(
        [sys.executable, "-m", "genloss.cli", *map(str, words)],
        cwd=ROOT, capture_output=True, text=True, timeout=4 * LIMIT_SECONDS, **options,
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
    result = _started("rank", *bad, CAT / "original.jpg", CAT / "messenger.jpg")
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
    for words in (["--help"], [CAT / "original.jpg", CAT / "shrunk.png"]):
        flat = " ".join(_genloss("score", *words).stdout.split())
        assert "Lower is closer to the original" in flat
        assert "same picture only" in flat
    help_text, table = (" ".join(_genloss("rank", *words).stdout.split()) for words in (["-h"], [*sorted(CAT.iterdir())]))
    assert "closer to the original than the next" in help_text
    assert "Files that show different pictures are ranked picture by picture, never across" in help_text
    assert "versions of the same picture only" in table
    assert "Lower" not in table  # its order need not be that of the scores
    assert "0.6444" not in table


@pytest.mark.parametrize("command", ["score", "rank", "explain", "evaluate", "train", "serve", "work"])
def test_every_help_has_examples_and_exit_codes(command):
    short, long = (_genloss(command, flag).stdout for flag in ("-h", "--help"))
    assert short == long
    assert "Examples:\n    " in long
    assert f"genloss {command}" in long.partition("Examples:")[2]
    assert "3    done, but some inputs failed" in long


def test_the_package_runs_as_a_module():
    result = subprocess.run([sys.executable, "-m", "genloss", "--version"], cwd=ROOT, capture_output=True, text=True)
    assert result.stdout.startswith("genloss ")


def test_different_pictures_are_never_ranked_across():
    names = [CAT / "messenger.jpg", *(ROOT / "samples" / name / "original.png" for name in ("drawing", "screenshot"))]
    mixed = [*names, CAT / "original.jpg", CAT / "shrunk.png"]
    records = json.loads(_genloss("rank", "-f", "json", *mixed).stdout)
    assert [(record["picture"], record["place"]) for record in records] == [(1, 1), (1, 2), (1, 3), (2, 1), (3, 1)]
    assert records[0]["path"].endswith("cat/original.jpg")
    assert [record["probability_closer_than_next"] for record in records[2:]] == [None, None, None]
    table = _genloss("rank", *mixed).stdout
    assert table.startswith("These files show 3 different pictures. Each is ranked by itself.")
    assert table.count("nothing to compare it with") == 2


def test_files_are_ranked_together_where_the_user_knows_that_they_show_one_picture():
    names = [CAT / "messenger.jpg", ROOT / "samples/drawing/original.png", CAT / "original.jpg"]
    records = json.loads(_genloss("rank", "--one-picture", "-f", "json", *names).stdout)
    assert [(record["picture"], record["place"]) for record in records] == [(1, 1), (1, 2), (1, 3)]
    places = {Path(record["path"]).name: record["place"] for record in records if "cat/" in record["path"]}
    assert places["original.jpg"] < places["messenger.jpg"]
    drawing = next(record for record in records if "drawing" in record["path"])
    assert drawing["parent"] is None
    assert "is your word; it was not checked" in _genloss("rank", "--one-picture", *names).stdout
    assert "your word" not in _genloss("rank", *names).stdout


def test_equal_files_and_equal_pixels_share_a_place(tmp_path):
    (tmp_path / "copy.jpg").write_bytes((CAT / "original.jpg").read_bytes())
    with Image.open(CAT / "laundered.png") as picture:
        picture.save(tmp_path / "same.webp", lossless=True)
    names = [tmp_path / "copy.jpg", CAT / "laundered.png", CAT / "original.jpg", tmp_path / "same.webp", CAT / "messenger.jpg"]
    records = {record["path"]: record for record in json.loads(_genloss("rank", "-f", "json", *names).stdout)}
    assert [records[str(name)]["place"] for name in names] == [1, 3, 1, 3, 5]
    assert records[str(names[2])]["same"] == "file"
    assert records[str(names[2])]["same_as"] == str(names[0])
    assert records[str(names[3])]["same"] == "pixels"
    assert records[str(names[0])]["same"] is None
    assert "same pixels" in _genloss("rank", *names).stdout


def test_odds_are_always_shown_and_words_only_where_they_say_nothing():
    records = json.loads(_genloss("rank", "-f", "json", *SOME).stdout)
    lines = _genloss("rank", *SOME).stdout.splitlines()[1 : len(records)]
    for record, line in zip(records, lines, strict=False):
        odds = record["probability_closer_than_next"]
        assert record["too_close_to_call"] == (odds < 0.6)
        shown = re.search(r" (\d+(\.\d)?) % ", line)
        assert ("cannot tell" in line) == (odds < 0.6) == (shown is None)
        assert shown is None or 0 <= 100 * odds - float(shown[1]) < 1  # rounded down


def test_sure_says_what_may_be_discarded():
    records = json.loads(_genloss("rank", "-f", "json", "--sure", "0.99", *SOME).stdout)
    for record in records:
        worse = record["probability_worse_than_first"]
        assert record["may_be_discarded"] == (worse is not None and worse >= 0.99)
    assert {record["may_be_discarded"] for record in records} == {True, False}
    table = _genloss("rank", "--sure", "0.99", *SOME).stdout
    assert table.count("discard  ") == sum(record["may_be_discarded"] for record in records)
    assert _genloss("rank", "--sure", "0.3", *SOME).returncode == 2


@pytest.mark.parametrize(("name", "first"), [("x.csv", "path,"), ("x.json", "["), ("x.jsonl", "{"), ("x.txt", "score ")])
def test_the_name_of_the_output_chooses_the_format(tmp_path, name, first):
    assert _genloss("score", CAT / "original.jpg", "-o", tmp_path / name).returncode == 0
    assert (tmp_path / name).read_text().startswith(first)
    assert _genloss("score", CAT / "original.jpg", "-f", "jsonl", "-o", tmp_path / name).returncode == 0
    assert (tmp_path / name).read_text().startswith("{")


def test_cells_that_a_spreadsheet_would_run_are_neutralised(tmp_path):
    (tmp_path / "=cmd|calc.jpg").write_bytes((CAT / "original.jpg").read_bytes())
    result = subprocess.run(
        [sys.executable, "-m", "genloss.cli", "score", "-f", "csv", "=cmd|calc.jpg", "-gone.jpg"][:7],
        cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    (row,) = csv.DictReader(result.stdout.splitlines())
    assert row["path"] == "'=cmd|calc.jpg"
    assert 0 < float(row["generation_loss"]) < 1


def test_wide_characters_keep_the_columns(tmp_path):
    names = [tmp_path / "写真.jpg", tmp_path / "photo.jpg"]
    for name, source in zip(names, ("original.jpg", "messenger.jpg"), strict=True):
        name.write_bytes((CAT / source).read_bytes())
    _, first, second, _ = _genloss("rank", *names).stdout.splitlines()
    assert cell_len(first[: first.index("JPEG")]) == cell_len(second[: second.index("JPEG")])


def test_lines_are_printed_at_once_and_a_reader_may_stop():
    names = " ".join([str(CAT / "messenger.jpg")] * 150)
    command = f"{sys.executable} -m genloss score {names} | head -n 2; echo ${{PIPESTATUS[0]}}"
    result = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True)
    heading, first, code = result.stdout.splitlines()
    assert heading.split() == ["score", "format", "file"]
    assert first.endswith("messenger.jpg")
    assert code == "0"
    assert result.stderr == ""


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
    lines = _started("score", "--format", "jsonl", *names).stdout.splitlines()
    assert [json.loads(line)["generation_loss"] for line in lines] == one_by_one


def test_the_number_of_threads_changes_no_bit():
    names = sorted((ROOT / "samples").glob("*/*.*"))
    outputs = {
        _started(
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
        lines = _started("score", "--in-process", "--format", "jsonl", *names, env=environment).stdout.splitlines()
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
    result = _started(*words)
    assert result.returncode == 2
    assert "Traceback" not in result.stderr


def test_a_file_name_that_is_not_utf8_is_scored(tmp_path):
    path = os.fsencode(tmp_path) + b"/caf\xe9\n.jpg"
    with open(path, "wb") as stream:
        stream.write((CAT / "original.jpg").read_bytes())
    for words, n_lines in ((["score"], 3), (["score", "--format", "jsonl"], 1)):  # a table has a line above and one below
        result = subprocess.run([sys.executable, "-m", "genloss.cli", *words, path], cwd=ROOT, capture_output=True)
        assert result.returncode == 0, result.stderr
        assert len(result.stdout.splitlines()) == n_lines


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


def test_rank_says_what_is_odd_about_the_number_of_files(tmp_path):
    for names, words in (
        ([tmp_path], "no pictures found"),
        ([CAT / "original.jpg"], "give two or more versions"),
        ([CAT / "messenger.jpg"] * 65, "not for a folder of different ones"),
    ):
        result = _genloss("rank", *names)
        assert result.returncode == 0
        assert words in result.stderr
        assert result.stderr.count("\n") == 1
