"""`genloss train-damage`: adds the memory that names what was last done to a picture to a bundle."""

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from genloss.model.images.outputs import check_folder
from genloss.model.printable import counted
from genloss.model.seeds import MOST_SEED

EXAMPLES = """genloss train-damage --pairs data/pairs --out runs/with-damage
genloss train-damage --pairs data/pairs --pairs data/families --bundle runs/mine/bundle --out runs/mine-with-damage"""


def train_damage(
    pairs: Annotated[
        list[Path],
        typer.Option("--pairs", help="Folder written by datagen/make_pairs.py or make_families.py. Can be repeated."),
    ],
    out: Annotated[Path, typer.Option("--out", help="Folder of the new bundle.")],
    bundle: Annotated[
        Path | None, typer.Option("--bundle", help="Bundle whose tower is used and whose networks are copied.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, max=MOST_SEED, help="Seed of the keys and of the fit.")] = 1683,
    corpus: Annotated[str, typer.Option(help="What the originals are, for the model card.")] = "not stated",
) -> int:
    """Fit the memory on damage and add it to a bundle. All other models stay as they are.

    It scores every version of every chain, which takes about 12 ms for a version on one core. Scores are kept in the
    folders, so that the same command resumes an interrupted run. The fit takes less than a minute and needs only NumPy.
    """
    from genloss.model.scoring.bundle import BUNDLED, check_bundle_folder, load_bundle
    from genloss.model.training.addition import AdditionRequest
    from genloss.model.training.damage_run import run_damage_training
    from genloss.model.training.damage_training import DamageTraining
    from genloss.training_console import TrainingConsole

    check_folder(out, [bundle or BUNDLED, *pairs])
    check_bundle_folder(out)
    load_bundle(bundle or BUNDLED)  # a wrong path is found now, not after hours of measuring
    request = AdditionRequest(
        tuple(pairs), bundle or BUNDLED, out, DamageTraining(seed=seed), corpus, shlex.join(["genloss", *sys.argv[1:]])
    )
    with TrainingConsole() as console:
        test = run_damage_training(request, console)
    right = "" if test["right"] is None else f", {100 * test['right']:.1f} % of them right"
    console.print(
        f"test split: {100 * test['top_1']:.1f} % of {counted(test['n'], 'last edit')} named right, "
        f"{100 * test['top_3']:.1f} % among three; {counted(test['speaks'], 'claim')}{right}"
    )
    console.print(f"bundle in {out}")
    return 0
