"""A whole training: from chains to a bundle with evaluation and model card. It resumes after an interruption at any step."""

import json
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

import keras
import numpy as np
from numpy.typing import NDArray

from genloss.model.errors import BundleError
from genloss.model.images.outputs import make_folder
from genloss.model.measurements.features import FeatureConfig
from genloss.model.networks.config import JudgeConfig, NetworkConfig
from genloss.model.networks.onnx_export import export_judge, export_onnx
from genloss.model.progress_log import NAME as PROGRESS_LOG
from genloss.model.progress_log import ProgressLog
from genloss.model.scoring.bundle import Bundle, load_bundle, save_bundle
from genloss.model.scoring.order import likeliest_order
from genloss.model.training.calibration import JudgedChains, calibrate, measure_accuracy
from genloss.model.training.config import JudgeTraining, TrainingConfig
from genloss.model.training.configuration import MEASURED, from_document, read_document
from genloss.model.training.dataset import ChainSet, check_splits, open_chains
from genloss.model.training.judge_training import collect_evidence, judge_chains, train_judge
from genloss.model.training.model_card import model_card
from genloss.model.training.parent import keras_judge, keras_tower
from genloss.model.training.reports import EpochReport
from genloss.model.training.tower_training import score_versions, train


@dataclass(frozen=True)
class TrainingRequest:
    """What to train, and the data for it.

    Attributes:
        pairs: folder written by make_pairs.py.
        out: folder for checkpoints, progress and the bundle.
        config: JSON with sections "network" and "training"; None for the defaults.
        parent: bundle whose tower and judge are trained further; its network settings override those of `config`.
        network_options: fields of NetworkConfig that override those of `config`.
        training_options: fields of TrainingConfig that override those of `config`.
        judge_epochs: passes over all training pairs for the pair judge.
        corpus: description of the originals, for the model card.
        command: the command line, for the model card.
    """

    pairs: Path
    out: Path
    config: Path | None = None
    parent: Path | None = None
    network_options: dict[str, Any] = field(default_factory=dict)
    training_options: dict[str, Any] = field(default_factory=dict)
    judge_epochs: int = JudgeTraining.epochs
    corpus: str = "not stated"
    command: str = ""


class Observer(Protocol):
    """Receives the progress of a training."""

    def step(self, phase: str, done: int, total: int, **figures: float) -> None:
        """Called often with the progress of a phase; with running loss and pair accuracy in a phase that trains."""

    def epoch(self, phase: str, report: EpochReport) -> None:
        """Called after each epoch, when its checkpoint is on disk."""

    def phase(self, phase: str) -> None:
        """Called when a phase without steps begins."""


def run_training(request: TrainingRequest, observer: Observer) -> dict[str, dict[str, Any]]:
    """Trains tower and judge, evaluates them on held-out sources, and writes OUT/bundle with its model card.

    Returns:
        Figures on the test split, by score ("score") and side by side ("judge").

    Raises:
        GenerationLossError: an error that a user can act on: pairs, configuration, checkpoint.
    """
    features = FeatureConfig()
    parent = None if request.parent is None else load_bundle(request.parent)
    parent_tower, parent_judge = (None, None) if parent is None else (keras_tower(parent), keras_judge(parent))
    network, training = _configuration(request, parent)
    check_splits(request.pairs, ("validation", "test"))  # found out now, not after hours of measuring and training
    make_folder(request.out)
    log = ProgressLog(request.out / PROGRESS_LOG)
    watch = _Watch(observer, log)
    data = open_chains(request.pairs, features, watch.steps_of("measuring versions"))
    network = replace(network, metadata_size=data.metadata.shape[1])
    finished = _finished(request, network, training, parent, data)
    if finished is not None:
        watch.phase(f"this run is finished: {request.out / 'bundle'} is its bundle; give another --out to train anew")
        return finished
    on_step, on_epoch = watch.training_of("the tower")
    tower, history = train(data, network, training, request.out, on_step, on_epoch, parent_tower)
    evidence = collect_evidence(tower, data, features.n_blocks, request.out, watch.steps_of("looking at every version"))
    judge_config = JudgeConfig(data.metadata.shape[1], evidence.shape[1] - data.metadata.shape[1])
    judge_training = JudgeTraining(request.judge_epochs, seed=training.seed)
    on_step, on_epoch = watch.training_of("the judge")
    judge, judge_history = train_judge(
        evidence, data, judge_config, judge_training, request.out, on_step, on_epoch, parent_judge
    )
    watch.phase("measuring on held-out sources")
    calibration, evaluation = _evaluate(tower, judge, evidence, data, features)
    description = {
        "features": asdict(features),
        "network": asdict(network),
        "training": asdict(training),
        "judge": asdict(judge_config),
        "judge_training": asdict(judge_training),
        "calibration": calibration,
        "corpus": request.corpus,
        "parent": None if parent is None else parent.version,
        "chains": _count_chains(data),
        "command": request.command,
        "versions": {"keras": keras.__version__, "backend": keras.backend.backend(), "onnxruntime": version("onnxruntime")},
        "evaluation": evaluation,
        "history": [asdict(report) for report in history],
        "judge_history": [asdict(report) for report in judge_history],
    }
    _write_bundle(request.out / "bundle", tower, judge, description)
    log.write("finished", bundle="bundle")
    return {name: evaluation[name]["test"] for name in evaluation}


class _Watch:
    """Writes the progress log and tells the observer."""

    def __init__(self, observer: Observer, log: ProgressLog) -> None:
        self._observer = observer
        self._log = log

    def phase(self, phase: str) -> None:
        self._log.write("phase", phase=phase)
        self._observer.phase(phase)

    def steps_of(self, phase: str):  # type: ignore[no-untyped-def]
        """A callback for (done, total)."""

        def on_step(done: int, total: int) -> None:
            self._log.step(phase, done, total)
            self._observer.step(phase, done, total)

        return on_step

    def training_of(self, phase: str):  # type: ignore[no-untyped-def]
        """Callbacks for the steps and for the epochs of a training."""

        def on_step(step: int, total: int, loss: float, accuracy: float) -> None:
            self._log.step(phase, step, total, loss=loss, pair_accuracy=accuracy)
            self._observer.step(phase, step, total, loss=loss, pair_accuracy=accuracy)

        def on_epoch(report: EpochReport) -> None:
            self._log.write("epoch", phase=phase, **asdict(report))
            self._observer.epoch(phase, report)

        return on_step, on_epoch


def _configuration(request: TrainingRequest, parent: Bundle | None) -> tuple[NetworkConfig, TrainingConfig]:
    document = {} if request.config is None else read_document(request.config)
    if parent is not None:
        shape = {name: value for name, value in parent.description["network"].items() if name != MEASURED}
        document = {**document, "network": shape}
    network, training = from_document(document, 1)
    return replace(network, **request.network_options), replace(training, **request.training_options)


def _finished(
    request: TrainingRequest, network: NetworkConfig, training: TrainingConfig, parent: Bundle | None, data: ChainSet
) -> dict[str, dict[str, Any]] | None:
    """Figures of the bundle that the same run has written before; None if there is none."""
    try:
        stored = load_bundle(request.out / "bundle").description
    except BundleError:
        return None
    try:
        done = [stored["network"], stored["training"], stored["judge_training"]["epochs"], stored["chains"]["sha256"]]
        same_parent = stored["parent"] == (None if parent is None else parent.version)
    except (KeyError, TypeError):  # a bundle of another making
        return None
    # As JSON has them: tuples become lists.
    asked = json.loads(json.dumps([asdict(network), asdict(training), request.judge_epochs, data.sha256]))
    if done != asked or not same_parent:
        return None
    return {name: stored["evaluation"][name]["test"] for name in stored["evaluation"]}


def _evaluate(
    tower: keras.Model, judge: keras.Model, evidence: NDArray[np.float32], data: ChainSet, features: FeatureConfig
) -> tuple[dict[str, dict[str, float]], dict[str, dict[str, Any]]]:
    """Calibration on the validation split, and figures on it and on the test split, by score and by judge."""
    calibration: dict[str, dict[str, float]] = {}
    evaluation: dict[str, dict[str, Any]] = {"score": {}, "judge": {}}
    for split in ("validation", "test"):
        scores = score_versions(tower, data, split, features.n_blocks)
        log_odds = judge_chains(judge, evidence, data, split)
        judged = {
            "score": JudgedChains([one[:, None] - one[None] for one in scores], [int(np.argmin(one)) for one in scores]),
            "judge": JudgedChains([*log_odds], [likeliest_order(one)[0] for one in log_odds]),
        }
        for name, chains in judged.items():
            if split == "validation":
                calibration[name] = calibrate(chains)
            evaluation[name][split] = measure_accuracy(chains, calibration[name]["slope"])
    return calibration, evaluation


def _count_chains(data: ChainSet) -> dict[str, Any]:
    counts = {split: {"chains": len(rows), "versions": int(np.diff(rows).sum())} for split, rows in data.chains.items()}
    return {"sha256": data.sha256, **counts}


def _write_bundle(folder: Path, tower: keras.Model, judge: keras.Model, description: dict[str, Any]) -> None:
    files = {
        "tower.onnx": export_onnx(tower),
        "judge.onnx": export_judge(judge),
        "README.md": model_card(description).encode(),
    }
    save_bundle(folder, files, description)
