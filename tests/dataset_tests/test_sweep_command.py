"""`genloss sweep` and `genloss classify` as they are typed."""

import csv
import json
import re
import sys

import numpy as np
import pytest
from typer.testing import CliRunner

from genloss.model.images.reencoding import encode_png
from genloss.model.memory.explicit_memory import Memory
from genloss.model.memory.keys import draw_keys
from genloss.parser import app
from tests.dataset_tests.labelled_set import make_set, stripes

SMALL = ["--epochs", "6", "--bits", "64", "--levels", "50,5,1", "--no-map"]


def _run(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def test_without_tensorflow_a_sweep_is_one_line(tmp_path, monkeypatch):
    for name in [
        name for name in sys.modules if name.startswith(("keras", "genloss.dataset.networks", "genloss.dataset.sweep"))
    ]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "keras", None)
    result = _run("sweep", make_set(tmp_path / "set", 1), "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert result.stderr.startswith("genloss: extra_missing: a sweep needs packages")
    assert result.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "wrong", [("--levels", "50,high"), ("--levels", "0"), ("--train-quality", "101"), ("--kind", "palette", "--levels", "1")]
)
def test_wrong_levels_are_one_line(tmp_path, wrong):
    result = _run("sweep", tmp_path, "--out", tmp_path / "out", *wrong)
    assert result.exit_code == 2
    assert result.stderr.startswith("genloss: dataset_failed: ")
    assert result.stderr.count("\n") == 1


@pytest.mark.slow
def test_a_sweep_from_folder_to_report_and_a_class_taught_and_forgotten(tmp_path):
    root, out = make_set(tmp_path / "set", 60), tmp_path / "out"
    (root / "down" / "broken.png").write_bytes(b"")
    result = _run("sweep", root, "--out", out, *SMALL, "--train-quality", "5")
    assert result.exit_code == 3, result.output  # the broken file
    assert "broken.png: file_empty" in result.stderr
    document = json.loads((out / "results.json").read_text())
    as_found = document["trained"][0]["levels"]
    assert [level["level"] for level in as_found] == [None, 50, 5, 1]
    assert as_found[0]["accuracy"] > 0.8
    assert as_found[0]["own"] > as_found[0]["other"]
    assert document["trained"][1]["trained_on"] == "5"
    page = (out / "report.html").read_text()
    assert page.count("<svg") >= 3
    assert not re.search(r"""(src|href)=["']https?:""", page.replace('xlink:href="#', ""))
    rows = list(csv.DictReader((out / "predictions.csv").read_text().splitlines()))
    assert len(rows) == 2 * 4 * document["n_pictures"]["test"]

    written = (out / "results.json").read_bytes()
    assert _run("sweep", root, "--out", out, *SMALL, "--train-quality", "5").exit_code == 3
    assert (out / "results.json").read_bytes() == written
    other = _run("sweep", root, "--out", out, *SMALL, "--seed", "1")
    assert other.exit_code == 2
    assert "output_refused" in other.stderr

    files = sorted((root / "across").glob("*.png"))[:8]
    said = json.loads(_run("classify", *files, "--with", out, "-f", "json").stdout)
    assert sum(one["nearest"] == "across" for one in said) >= 6
    noise = tmp_path / "noise"
    noise.mkdir()
    generator = np.random.default_rng(0)
    for number in range(5):
        dots = generator.choice([0, 255], (16, 16, 1)).repeat(2, 0).repeat(2, 1).repeat(3, 2).astype(np.uint8)
        (noise / f"{number}.png").write_bytes(encode_png(dots))
    before = (out / "trained-as-found" / "memory.json").read_bytes()
    unreadable = _run("classify", noise, root / "down" / "broken.png", "--with", out, "--add", "dots")
    assert unreadable.exit_code == 2
    assert "file_empty" in unreadable.stderr
    assert "broken.png" in unreadable.stderr
    assert _run("classify", noise, "--with", out, "--add", "dots").exit_code == 0
    said = json.loads(_run("classify", noise, *files, "--with", out, "-f", "json").stdout)
    assert [one["nearest"] for one in said[:5]] == ["dots"] * 5
    assert sum(one["nearest"] == "across" for one in said[5:]) >= 6
    assert "names_invalid" in _run("classify", noise, "--with", out, "--add", "dots").stderr
    assert _run("classify", "--with", out, "--forget", "dots").exit_code == 0
    memory = out / "trained-as-found" / "memory.json"
    memory.write_bytes(Memory.of_keys(["x"], draw_keys(1, 128, generator)).dumps())
    assert "names_invalid" in _run("classify", *files, "--with", out).stderr
    memory.write_bytes(before)
    assert (out / "trained-as-found" / "memory.json").read_bytes() == before


@pytest.mark.slow
def test_an_interrupted_training_ends_where_an_uninterrupted_one_does(tmp_path):
    import keras  # noqa: F401

    from genloss.dataset.networks.config import ClassifierConfig, FitConfig
    from genloss.dataset.networks.fitting import Sample, fit_classifier
    from genloss.model.memory.keys import draw_keys

    generator = np.random.default_rng(0)
    kinds = ("across", "down")
    pictures = np.stack([stripes(kinds[number % 2], generator, 16) for number in range(40)])
    sample = Sample(pictures, np.arange(40) % 2)
    keys = draw_keys(2, 64, np.random.default_rng(0))
    config, fit = ClassifierConfig(16, (8, 8), 64), FitConfig(epochs=3, batch=8)

    def interrupt(epoch):
        if epoch.number == 2:
            raise StopIteration

    whole, history = fit_classifier(sample, sample, keys, config, fit, tmp_path)
    (tmp_path / "checkpoint.npz").unlink()
    with pytest.raises(StopIteration):
        fit_classifier(sample, sample, keys, config, fit, tmp_path, interrupt)
    resumed, again = fit_classifier(sample, sample, keys, config, fit, tmp_path)
    assert again == history
    for one, other in zip(whole.get_weights(), resumed.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)
