"""`genloss train`: a bundle of one's own from a pair set."""

import shlex
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from genloss.model.images.outputs import check_folder
from genloss.model.networks.config import AGGREGATORS, NetworkConfig
from genloss.model.printable import counted
from genloss.model.seeds import MOST_SEED
from genloss.model.training.config import JudgeTraining, TrainingConfig
from genloss.tensorflow_import import importing_tensorflow

Aggregator = StrEnum("Aggregator", AGGREGATORS)  # type: ignore[misc]
_DEFAULT_AGGREGATOR = Aggregator(NetworkConfig.aggregator)
# Options whose name differs from the field they set.
_FIELDS = {"blocks": "blocks_per_version", "comparator": "comparator_k"}

EXAMPLES = """genloss train --pairs data/pairs --out runs/mine --corpus "what the originals are"
genloss train --pairs data/pairs --out runs/next --parent runs/mine/bundle --epochs 5"""


def train(
    context: typer.Context,
    pairs: Annotated[Path, typer.Option("--pairs", help="Folder written by datagen/make_pairs.py.")],
    out: Annotated[Path, typer.Option("--out", help="Folder for checkpoint, history and the finished bundle.")],
    epochs: Annotated[int, typer.Option(min=1, help="Passes over the training chains.")] = TrainingConfig.epochs,
    versions_per_batch: Annotated[
        int, typer.Option(min=6, max=4096, help="Versions per step.")
    ] = TrainingConfig.versions_per_batch,
    blocks: Annotated[
        int, typer.Option(min=1, max=512, help="Random blocks per version in a step.")
    ] = TrainingConfig.blocks_per_version,
    learning_rate: Annotated[float, typer.Option(min=1e-6, max=1.0, help="Peak learning rate.")] = TrainingConfig.learning_rate,
    seed: Annotated[
        int, typer.Option(min=0, max=MOST_SEED, help="Seed of weights, shuffling and jitter.")
    ] = TrainingConfig.seed,
    aggregator: Annotated[
        Aggregator, typer.Option(help="How blocks are summarised: an LSTM in increasing entropy, or an unordered sum.")
    ] = _DEFAULT_AGGREGATOR,
    dropout: Annotated[
        float, typer.Option(min=0.0, max=0.9, help="Dropout in metadata branch and head.")
    ] = NetworkConfig.dropout,
    jitter: Annotated[float, typer.Option(min=0.0, max=2.0, help="Noise on standardised metadata.")] = NetworkConfig.jitter,
    comparator: Annotated[
        float, typer.Option(min=1.0, max=1000.0, help="Weight of the frozen comparator.")
    ] = NetworkConfig.comparator_k,
    judge_epochs: Annotated[
        int, typer.Option(min=1, help="Passes over all training pairs for the pair judge.")
    ] = JudgeTraining.epochs,
    corpus: Annotated[str, typer.Option(help="What the originals are, for the model card.")] = "not stated",
    config: Annotated[
        Path | None,
        typer.Option("--config", help="JSON with network and training, as search/tune.py writes it. Options override it."),
    ] = None,
    parent: Annotated[
        Path | None,
        typer.Option("--parent", help="Bundle to continue from: its tower and judge are trained further, with its network."),
    ] = None,
    parent_share: Annotated[
        float,
        typer.Option(min=0.0, max=0.95, help="Share of the parent's weights in the finished tower, so that it forgets less."),
    ] = TrainingConfig.parent_share,
) -> int:
    """Train a model on a pair set. The same command resumes after an interruption.

    It writes OUT/checkpoint.npz after every epoch. At the end it writes OUT/bundle, which the option --bundle of
    other commands takes. Needs the extra `train` (TensorFlow).
    """
    network: dict[str, Any] = {"aggregator": aggregator.value, "dropout": dropout, "jitter": jitter, "comparator": comparator}
    training: dict[str, Any] = {
        "epochs": epochs, "versions_per_batch": versions_per_batch, "blocks": blocks, "learning_rate": learning_rate,
        "seed": seed, "parent_share": parent_share,
    }  # fmt: skip
    if config is not None or parent is not None:  # then only what was typed counts, not the options' defaults
        network, training = (
            {name: value for name, value in options.items() if _was_typed(context, name)} for options in (network, training)
        )
    from genloss.model.scoring.bundle import check_bundle_folder

    check_folder(out)
    check_bundle_folder(out / "bundle")
    with importing_tensorflow("training"):
        from genloss.model.training.run import TrainingRequest, run_training
    request = TrainingRequest(
        pairs, out, config, parent, _by_field(network), _by_field(training), judge_epochs, corpus,
        shlex.join(["genloss", *sys.argv[1:]]),
    )  # fmt: skip
    from genloss.training_console import TrainingConsole

    with TrainingConsole() as console:
        test = run_training(request, console)
    for name, how in (("score", "by score"), ("judge", "side by side")):
        console.print(
            f"test split {how}: {100 * test[name]['pair_accuracy']:.2f} % of {counted(test[name]['n_pairs'], 'pair')}, "
            f"original first in {100 * test[name]['top_1']:.2f} % of {counted(test[name]['n_chains'], 'chain')}"
        )
    console.print(f"bundle in {out / 'bundle'}")
    return 0


def _by_field(options: dict[str, Any]) -> dict[str, Any]:
    return {_FIELDS.get(name, name): value for name, value in options.items()}


def _was_typed(context: typer.Context, option: str) -> bool:
    source = context.get_parameter_source(option)
    return source is not None and source.name == "COMMANDLINE"
