"""The command as it is typed: summary, JSON, exit codes."""

import json

from typer.testing import CliRunner

from genloss.dataset import reading
from genloss.model.files import lock_folder
from genloss.parser import app
from tests.dataset_tests.made_files import jpeg


def _set(folder):
    for name, quality in (("a/1.jpg", 96), ("a/2.jpg", 96), ("b/3.jpg", 50)):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(jpeg(quality=quality))
    return str(folder)


def test_the_summary_names_the_leading_values_and_the_report(tmp_path):
    result = CliRunner().invoke(app, ["audit", _set(tmp_path / "set"), "--out", str(tmp_path / "out"), "--no-map"])
    assert result.exit_code == 0, result.output
    assert "quality      96 66.7 % (2), 50 33.3 % (1)" in result.output
    assert (tmp_path / "out" / "report.html").is_file()


def test_json_has_all_counts(tmp_path):
    command = [
        "audit",
        _set(tmp_path / "set"),
        "--out",
        str(tmp_path / "out"),
        "--no-map",
        "--group-by",
        "folder",
        "-f",
        "json",
    ]
    result = CliRunner().invoke(app, command)
    document = json.loads(result.stdout)
    assert document["sets"][0]["counts"]["quality"] == {"96": 2, "50": 1}
    assert document["odd_classes"] == []


def test_an_unlabelled_set_is_one_line_with_its_code(tmp_path):
    _set(tmp_path / "set")
    command = ["audit", str(tmp_path / "set" / "a"), "--out", str(tmp_path / "out"), "--no-map", "--group-by", "folder"]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 2
    assert result.stderr.startswith("genloss: dataset_unlabelled: ")
    assert result.stderr.count("\n") == 1


def test_a_file_that_cannot_be_read_is_counted_and_gives_code_three(tmp_path, monkeypatch):
    whole = reading.read_headers

    def read(path, folder):
        if path.endswith("3.jpg"):
            raise PermissionError(13, "Permission denied")
        return whole(path, folder)

    monkeypatch.setattr(reading, "read_headers", read)
    result = CliRunner().invoke(app, ["audit", _set(tmp_path / "set"), "--out", str(tmp_path / "out"), "--no-map"])
    assert result.exit_code == 3
    assert "1 file could not be read" in result.stderr
    assert "3.jpg" in (tmp_path / "out" / "lists" / "broken-unreadable.csv").read_text()


def test_an_interrupted_audit_is_not_compared_with(tmp_path, monkeypatch):
    def interrupt(path, folder):
        raise KeyboardInterrupt

    pictures, other = _set(tmp_path / "set"), str(tmp_path / "other")
    with monkeypatch.context() as patched:
        patched.setattr(reading, "read_headers", interrupt)
        CliRunner().invoke(app, ["audit", pictures, "--out", other, "--no-map"])
    compare = ["audit", pictures, "--out", str(tmp_path / "out"), "--no-map", "--compare", other]
    result = CliRunner().invoke(app, compare)
    assert result.exit_code == 2
    assert result.stderr.startswith("genloss: dataset_unreadable: ")
    assert "was interrupted" in result.stderr
    assert CliRunner().invoke(app, ["audit", pictures, "--out", other, "--no-map"]).exit_code == 0
    assert CliRunner().invoke(app, compare).exit_code == 0


def test_a_second_audit_in_one_folder_is_one_clear_line(tmp_path):
    pictures, out = _set(tmp_path / "set"), tmp_path / "out"
    out.mkdir()
    with lock_folder(out):
        result = CliRunner().invoke(app, ["audit", pictures, "--out", str(out), "--no-map"])
    assert result.exit_code == 2
    assert "another audit works in" in result.stderr
    assert not list(out.iterdir())
    assert CliRunner().invoke(app, ["audit", pictures, "--out", str(out), "--no-map"]).exit_code == 0
