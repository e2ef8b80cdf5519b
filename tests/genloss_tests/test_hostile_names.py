"""Names of files that a terminal or a spreadsheet would obey: none reaches it as it is."""

import ast
import io
import sys

import pytest

from genloss.cli import run
from genloss.model.printable import neutralised, printable
from genloss.writers import CsvWriter
from tests.fixtures import ROOT

HOSTILE = "\x1b]0;title\x07\x1b[31m\u202e\n\udce9.jpg"


def _run(monkeypatch, capsys, *words):
    """Exit code, standard output and standard error of the program."""
    monkeypatch.setattr(sys, "argv", ["genloss", *map(str, words)])
    return (run(), *capsys.readouterr())


def test_what_a_terminal_obeys_is_escaped_and_the_scripts_of_people_are_not():
    assert printable(HOSTILE) == r"\x1b]0;title\x07\x1b[31m\u202e\n\xe9.jpg"
    assert printable("a\x9b31m\x7f\r\t\u2028\u2029\u2066") == r"a\x9b31m\x7f\r\t\u2028\u2029\u2066"
    for name in ("写真 テスト.jpg", "caf\xe9.jpg", "\u0645\u06cc\u200c\u062e.png", "👩\u200d👧.gif"):
        assert printable(name) == name


@pytest.mark.parametrize(
    "words",
    [
        ["score", "a.jpg", "--bundle", HOSTILE],
        ["score", "a.jpg", "-o", f"{HOSTILE}/x.csv"],
        ["score", "--files-from", HOSTILE],
        ["rank", HOSTILE, "-o", HOSTILE],
        ["evaluate", "--pairs", HOSTILE, "--files", "."],
        ["scan", HOSTILE],
        ["apply", HOSTILE],
        ["undo", HOSTILE],
        ["audit", HOSTILE, "--out", "x"],
        ["train", "--pairs", HOSTILE, "--out", __file__],
        ["train-pairs", "--groups", HOSTILE, "--out", __file__],
    ],
    ids=lambda words: words[0],
)
def test_errors_are_one_line_that_no_terminal_obeys(words, monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    code, _, said = _run(monkeypatch, capsys, *words)
    assert code == 2
    assert said.startswith("genloss: ")
    assert said.count("\n") == 1
    assert printable(said.rstrip("\n")) == said.rstrip("\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [["rank", f"--{HOSTILE}"], [HOSTILE], ["undo", "a", HOSTILE], ["rank", "a", "-f", HOSTILE]])
def test_wrong_arguments_are_said_without_obeying_them(words, monkeypatch, capsys):
    code, _, said = _run(monkeypatch, capsys, *words)
    assert code == 2
    assert [character for line in said.splitlines() for character in line if not character.isprintable()] == []
    assert "Value error" not in said


@pytest.mark.parametrize(
    "words",
    [["score", ""], ["rank", "", "samples"], ["audit", "samples", "--out", ""], ["audit", "samples", "--out="]],
    ids=" ".join,
)
def test_an_empty_name_is_not_the_current_folder(words, monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    code, _, said = _run(monkeypatch, capsys, *words)
    assert code == 2
    assert "an argument is empty" in said
    assert not list(tmp_path.iterdir())


def test_a_file_that_looks_like_an_option_is_explained(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "-xmas.jpg").write_bytes(b"")
    code, _, said = _run(monkeypatch, capsys, "score", "-xmas.jpg")
    assert code == 2
    assert "./NAME" in said
    code, _, _ = _run(monkeypatch, capsys, "score", "--", "-xmas.jpg")
    assert code == 3


def test_a_table_for_programs_is_safe_where_it_goes_to_a_terminal():
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    for stream, shown in ((io.StringIO(), "\x1b[31m.jpg"), (Terminal(), r"\x1b[31m.jpg")):
        CsvWriter(stream, {"path": str, "place": int}).write({"path": "\x1b[31m.jpg", "place": 1})
        assert stream.getvalue() == f"path,place\n{shown},1\n"


def test_cells_that_look_like_formulas_are_text():
    assert [neutralised(cell) for cell in ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1")] == [
        "'=1+1", "'+1", "'-1", "'@SUM(A1)", "'\t=1", "'\r=1",
    ]  # fmt: skip
    assert [neutralised(cell) for cell in (-1, -0.5, None, True, "a=1", "")] == [-1, -0.5, None, True, "a=1", ""]


def test_commands_speak_to_people_through_one_function():
    """What is printed on standard error by hand would reach the terminal raw."""
    by_hand = []
    for path in sorted((ROOT / "genloss").glob("**/*.py")):
        if path.name == "remarks.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
                escaped = {"error_line", "printable"}
                is_error = any(keyword.arg == "file" for keyword in node.keywords)
                names = {inner.func.id for inner in ast.walk(node) if isinstance(inner, ast.Call) and hasattr(inner.func, "id")}
                words = [argument for argument in node.args if not isinstance(argument, ast.Constant)]
                if is_error and words and not escaped & names:
                    by_hand.append(f"{path.name}:{node.lineno}")
    assert by_hand == []
