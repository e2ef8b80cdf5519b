"""What `genloss train` does: train with a progress bar, measure on held-out sources, write the bundle."""

import os
import shlex
import sys
import tempfile
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from model.errors import TrainingError

try:
    import keras
    import onnxruntime

    from model.configuration import MEASURED, from_document, read_document
    from model.dataset import open_chains
    from model.export import export_judge, export_onnx
    from model.judge import JudgeConfig
    from model.judge_training import JudgeTraining, collect_evidence, judge_chains, train_judge
    from model.training import EpochReport, score_versions, train
except ImportError as error:
    raise TrainingError(
        f"training needs TensorFlow and ONNX ({error}); install them with pip install 'genloss[train]'"
    ) from error

import numpy as np
from numpy.typing import NDArray

from model.bundle import JUDGE_KERAS, KERAS, Bundle, load_bundle, save_bundle
from model.evaluation import calibration_error, fit_slope
from model.features import FeatureConfig
from model.progress_log import NAME as PROGRESS_LOG
from model.progress_log import ProgressLog
from model.ranking import likeliest_order


def run_training(
    pairs: Path,
    out: Path,
    config: Path | None,
    parent: Path | None,
    network_options: dict[str, Any],
    training_options: dict[str, Any],
    judge_epochs: int,
    corpus: str,
) -> None:
    """Trains tower and judge, evaluates on the test split, and writes OUT/bundle with its model card.

    Args:
        pairs: folder written by make_pairs.py.
        out: folder for checkpoints and the bundle.
        config: JSON with sections "network" and "training"; None for the defaults.
        parent: bundle whose tower and judge are trained further; its network counts instead of the file's.
        network_options, training_options: fields of NetworkConfig and TrainingConfig that replace the file's.
        judge_epochs: passes over all training pairs for the pair judge.
        corpus: what the originals are.

    Raises:
        GenerationLossError: anything a user can act on: pairs, configuration, checkpoint.
    """
    console = Console(stderr=True)
    features = FeatureConfig()
    document = {} if config is None else read_document(config)
    parent_bundle = None if parent is None else load_bundle(parent)
    parent_tower, parent_judge = (
        None if parent_bundle is None else _parent_network(parent_bundle, name) for name in (KERAS, JUDGE_KERAS)
    )
    if parent_bundle is not None:
        shape = {name: value for name, value in parent_bundle.description["network"].items() if name != MEASURED}
        document = {**document, "network": shape}
    network, training = from_document(document, 1)
    network, training = replace(network, **network_options), replace(training, **training_options)
    data = open_chains(pairs, features)
    for split in ("validation", "test"):  # found out now, not after hours of training
        if not len(data.chains.get(split, ())):
            raise TrainingError(f"the pair set has no chains in its {split} split; use more originals or more chains")
    network = replace(network, metadata_size=data.metadata.shape[1])
    log = ProgressLog(out / PROGRESS_LOG)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:.0f} %"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as progress:
        on_step, on_epoch = _watch(progress, console, log, "the tower")
        tower, history = train(data, network, training, out, on_step, on_epoch, parent_tower)
        task = progress.add_task("looking at every version", total=None)

        def on_versions(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)
            log.step("looking at every version", done, total)

        evidence = collect_evidence(tower, data, features.n_blocks, out, on_versions)
        progress.update(task, completed=1, total=1)
        judge_config, judge_training = (
            JudgeConfig(data.metadata.shape[1], evidence.shape[1] - data.metadata.shape[1]),
            JudgeTraining(judge_epochs, seed=training.seed),
        )
        on_step, on_epoch = _watch(progress, console, log, "the judge")
        judge, judge_history = train_judge(evidence, data, judge_config, judge_training, out, on_step, on_epoch, parent_judge)
    console.print("measuring on held-out sources")
    log.write("phase", phase="measuring on held-out sources")
    calibration: dict[str, dict[str, float]] = {}
    evaluation: dict[str, dict[str, Any]] = {"score": {}, "judge": {}}
    for split in ("validation", "test"):
        scores = score_versions(tower, data, split, features.n_blocks)
        log_odds = judge_chains(judge, evidence, data, split)
        for name, matrices, first in (
            ("score", [one[:, None] - one[None] for one in scores], [int(np.argmin(one)) for one in scores]),
            ("judge", log_odds, [likeliest_order(one)[0] for one in log_odds]),
        ):
            margins = np.concatenate([one.T[np.triu_indices(len(one), 1)] for one in matrices]).astype(np.float64)
            if split == "validation":
                slope = fit_slope(margins)
                odds = 1.0 / (1.0 + np.exp(-slope * np.abs(margins)))
                calibration[name] = {"slope": slope, "close_call": float(np.quantile(odds, 0.1))}
            evaluation[name][split] = _measured(matrices, margins, first, calibration[name]["slope"])
    description = {
        "features": asdict(features),
        "network": asdict(network),
        "training": asdict(training),
        "judge": asdict(judge_config),
        "judge_training": asdict(judge_training),
        "calibration": calibration,
        "corpus": corpus,
        "parent": None if parent_bundle is None else parent_bundle.version,
        "chains": {
            "sha256": data.sha256,
            **{split: {"chains": len(rows), "versions": int(np.diff(rows).sum())} for split, rows in data.chains.items()},
        },
        "command": shlex.join(["genloss", *sys.argv[1:]]),
        "versions": {"keras": keras.__version__, "backend": keras.backend.backend(), "onnxruntime": onnxruntime.__version__},
        "evaluation": evaluation,
        "history": [asdict(report) for report in history],
        "judge_history": [asdict(report) for report in judge_history],
    }
    files = {
        "tower.keras": _keras_file(tower),
        "tower.onnx": export_onnx(tower),
        "judge.keras": _keras_file(judge),
        "judge.onnx": export_judge(judge),
        "README.md": _model_card(description).encode(),
    }
    save_bundle(out / "bundle", files, description)
    for name, said in (("score", "by score"), ("judge", "side by side")):
        test = evaluation[name]["test"]
        console.print(
            f"test split {said}: {100 * test['pair_accuracy']:.2f} % of {test['n_pairs']} pairs, original first in "
            f"{100 * test['top_1']:.2f} % of {test['n_chains']} chains"
        )
    log.write("finished", bundle="bundle")
    console.print(f"bundle in {out / 'bundle'}")


def _watch(progress: Progress, console: Console, log: ProgressLog, name: str):  # type: ignore[no-untyped-def]
    """A progress bar and a log for one training: what to call after each step and after each epoch."""
    task = progress.add_task(f"training {name}", total=None)

    def on_step(step: int, total: int, loss: float, accuracy: float) -> None:
        description = f"{name}: loss {loss:.4f}, pair accuracy {100 * accuracy:.1f} %"
        progress.update(task, completed=step, total=total, description=description)
        log.step(name, step, total, loss=loss, pair_accuracy=accuracy)

    def on_epoch(report: EpochReport) -> None:
        log.write("epoch", phase=name, **asdict(report))
        console.print(
            f"{name}, epoch {report.epoch}: loss {report.loss:.4f}, pair accuracy {100 * report.pair_accuracy:.2f} %, "
            f"validation {100 * report.validation_accuracy:.2f} %, {report.seconds:.0f} s"
        )

    return on_step, on_epoch


def _measured(matrices: list[NDArray], margins: NDArray[np.float64], first: list[int], slope: float) -> dict[str, Any]:
    """Figures over chains whose versions are in their true order.

    Args:
        matrices: per chain by how much the row's version is judged worse than the column's.
        margins: the same for all ordered pairs, above 0 where judged rightly.
        first: per chain the version ranked first.
    """

    def share(values: list[NDArray]) -> float:
        found = np.concatenate(values)
        return float(np.mean((found > 0) + 0.5 * (found == 0)))

    return {
        "n_chains": len(matrices),
        "n_pairs": len(margins),
        "pair_accuracy": share([margins]),
        "original_accuracy": share([one[1:, 0] for one in matrices]),
        "neighbour_accuracy": share([np.diag(one, -1) for one in matrices]),
        "top_1": float(np.mean(np.array(first) == 0)),
        "top_1_of_4_or_more": float(np.mean([place == 0 for place, one in zip(first, matrices, strict=True) if len(one) > 3])),
        "calibration_error": calibration_error(margins, slope),
    }


def _parent_network(bundle: Bundle, name: str) -> keras.Model:
    try:
        return keras.saving.load_model(bundle.folder / name, compile=False)
    except (OSError, ValueError) as error:
        raise TrainingError(f"{bundle.folder / name} cannot be read: {error}") from error


def _keras_file(network: keras.Model) -> bytes:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "network.keras"
        network.save(path)
        return path.read_bytes()


def _model_card(description: dict[str, Any]) -> str:
    score, judge = (description["evaluation"][name]["test"] for name in ("score", "judge"))
    chains = description["chains"]
    counts = ", ".join(f"{chains[split]['chains']} for {split}" for split in ("train", "validation", "test"))
    minutes = sum(report["seconds"] for name in ("history", "judge_history") for report in description[name]) / 60
    rows = "\n".join(
        f"| {title} | {100 * score[key]:.1f} % | {100 * judge[key]:.1f} % | {of} |"
        for title, key, of in (
            ("all ordered pairs of a chain", "pair_accuracy", f"{score['n_pairs']} pairs"),
            ("original against edit", "original_accuracy", ""),
            ("neighbour against neighbour", "neighbour_accuracy", ""),
            ("original ranked first", "top_1", f"{score['n_chains']} chains"),
            ("original ranked first among 4 to 6", "top_1_of_4_or_more", ""),
        )
    )
    parent = f"- **Started from**: the tower of bundle {description['parent']}\n" if description["parent"] else ""
    return f"""# Model card

A score of this model compares versions of the same picture; between different pictures it means nothing.

- **Trained on**: {description["corpus"]}
- **Chains**: {counts}, split by source picture
  (sha256 of chains.jsonl: `{chains["sha256"]}`)
- **Command**: `{description["command"]}`
{parent}- **Seed**: {description["training"]["seed"]}; {minutes:.0f} minutes of training,
  Keras {description["versions"]["keras"]} on {description["versions"]["backend"]}

## Held-out test split (sources never seen in training or tuning)

| measure | by score | ranked side by side | of |
|---|---|---|---|
{rows}
| calibration error of stated odds | {score["calibration_error"]:.3f} | {judge["calibration_error"]:.3f} | |

Everything else (networks, training, calibration, history) stands in bundle.json.
"""
