"""The pair judge: it has no side, learns what differs, resumes, and its orders agree best with its comparisons."""

import numpy as np
import pytest

from genloss.model.errors import TrainingError
from genloss.model.networks.config import JudgeConfig, NetworkConfig
from genloss.model.networks.judge import build_judge
from genloss.model.networks.onnx_export import export_judge, judge_parity
from genloss.model.networks.tower import build_tower
from genloss.model.scoring.bundle import load_bundle
from genloss.model.training.config import JudgeTraining
from genloss.model.training.dataset import ChainSet
from genloss.model.training.judge_training import CHECKPOINT, collect_evidence, judge_chains, train_judge
from genloss.model.training.parent import keras_judge

CONFIG = JudgeConfig(6, 2, embedding_units=16, hidden_units=(16, 8), dropout=0.1, jitter=0.01)
TRAINING = JudgeTraining(epochs=6, pairs_per_batch=32, learning_rate=0.01)


@pytest.fixture(scope="module")
def chains() -> ChainSet:
    """Loss shows only beside the other version: each picture has its own level, each edit adds a little to it."""
    generator = np.random.default_rng(0)
    metadata, spans = [], []
    for _ in range(150):
        level = generator.normal(size=4) * 10
        n_versions = int(generator.integers(2, 6))
        spans.append((len(metadata), len(metadata) + n_versions))
        edits = np.arange(n_versions)[:, None]
        rows = level + edits + generator.normal(size=(n_versions, 4)) * 0.1
        metadata += np.concatenate([rows, generator.normal(size=(n_versions, 2))], axis=1).tolist()
    blocks = generator.integers(0, 256, (len(metadata), 3, 64), dtype=np.uint8)
    splits = {"train": np.array(spans[:110]), "validation": np.array(spans[110:130]), "test": np.array(spans[130:])}
    return ChainSet(blocks, np.full(len(blocks), 3, np.int32), np.array(metadata, np.float32), splits, "digest")


@pytest.fixture(scope="module")
def evidence(chains, tmp_path_factory):
    tower = build_tower(NetworkConfig(6, metadata_units=(4,), aggregator_units=2, head_units=4))
    return collect_evidence(tower, chains, 3, tmp_path_factory.mktemp("evidence"))


def test_swapping_the_sides_changes_the_sign_and_nothing_else():
    judge = build_judge(CONFIG)
    left, right = np.random.default_rng(1).normal(size=(2, 9, 8)).astype(np.float32)
    there, back = (np.asarray(judge.predict_on_batch(list(sides))) for sides in ((left, right), (right, left)))
    assert np.array_equal(there, -back)
    assert np.abs(there).max() > 0
    assert np.array_equal(np.asarray(judge.predict_on_batch([left, left])), np.zeros((9, 1)))


def test_evidence_is_metadata_then_the_towers_summary_and_is_kept(chains, tmp_path):
    tower = build_tower(NetworkConfig(6, metadata_units=(4,), aggregator_units=2, head_units=4))
    seen = []
    first = collect_evidence(tower, chains, 3, tmp_path, lambda done, total: seen.append((done, total)))
    assert first.shape == (len(chains.metadata), 6 + 2)
    assert np.array_equal(first[:, :6], chains.metadata)
    assert first[:, 6:].std(axis=0).max() > 0
    assert seen[-1] == (len(first), len(first))
    seen.clear()
    assert np.array_equal(collect_evidence(tower, chains, 3, tmp_path, lambda done, total: seen.append(done)), first)
    assert not seen


@pytest.fixture(scope="module")
def learned(chains, evidence, tmp_path_factory):
    """A judge that was trained for twenty epochs, and how these went."""
    return train_judge(evidence, chains, CONFIG, JudgeTraining(20, 32, 0.01), tmp_path_factory.mktemp("learned"))


def test_what_only_shows_side_by_side_is_learned(chains, evidence, learned):
    judge, history = learned
    assert history[-1].validation_accuracy > 0.9
    right = [np.triu(matrix < 0, 1).sum() for matrix in judge_chains(judge, evidence, chains, "test")]
    pairs = [len(matrix) * (len(matrix) - 1) // 2 for matrix in judge_chains(judge, evidence, chains, "test")]
    assert sum(right) / sum(pairs) > 0.9


def test_a_judge_goes_on_from_a_parent_of_the_same_shape_only(chains, evidence, learned, tmp_path):
    parent, history = learned
    gentle = JudgeTraining(1, 32, 1e-6)
    _, onward = train_judge(evidence, chains, CONFIG, gentle, tmp_path / "child", parent=parent)
    assert onward[0].validation_accuracy == pytest.approx(history[-1].validation_accuracy, abs=0.02)
    other = JudgeConfig(6, 2, embedding_units=9, hidden_units=(16, 8))
    with pytest.raises(TrainingError, match="another shape"):
        train_judge(evidence, chains, other, TRAINING, tmp_path / "other", parent=parent)


def test_a_stopped_judge_ends_like_an_undisturbed_one(chains, evidence, tmp_path):
    class StoppedError(Exception):
        pass

    def stop(report):
        if report.epoch == 3:
            raise StoppedError

    with pytest.raises(StoppedError):
        train_judge(evidence, chains, CONFIG, TRAINING, tmp_path / "stopped", on_epoch=stop)
    resumed, history = train_judge(evidence, chains, CONFIG, TRAINING, tmp_path / "stopped")
    whole, _ = train_judge(evidence, chains, CONFIG, TRAINING, tmp_path / "whole")
    assert [report.epoch for report in history] == [1, 2, 3, 4, 5, 6]
    for left, right in zip(resumed.get_weights(), whole.get_weights(), strict=True):
        assert left == pytest.approx(right, abs=1e-6)
    with pytest.raises(TrainingError, match="another configuration"):
        train_judge(evidence, chains, CONFIG, JudgeTraining(epochs=7), tmp_path / "whole")
    (tmp_path / "whole" / CHECKPOINT).write_bytes(b"PK\x03\x04 torn")
    with pytest.raises(TrainingError, match="cannot be read"):
        train_judge(evidence, chains, CONFIG, TRAINING, tmp_path / "whole")


def test_onnx_agrees_with_keras():
    judge = build_judge(CONFIG)
    judge.get_layer("standardise").adapt(np.random.default_rng(2).normal(3, 2, (50, 8)))
    assert judge_parity(judge, export_judge(judge), n_pairs=40, seed=3) < 1e-5


def test_the_shipped_judge_is_read_back_weight_for_weight():
    bundle = load_bundle()
    assert export_judge(keras_judge(bundle)) == bundle.judge
