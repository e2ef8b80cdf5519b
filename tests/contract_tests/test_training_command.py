"""From pictures to a bundle that scores: the whole way, small."""

import json
import subprocess
import sys

from genloss import Scorer
from genloss.model.networks.config import NetworkConfig
from tests.fixtures import LIMIT_SECONDS, ROOT, make_pairs
from tests.in_process import genloss_here


def test_make_pairs_then_train_then_score(small_pairs, tmp_path):
    config, out = tmp_path / "config.json", tmp_path / "run"
    network = {"activation": "silu", "dct_units": [24], "jitter": 0.3}
    config.write_text(
        json.dumps({"network": network, "training": {"epochs": 7, "blocks_per_version": 16, "schedule": "linear"}})
    )
    train = [
        "train", "--pairs", small_pairs, "--out", out, "--config", config,
        "--epochs", "2", "--jitter", "0.2", "--comparator", "30", "--judge-epochs", "2", "--corpus", "the samples",
    ]  # fmt: skip
    started = [sys.executable, "-m", "genloss.cli", *train]
    result = subprocess.run(started, cwd=ROOT, capture_output=True, text=True, timeout=4 * LIMIT_SECONDS)
    assert result.returncode == 0, result.stderr
    assert "test split by score:" in result.stderr
    assert "test split side by side:" in result.stderr
    description = json.loads((out / "bundle/bundle.json").read_text())
    assert description["corpus"] == "the samples"
    assert len(description["history"]) == 2  # what is typed wins over the file
    assert description["network"]["jitter"] == 0.2
    assert description["network"]["comparator_k"] == 30.0
    assert description["network"]["dct_units"] == [24]  # what is not typed is the file's, whatever the option's default
    assert description["training"]["blocks_per_version"] == 16
    assert description["training"]["schedule"] == "linear"
    assert description["network"]["dropout"] == NetworkConfig(1).dropout
    assert "the samples" in (out / "bundle/README.md").read_text()
    again = genloss_here(*train)
    assert again.returncode == 0
    assert b"epoch 1:" not in again.stderr  # finished epochs are not trained twice
    assert 0 < Scorer(out / "bundle").score_file(ROOT / "samples/cat/original.jpg").generation_loss < 1


def test_a_pair_set_without_held_out_sources_is_refused_before_training(tmp_path):
    images, pairs = tmp_path / "images", tmp_path / "pairs"
    images.mkdir()
    (images / "only.jpg").write_bytes((ROOT / "samples/cat/original.jpg").read_bytes())
    make_pairs(images, pairs, 3)
    result = genloss_here("train", "--pairs", pairs, "--out", tmp_path / "run")
    assert result.returncode == 2
    assert b"genloss: training_failed: the pair set has no chains in its" in result.stderr
    assert not (tmp_path / "run").exists()


def test_a_configuration_with_a_mistake_is_refused_before_anything_is_measured(small_pairs, tmp_path):
    (tmp_path / "config.json").write_text('{"network": {"depth": 3}}')
    result = genloss_here("train", "--pairs", small_pairs, "--out", tmp_path / "run", "--config", tmp_path / "config.json")
    assert result.returncode == 2
    assert b"genloss: training_failed: configuration: network has no 'depth'" in result.stderr
    assert not (tmp_path / "run").exists()
