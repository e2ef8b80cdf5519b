"""What a person sees of search/tune.py: a real small study, its files, and its errors."""

import json
import re
import subprocess
import sys
from pathlib import Path

import optuna
import pytest

from genloss.model.files import lock_folder
from genloss.model.networks.config import NetworkConfig
from genloss.model.training.configuration import from_document
from genloss.search.console import SearchConsole
from genloss.search.options import SearchOptions
from genloss.search.space import shipped_parameters
from genloss.search.tune import main
from tests.fixtures import ROOT


def _tune(pairs, out, *words):
    return [
        sys.executable, "search/tune.py", "--pairs", str(pairs), "--out", str(out), "--budget-minutes", "0.02",
        "--trials", "2", "--fraction", "0.5", "--max-latency", "9", *words,
    ]  # fmt: skip


@pytest.fixture(scope="module")
def searched(small_pairs, tmp_path_factory):
    out = tmp_path_factory.mktemp("search")
    result = subprocess.run(_tune(small_pairs, out), cwd=ROOT, capture_output=True, text=True, timeout=900)
    assert result.returncode == 0, result.stderr
    return out, result.stderr


def test_a_study_is_run_and_its_best_can_be_trained(searched):
    out, said = searched
    study = optuna.load_study(study_name="genloss", storage=f"sqlite:///{out / 'study.sqlite'}")
    trials = study.get_trials()
    assert len(trials) == 2
    assert all(trial.state.is_finished() for trial in trials)
    assert trials[0].params == shipped_parameters()
    assert trials[0].intermediate_values
    document = json.loads((out / "best.json").read_text())
    network, _ = from_document(document, 5)
    assert document == study.best_trial.user_attrs["document"]
    if study.best_trial.number == 0:
        assert network == NetworkConfig(5)
    assert f"best {100 * study.best_value:.2f} % (trial {study.best_trial.number})" in said
    assert len(re.findall(r"^trial \d+: ", said, re.MULTILINE)) == 2
    assert "Traceback" not in said


def test_the_report_needs_no_network(searched):
    page = (searched[0] / "report.html").read_text()
    for heading in (
        "The best",
        "History",
        "While they trained",
        "What matters",
        "One parameter at a time",
        "Accuracy and time",
    ):
        assert f"<h2>{heading}</h2>" in page
    assert page.count("<svg") >= 5
    assert "<script" not in page
    # Names of XML vocabularies look like addresses and are never fetched.
    assert not re.findall(r"(?:src|href)=[\"']?(?:https?:)?//", page)


def test_a_finished_study_is_not_searched_again(searched, small_pairs, capsys):
    out, _ = searched
    (out / "best.json").unlink()
    assert main(_tune(small_pairs, out)[2:]) == 0
    assert (out / "best.json").exists()
    assert not re.search(r"^trial \d+: ", capsys.readouterr().err, re.MULTILINE)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--seed", "4"], "the study 'genloss' was made with seed 1683, now it is 4"),
        (["--no-resume"], "exists already"),
        (["--storage", "nonsense"], "the database 'nonsense' cannot be used"),
        (["--timeout", "0.01"], "leaves no room for a trial"),
        (["--study", "other"], "holds the results of another study, 'genloss'"),
    ],
)
def test_errors_are_one_line(searched, small_pairs, capsys, words, said):
    assert main(_tune(small_pairs, searched[0], *words)[2:]) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("tune: ")
    assert said in lines[0]


def test_a_folder_that_another_command_works_in_is_one_line(searched, small_pairs, capsys):
    with lock_folder(searched[0]):
        assert main(_tune(small_pairs, searched[0])[2:]) == 2
    assert "tune: a run of another command works in" in capsys.readouterr().err


def test_no_pairs_is_one_line(tmp_path, capsys):
    assert main(_tune(tmp_path, tmp_path / "out")[2:]) == 2
    assert "make it with datagen/make_pairs.py" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "words",
    [
        ["--fraction", "0"], ["--trials", "0"], ["--objectives", "speed"], ["--budget-minutes", "-1"], ["--study", ""],
        ["--study", "\udcff"], ["--storage", ""], ["--seed", str(2**32)],
    ],
)  # fmt: skip
def test_arguments_out_of_range_are_refused(tmp_path, words, capsys):
    with pytest.raises(SystemExit) as caught:
        main(_tune(tmp_path, tmp_path / "out", *words)[2:])
    assert caught.value.code == 2
    assert words[0] in capsys.readouterr().err


def test_measuring_has_a_bar_only_if_it_happens(capsys):
    with SearchConsole():
        pass
    assert capsys.readouterr().err == ""
    with SearchConsole() as console:
        console.show_measuring(3, 7)
    said = capsys.readouterr().err
    assert "measuring versions" in said
    assert "3/7" in said


def test_options_have_the_defaults_of_the_dataclass(monkeypatch):
    found = []
    monkeypatch.setattr("genloss.search.run.run_search", found.append)
    assert main(["--pairs", "a", "--out", "b"]) == 0
    assert main(["--pairs", "a", "--out", "b", "--objectives", "accuracy,latency", "--no-resume", "--study", "x"]) == 0
    assert found == [
        SearchOptions(Path("a"), Path("b")),
        SearchOptions(Path("a"), Path("b"), objectives=("accuracy", "latency"), resume=False, study_name="x"),
    ]
