"""`genloss train-pairs`: adds the models that read two versions side by side to a bundle."""

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from genloss.model.errors import ExtraMissingError
from genloss.model.images.outputs import check_folder
from genloss.model.printable import counted
from genloss.model.seeds import MOST_SEED

EXAMPLES = """genloss train-pairs --groups data/pairs --groups data/families --out runs/with-pairs
genloss train-pairs --groups data/pairs --groups data/families --bundle runs/mine/bundle --out runs/mine-with-pairs"""

WORDS = {"judge": "judge alone", "side_by_side": "side by side"}


def train_pairs(
    groups: Annotated[
        list[Path],
        typer.Option("--groups", help="Folder written by datagen/make_pairs.py or make_families.py. Can be repeated."),
    ],
    out: Annotated[Path, typer.Option("--out", help="Folder of the new bundle.")],
    bundle: Annotated[
        Path | None, typer.Option("--bundle", help="Bundle whose judge is used and whose networks are copied.")
    ] = None,
    further: Annotated[
        bool,
        typer.Option(
            "--further",
            help="Keep the bundle's pair models, and add trees for what they get wrong about who is closer to the original. "
            "Give groups of old kinds of edit beside the new ones.",
        ),
    ] = False,
    seed: Annotated[int, typer.Option(min=0, max=MOST_SEED, help="Seed of the trees and of the order within pairs.")] = 1683,
    corpus: Annotated[str, typer.Option(help="What the originals are, for the model card.")] = "not stated",
) -> int:
    """Train the models that compare two versions.

    They are added to a bundle. Every two versions of every group are registered and measured, which takes about 50 ms
    for a pair on one core. Measurements are kept in the folders, so that the same command resumes an interrupted run.
    Needs the extra `train`.
    """
    from genloss.model.scoring.bundle import BUNDLED, check_bundle_folder, load_bundle
    from genloss.model.training.addition import AdditionRequest

    check_folder(out, [bundle or BUNDLED, *groups])
    check_bundle_folder(out)
    load_bundle(bundle or BUNDLED)  # a wrong path is found now, not after hours of measuring
    try:
        from genloss.model.training.further_pairs import run_further_training
        from genloss.model.training.pair_run import run_pair_training
        from genloss.model.training.pair_training import PairTraining
    except ImportError as error:
        raise ExtraMissingError("training", "train", error) from error
    from genloss.training_console import TrainingConsole

    request = AdditionRequest(
        tuple(groups), bundle or BUNDLED, out, PairTraining(seed=seed), corpus, shlex.join(["genloss", *sys.argv[1:]])
    )
    with TrainingConsole() as console:
        test = (run_further_training if further else run_pair_training)(request, console)
    for name, found in test.items():
        right = f"{100 * found['pair_accuracy']:.2f} % of {counted(round(found['n_pairs']), 'pair')}"
        first = ""
        if "original_first" in found:
            first = f", original first in {100 * found['original_first']:.2f} % of {counted(round(found['n_groups']), 'group')}"
        console.print(f"test split, {WORDS.get(name, name)}: {right}{first}")
    console.print(f"bundle in {out}")
    return 0
