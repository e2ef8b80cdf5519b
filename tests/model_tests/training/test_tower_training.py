"""Training learns, resumes after a stop to the same weights, and refuses what it cannot use."""

from itertools import count

import numpy as np
import pytest

from genloss.model.errors import PairsError, TrainingError
from genloss.model.measurements.features import FeatureConfig
from genloss.model.networks.config import NetworkConfig
from genloss.model.scoring.evaluation import chain_accuracy
from genloss.model.training.batches import batches, count_batches
from genloss.model.training.config import TrainingConfig
from genloss.model.training.dataset import ChainSet
from genloss.model.training.optimisation import schedule
from genloss.model.training.reports import N_PARTS
from genloss.model.training.timed_training import train_for
from genloss.model.training.tower_training import CHECKPOINT, score_versions, train

NETWORK = NetworkConfig(6, dct_units=(8,), conv_units=4, metadata_units=(8,), aggregator_units=8, head_units=8, dropout=0.1)
TRAINING = TrainingConfig(epochs=4, versions_per_batch=24, blocks_per_version=6, learning_rate=0.01, averaging=0.9)


@pytest.fixture(scope="module")
def chains() -> ChainSet:
    """Chains in which each further version has flatter blocks and a larger first fact."""
    generator = np.random.default_rng(0)
    blocks, metadata, spans = [], [], []
    for _ in range(60):
        first = len(blocks)
        contrast = 100.0
        for step in range(int(generator.integers(2, 5))):
            blocks.append(128 + contrast * (generator.random((8, 64)) - 0.5))
            metadata.append([step + generator.normal() * 0.2, *generator.normal(size=5)])
            contrast *= 0.6
        spans.append((first, len(blocks)))
    splits = {"train": np.array(spans[:40]), "validation": np.array(spans[40:50]), "test": np.array(spans[50:])}
    n_present = np.full(len(blocks), 8, np.int32)
    return ChainSet(np.array(blocks).astype(np.uint8), n_present, np.array(metadata, np.float32), splits, "digest")


@pytest.fixture(scope="module")
def learned(chains, tmp_path_factory):
    """A tower that was trained for twelve epochs, and how these went."""
    return train(chains, NETWORK, TrainingConfig(**{**vars(TRAINING), "epochs": 12}), tmp_path_factory.mktemp("learned"))


@pytest.fixture(scope="module")
def undisturbed(chains, tmp_path_factory):
    """A tower that was trained as TRAINING says, and the folder of its run."""
    folder = tmp_path_factory.mktemp("undisturbed")
    return train(chains, NETWORK, TRAINING, folder)[0], folder


def test_the_order_of_a_chain_is_learned(chains, learned):
    tower, history = learned
    assert history[-1].validation_accuracy > 0.8
    assert history[-1].loss < history[0].loss
    assert chain_accuracy(score_versions(tower, chains, "test", 8)) > 0.8
    of_validation = score_versions(tower, chains, "validation", TRAINING.blocks_per_version, TRAINING.versions_per_batch)
    assert np.median(np.concatenate(of_validation)) == pytest.approx(0.5, abs=0.01)


def test_training_goes_on_from_a_parent_of_the_same_shape_only(chains, learned, tmp_path):
    parent, history = learned
    gentle = TrainingConfig(**{**vars(TRAINING), "epochs": 1, "learning_rate": 1e-6})
    _, onward = train(chains, NETWORK, gentle, tmp_path / "child", parent=parent)
    assert onward[0].validation_accuracy == pytest.approx(max(one.validation_accuracy for one in history), abs=0.02)
    with pytest.raises(TrainingError, match="another shape"):
        train(chains, NetworkConfig(6, dct_units=(9,)), TRAINING, tmp_path / "other", parent=parent)


def test_a_tower_keeps_a_share_of_its_parent(chains, undisturbed, tmp_path):
    parent, _ = undisturbed
    towers = [
        train(
            chains, NETWORK, TrainingConfig(**{**vars(TRAINING), "parent_share": share}), tmp_path / str(share), parent=parent
        )[0]
        for share in (0.0, 0.5)
    ]
    alone, mixed = (tower.get_layer("head").get_weights()[0] for tower in towers)
    assert np.allclose(mixed, (alone + parent.get_layer("head").get_weights()[0]) / 2)
    assert not np.allclose(mixed, alone)


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [{"optimizer": "lion", "learning_rate": 0.003}, {"optimizer": "sgd", "learning_rate": 0.3, "schedule": "constant"},
     {"loss": "focal", "schedule": "linear"}, {"loss": "squared_error"}],
    ids=str,
)  # fmt: skip
def test_every_optimizer_and_loss_learns(chains, tmp_path, options):
    training = TrainingConfig(**{**vars(TRAINING), "epochs": 8, **options})
    _, history = train(chains, NETWORK, training, tmp_path)
    assert history[-1].validation_accuracy > 0.75
    assert history[-1].loss < history[0].loss


@pytest.mark.parametrize("name", ["optimizer", "loss", "schedule"])
def test_what_is_not_offered_is_refused(chains, tmp_path, name):
    with pytest.raises(TrainingError, match=f"{name} 'none' is none of"):
        train(chains, NETWORK, TrainingConfig(**{**vars(TRAINING), name: "none"}), tmp_path)


def test_a_loss_that_is_not_finite_ends_the_training(chains, tmp_path):
    wild = TrainingConfig(**{**vars(TRAINING), "optimizer": "sgd", "learning_rate": 1e38})
    with pytest.raises(TrainingError, match="the loss became nan in step"):
        train(chains, NETWORK, wild, tmp_path)


def test_schedules_rise_and_end_where_they_say():
    for kind, middle, last in (("cosine", 0.505, 0.01), ("linear", 0.505, 0.01), ("constant", 1.0, 1.0)):
        rates = [schedule(progress, kind) for progress in (0.0, 0.025, 0.05, 0.525, 1.0)]
        assert rates == pytest.approx([0.05, 0.525, 1.0, middle, last])


def _clock(tick):
    """One that goes on by so many seconds each time somebody looks at it; that is twice in every step of a training."""
    return count(step=tick).__next__


def test_a_training_for_a_time_keeps_to_it_and_keeps_the_best(chains):
    reports = []
    tower = train_for(chains, NETWORK, TRAINING, 100.0, reports.append, _clock(0.25))
    assert [report.part for report in reports] == list(range(1, N_PARTS + 1))
    for report in reports:
        assert 0 <= report.seconds - 100.0 * report.part / N_PARTS <= 3 * 0.25  # a step, and the look at the validation split
    n_steps = 100.0 / 0.5
    assert reports[-1].passes == pytest.approx(n_steps / count_batches(chains, "train", TRAINING.versions_per_batch), rel=0.05)
    found = chain_accuracy(score_versions(tower, chains, "validation", TRAINING.blocks_per_version))
    assert found == pytest.approx(max(report.validation_accuracy for report in reports))
    assert found > 0.75


def test_parts_that_pass_within_a_step_are_left_out_and_the_last_one_never(chains):
    reports = []
    train_for(chains, NETWORK, TRAINING, 100.0, reports.append, _clock(9.0))
    parts = [report.part for report in reports]
    assert parts == sorted(set(parts))
    assert 1 < len(parts) < N_PARTS
    assert parts[-1] == N_PARTS


def test_a_stopped_run_ends_with_the_weights_of_an_undisturbed_one(chains, undisturbed, tmp_path):
    class StoppedError(Exception):
        pass

    def stop(report):
        if report.epoch == 2:
            raise StoppedError

    with pytest.raises(StoppedError):
        train(chains, NETWORK, TRAINING, tmp_path / "stopped", on_epoch=stop)
    resumed, history = train(chains, NETWORK, TRAINING, tmp_path / "stopped")
    whole, _ = undisturbed
    assert [report.epoch for report in history] == [1, 2, 3, 4]
    for left, right in zip(resumed.get_weights(), whole.get_weights(), strict=True):
        assert left == pytest.approx(right, abs=1e-6)


def test_a_checkpoint_of_another_run_is_refused(chains, undisturbed):
    _, folder = undisturbed
    with pytest.raises(TrainingError, match="another configuration"):
        train(chains, NETWORK, TrainingConfig(**{**vars(TRAINING), "epochs": 5}), folder)


def test_a_damaged_checkpoint_is_refused(chains, tmp_path):
    (tmp_path / CHECKPOINT).write_bytes(b"PK\x03\x04 torn")
    with pytest.raises(TrainingError, match="cannot be read"):
        train(chains, NETWORK, TRAINING, tmp_path)


def test_one_pass_sees_every_pair_once(chains):
    seen = 0
    for batch in batches(chains, "train", 24, 6, np.random.default_rng(1)):
        seen += int(batch.weight.sum())
        used = batch.weight > 0
        better = np.where(batch.left_is_worse[used] == 1, batch.right[used], batch.left[used])
        worse = np.where(batch.left_is_worse[used] == 1, batch.left[used], batch.right[used])
        assert (better < worse).all()
        assert len({(int(a), int(b)) for a, b in zip(better, worse)}) == used.sum()
    sizes = np.diff(chains.chains["train"], axis=1)
    assert seen == int((sizes * (sizes - 1) // 2).sum())


def test_a_folder_without_chains_is_refused(tmp_path):
    from genloss.model.training.dataset import open_chains

    with pytest.raises(PairsError, match="make_pairs"):
        open_chains(tmp_path, FeatureConfig())


def test_the_best_epoch_on_the_validation_split_is_kept(chains, tmp_path):
    # A learning rate this high spoils the network again after it was good.
    wild = TrainingConfig(**{**vars(TRAINING), "epochs": 10, "learning_rate": 0.3})
    tower, history = train(chains, NETWORK, wild, tmp_path)
    accuracies = [report.validation_accuracy for report in history]
    found = chain_accuracy(score_versions(tower, chains, "validation", TRAINING.blocks_per_version))
    assert found == pytest.approx(max(accuracies))
    assert max(accuracies) > min(accuracies)
