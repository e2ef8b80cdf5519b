"""The network's promises: shared weights, frozen comparator, padding that does not matter, ONNX that agrees."""

import keras
import numpy as np
import pytest

from genloss.model.errors import TrainingError
from genloss.model.measurements.dct import block_dct
from genloss.model.networks.config import ACTIVATIONS, AGGREGATORS, NetworkConfig
from genloss.model.networks.layers import BlockDCT, MetadataJitter
from genloss.model.networks.onnx_export import export_onnx, parity
from genloss.model.networks.siamese import build_chain_siamese, build_siamese, cut_tower
from genloss.model.networks.tower import build_tower

SIZE = 20


def _tower(aggregator="lstm", **options):
    keras.utils.set_random_seed(5)
    return build_tower(NetworkConfig(SIZE, aggregator=aggregator, **options))


def _pictures(n_pictures=4, n_blocks=6, seed=0):
    generator = np.random.default_rng(seed)
    blocks = generator.integers(0, 256, (n_pictures, n_blocks, 8, 8), dtype=np.uint8)
    presence = np.ones((n_pictures, n_blocks), np.float32)
    return [blocks, presence, generator.normal(size=(n_pictures, SIZE)).astype(np.float32)]


@pytest.mark.parametrize("aggregator", AGGREGATORS)
def test_scores_lie_between_0_and_1(aggregator):
    scores = _tower(aggregator).predict_on_batch(_pictures())
    assert scores.shape == (4, 1)
    assert ((scores > 0) & (scores < 1)).all()


@pytest.mark.parametrize("aggregator", AGGREGATORS)
def test_padding_changes_nothing(aggregator):
    tower = _tower(aggregator)
    blocks, presence, metadata = _pictures()
    padding = np.random.default_rng(9).integers(0, 256, (4, 5, 8, 8), dtype=np.uint8)
    padded = [np.concatenate([blocks, padding], 1), np.pad(presence, ((0, 0), (0, 5))), metadata]
    assert np.abs(tower.predict_on_batch([blocks, presence, metadata]) - tower.predict_on_batch(padded)).max() < 1e-6


def test_the_lstm_minds_the_order_and_the_weighted_sum_does_not():
    blocks, presence, metadata = _pictures()
    for aggregator, matters in (("lstm", True), ("weighted_sum", False)):
        tower = _tower(aggregator)
        there = tower.predict_on_batch([blocks, presence, metadata])
        back = tower.predict_on_batch([blocks[:, ::-1], presence, metadata])
        assert (np.abs(there - back).max() > 1e-5) == matters


def test_swapping_the_sides_swaps_the_verdict():
    siamese = build_siamese(_tower(), 20.0)
    left, right = _pictures(seed=1), _pictures(seed=2)
    there, back = siamese.predict_on_batch([*left, *right]), siamese.predict_on_batch([*right, *left])
    assert there + back == pytest.approx(np.ones((4, 1)), abs=1e-5)
    assert siamese.predict_on_batch([*left, *left]) == pytest.approx(np.full((4, 1), 0.5), abs=1e-6)


def test_the_higher_score_is_called_worse():
    tower = _tower()
    left, right = _pictures(seed=1), _pictures(seed=2)
    worse = build_siamese(tower, 20.0).predict_on_batch([*left, *right])
    difference = tower.predict_on_batch(left) - tower.predict_on_batch(right)
    assert np.array_equal(worse > 0.5, difference > 0)
    assert worse == pytest.approx(1 / (1 + np.exp(-20.0 * difference)), abs=1e-4)


def test_chains_and_two_towers_are_the_same_network():
    tower = _tower()
    pictures = _pictures()
    left, right = np.array([0, 1, 3], np.int32), np.array([2, 0, 1], np.int32)
    chain = build_chain_siamese(tower, 20.0).predict_on_batch([*pictures, left, right])
    pair = build_siamese(tower, 20.0).predict_on_batch([*(one[left] for one in pictures), *(one[right] for one in pictures)])
    assert chain == pytest.approx(pair, abs=1e-5)


def test_the_comparator_is_frozen_and_the_towers_are_one():
    tower = _tower()
    siamese = build_siamese(tower, 20.0)
    assert len(siamese.trainable_variables) == len(tower.trainable_variables)
    assert np.array_equal(np.array(siamese.get_layer("comparator").kernel)[:, 0], [20.0, -20.0])
    assert cut_tower(siamese) is tower


def test_the_dct_inside_the_network_is_the_one_outside():
    blocks = _pictures()[0]
    expected = block_dct(blocks.reshape(-1, 8, 8)).T.reshape(4, 6, 64)
    found = np.array(BlockDCT()(blocks))
    assert found == pytest.approx(np.sign(expected) * np.log1p(np.abs(expected)), abs=1e-4)


def test_jitter_works_in_training_only():
    layer = MetadataJitter(0.5)
    values = np.zeros((100, 20), np.float32)
    assert np.array_equal(np.array(layer(values)), values)
    assert np.array(layer(values, training=True)).std() == pytest.approx(0.5, rel=0.1)


@pytest.mark.parametrize("aggregator", AGGREGATORS)
def test_onnx_agrees_with_keras(aggregator):
    tower = _tower(aggregator)
    assert parity(tower, export_onnx(tower), n_pictures=12, seed=4) < 1e-5


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("kernels", [(3, 3), (5, 3), (1, 5)])
def test_onnx_agrees_with_keras_for_every_activation_and_kernel(activation, kernels):
    tower = _tower("weighted_sum", activation=activation, conv_kernels=kernels, dct_units=(16,), metadata_units=(16, 12, 8))
    assert parity(tower, export_onnx(tower), n_pictures=12, seed=4) < 1e-5


def test_activations_differ():
    scores = [_tower(activation=activation).predict_on_batch(_pictures()) for activation in ACTIVATIONS]
    for index, one in enumerate(scores):
        assert all(np.abs(one - other).max() > 1e-4 for other in scores[:index])


@pytest.mark.parametrize("options", [{}, {"activation": "gelu", "conv_kernels": (5, 3)}])
def test_a_saved_tower_scores_the_same(tmp_path, options):
    tower = _tower(**options)
    tower.save(tmp_path / "tower.keras")
    again = keras.models.load_model(tmp_path / "tower.keras")
    assert np.array_equal(tower.predict_on_batch(_pictures()), again.predict_on_batch(_pictures()))


def test_an_unknown_aggregator_is_refused():
    with pytest.raises(TrainingError, match="weighted_sum"):
        _tower("mean")


def test_an_unknown_activation_is_refused():
    with pytest.raises(TrainingError, match="silu"):
        _tower(activation="step")


def test_kernels_larger_than_a_block_are_refused():
    with pytest.raises(TrainingError, match="leave nothing of a block"):
        _tower(conv_kernels=(5, 5))
