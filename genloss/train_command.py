"""What `genloss train` does: train with a progress bar, measure on held-out sources, write the bundle."""

import os
import shlex
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from model.errors import TrainingError

try:
    import keras
    import onnxruntime

    from model.dataset import ChainSet, open_chains
    from model.export import export_onnx
    from model.training import EpochReport, TrainingConfig, score_versions, train
except ImportError as error:
    raise TrainingError(
        f"training needs TensorFlow and ONNX ({error}); install them with pip install 'genloss[train]'"
    ) from error

import numpy as np

from model.bundle import save_bundle
from model.evaluation import calibration_error, chain_accuracy, chain_differences, fit_slope, top_1
from model.features import FeatureConfig
from model.network import NetworkConfig


def run_training(
    pairs: Path, out: Path, epochs: int, versions_per_batch: int, blocks: int, learning_rate: float, seed: int,
    aggregator: str, dropout: float, jitter: float, corpus: str,
) -> None:  # fmt: skip
    """Trains, evaluates on the test split, and writes OUT/bundle with its model card.

    Raises:
        GenerationLossError: anything a user can act on: pairs, configuration, checkpoint.
    """
    console = Console(stderr=True)
    features = FeatureConfig()
    data = open_chains(pairs, features)
    for split in ("validation", "test"):  # found out now, not after hours of training
        if not len(data.chains.get(split, ())):
            raise TrainingError(f"the pair set has no chains in its {split} split; use more originals or more chains")
    network = NetworkConfig(data.metadata.shape[1], aggregator=aggregator, dropout=dropout, jitter=jitter)
    training = TrainingConfig(
        epochs=epochs, versions_per_batch=versions_per_batch, blocks_per_version=blocks, learning_rate=learning_rate, seed=seed
    )
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:.0f} %"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("training", total=None)

        def on_step(step: int, total: int, loss: float, accuracy: float) -> None:
            description = f"loss {loss:.4f}, pair accuracy {100 * accuracy:.1f} %"
            progress.update(task, completed=step, total=total, description=description)

        def on_epoch(report: EpochReport) -> None:
            console.print(
                f"epoch {report.epoch}: loss {report.loss:.4f}, pair accuracy {100 * report.pair_accuracy:.2f} %, "
                f"validation {100 * report.validation_accuracy:.2f} %, {report.seconds:.0f} s"
            )

        tower, history = train(data, network, training, out, on_step, on_epoch)
    console.print("measuring on held-out sources")
    validation = _held_out(tower, data, "validation", features)
    differences = validation.pop("differences")
    slope = fit_slope(differences)
    odds = 1.0 / (1.0 + np.exp(-slope * np.abs(differences)))
    test = _held_out(tower, data, "test", features)
    test["calibration_error"] = calibration_error(test.pop("differences"), slope)
    description = {
        "features": asdict(features),
        "network": asdict(network),
        "training": asdict(training),
        "calibration": {"slope": slope, "close_call": float(np.quantile(odds, 0.1))},
        "corpus": corpus,
        "chains": {
            "sha256": data.sha256,
            **{split: {"chains": len(rows), "versions": int(np.diff(rows).sum())} for split, rows in data.chains.items()},
        },
        "command": shlex.join(["genloss", *sys.argv[1:]]),
        "versions": {"keras": keras.__version__, "backend": keras.backend.backend(), "onnxruntime": onnxruntime.__version__},
        "evaluation": {"validation": validation, "test": test},
        "history": [asdict(report) for report in history],
    }
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "tower.keras"
        tower.save(path)
        files = {
            "tower.keras": path.read_bytes(),
            "tower.onnx": export_onnx(tower),
            "README.md": _model_card(description).encode(),
        }
    save_bundle(out / "bundle", files, description)
    console.print(
        f"test split: {100 * test['pair_accuracy']:.2f} % of {test['n_pairs']} pairs, original first in "
        f"{100 * test['top_1']:.2f} % of {test['n_chains']} chains; bundle in {out / 'bundle'}"
    )


def _held_out(tower: keras.Model, data: ChainSet, split: str, features: FeatureConfig) -> dict[str, Any]:
    scores = score_versions(tower, data, split, features.n_blocks)
    differences = chain_differences(scores)
    return {
        "differences": differences,
        "n_chains": len(scores),
        "n_pairs": len(differences),
        "pair_accuracy": chain_accuracy(scores),
        "original_accuracy": float(np.mean(np.concatenate([one[1:] > one[0] for one in scores]))),
        "neighbour_accuracy": float(np.mean(np.concatenate([np.diff(one) > 0 for one in scores]))),
        "top_1": top_1(scores),
    }


def _model_card(description: dict[str, Any]) -> str:
    test = description["evaluation"]["test"]
    chains = description["chains"]
    counts = ", ".join(f"{chains[split]['chains']} for {split}" for split in ("train", "validation", "test"))
    return f"""# Model card

A score of this model compares versions of the same picture; between different pictures it means nothing.

- **Trained on**: {description["corpus"]}
- **Chains**: {counts}, split by source picture
  (sha256 of chains.jsonl: `{chains["sha256"]}`)
- **Command**: `{description["command"]}`
- **Seed**: {description["training"]["seed"]}; Keras {description["versions"]["keras"]} on {description["versions"]["backend"]}

## Held-out test split (sources never seen in training or tuning)

| measure | value | of |
|---|---|---|
| all ordered pairs of a chain | {100 * test["pair_accuracy"]:.1f} % | {test["n_pairs"]} pairs |
| original against edit | {100 * test["original_accuracy"]:.1f} % | |
| neighbour against neighbour | {100 * test["neighbour_accuracy"]:.1f} % | |
| original ranked first | {100 * test["top_1"]:.1f} % | {test["n_chains"]} chains |
| calibration error of stated odds | {test["calibration_error"]:.3f} | |

Everything else (network, training, calibration, history) stands in bundle.json.
"""
