"""The same training under each Keras backend that is installed: two steps, a checkpoint, and the ONNX export agree."""

import importlib.util
import json
import os
import subprocess
import sys

import pytest

from tests.fixtures import ROOT

TWO_STEPS = """
import json, sys
from pathlib import Path
import keras
import numpy as np
from genloss.model.training.dataset import ChainSet
from genloss.model.networks.onnx_export import export_onnx, parity
from genloss.model.networks.tower import NetworkConfig
from genloss.model.training.tower_training import TrainingConfig, score_versions, train

generator = np.random.default_rng(0)
blocks = generator.integers(0, 256, (60, 4, 64), dtype=np.uint8)
metadata = generator.normal(size=(60, 6)).astype(np.float32)
spans = np.arange(0, 60, 3)
chains = np.stack([spans, spans + 3], axis=1)
data = ChainSet(blocks, np.full(60, 4, np.int32), metadata, {"train": chains[:16], "validation": chains[16:]}, "digest")
network = NetworkConfig(6, dct_units=(8,), conv_units=4, metadata_units=(8,), aggregator_units=8, head_units=8)
steps, losses = [], []
training = TrainingConfig(epochs=1, versions_per_batch=24, blocks_per_version=4)
tower, history = train(data, network, training, Path(sys.argv[1]), lambda step, total, loss, accuracy: steps.append(step))
again, same = train(data, network, training, Path(sys.argv[1]))
scores = [score.tolist() for score in score_versions(tower, data, "validation", 4)]
print(json.dumps({
    "backend": keras.backend.backend(), "steps": len(steps), "loss": history[0].loss, "resumed": history == same,
    "same_weights": all(np.array_equal(a, b) for a, b in zip(tower.get_weights(), again.get_weights())),
    "parity": parity(tower, export_onnx(tower), n_pictures=4), "scores": scores,
}))
"""


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["tensorflow", "torch", "jax"])
def test_two_steps_of_training(backend, tmp_path):
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    result = subprocess.run(
        [sys.executable, "-c", TWO_STEPS, tmp_path], cwd=ROOT, env={**os.environ, "KERAS_BACKEND": backend},
        capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout.splitlines()[-1])
    assert found["backend"] == backend
    assert found["steps"] == 2
    assert 0 < found["loss"] < 5
    assert found["resumed"]
    assert found["same_weights"]
    assert found["parity"] < 1e-5
    assert all(0 < score < 1 for chain in found["scores"] for score in chain)
