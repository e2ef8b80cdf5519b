"""Exports tower and judge to ONNX, and checks that the results agree with Keras. The LSTM becomes a single operator."""

import keras
import numpy as np
import onnx
from numpy.typing import NDArray

from genloss.model.errors import TrainingError
from genloss.model.networks.onnx_graphs import JudgeGraph, TowerGraph
from genloss.model.onnx_runtime import onnxruntime

TOLERANCE = 1e-5


def export_onnx(tower: keras.Model) -> bytes:
    """Exports the tower: inputs blocks, presence and metadata, outputs generation_loss and block_summary.

    The graph is built from the weights and not traced, because a traced Keras LSTM becomes a loop that is six times slower.

    Raises:
        TrainingError: the ONNX graph does not agree with Keras to 1e-5 on random pictures.
    """
    model = TowerGraph(tower).build()
    onnx.checker.check_model(model)
    data: bytes = model.SerializeToString()
    worst = parity(tower, data)
    if worst > TOLERANCE:
        raise TrainingError(f"ONNX and Keras disagree by {worst:.2e}, more than {TOLERANCE}")
    return data


def export_judge(judge: keras.Model) -> bytes:
    """Exports the judge: inputs left and right, output log_odds.

    Raises:
        TrainingError: the ONNX graph does not agree with Keras to 1e-4 (log odds reach tens) on random evidence.
    """
    model = JudgeGraph(judge).build()
    onnx.checker.check_model(model)
    data: bytes = model.SerializeToString()
    worst = judge_parity(judge, data)
    if worst > 10 * TOLERANCE:
        raise TrainingError(f"ONNX and Keras disagree by {worst:.2e} about pairs, more than {10 * TOLERANCE}")
    return data


def parity(tower: keras.Model, data: bytes, n_pictures: int = 8, seed: int = 0) -> float:
    """Largest difference between the scores of Keras and ONNX over random pictures of 1 to 512 blocks."""
    generator = np.random.default_rng(seed)
    blocks = generator.integers(0, 256, (n_pictures, 512, 8, 8), dtype=np.uint8)
    present = np.unique(np.append(generator.integers(1, 513, n_pictures - 2), [1, 512]))
    present = np.resize(present, n_pictures)
    presence = (np.arange(512)[None] < present[:, None]).astype(np.float32)
    metadata = _likely(tower.get_layer("standardise"), n_pictures, generator)
    expected = tower.predict_on_batch([blocks, presence, metadata])
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    (found,) = session.run(["generation_loss"], {"blocks": blocks, "presence": presence, "metadata": metadata})
    return float(np.abs(found - np.asarray(expected)).max())


def judge_parity(judge: keras.Model, data: bytes, n_pairs: int = 16, seed: int = 0) -> float:
    """Largest difference between the log odds of Keras and ONNX over random pairs."""
    generator = np.random.default_rng(seed)
    left, right = (_likely(judge.get_layer("standardise"), n_pairs, generator) for _ in range(2))
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"left": left, "right": right})
    return float(np.abs(found - np.asarray(judge.predict_on_batch([left, right]))).max())


def _likely(standardise: keras.layers.Layer, n_rows: int, generator: np.random.Generator) -> NDArray[np.float32]:
    """Random rows with the mean and deviation the layer was adapted to."""
    scale = np.array(standardise.scale)
    spread = np.where(scale > 0, 1 / np.maximum(scale, 1e-6), 0)
    return (np.array(standardise.mean) + spread * generator.normal(size=(n_rows, scale.size))).astype(np.float32)
