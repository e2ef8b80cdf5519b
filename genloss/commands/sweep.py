"""`genloss sweep`: how much compression a classifier of a labelled folder stands."""

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from genloss.dataset.networks.config import AUGMENTATIONS, LOSSES, FitConfig
from genloss.dataset.sweep.levels import LEVELS, SUBSAMPLINGS
from genloss.model.errors import DatasetError
from genloss.model.images.outputs import check_folder
from genloss.model.seeds import MOST_SEED
from genloss.options import ReportFormat
from genloss.remarks import say
from genloss.tensorflow_import import importing_tensorflow

if TYPE_CHECKING:
    from genloss.dataset.sweep.run import Sweep

Kind = StrEnum("Kind", list(LEVELS))  # type: ignore[misc]
Loss = StrEnum("Loss", LOSSES)  # type: ignore[misc]
Augmentation = StrEnum("Augmentation", AUGMENTATIONS)  # type: ignore[misc]
Subsampling = StrEnum("Subsampling", {name: name for name in SUBSAMPLINGS})  # type: ignore[misc]


_JPEG, _USUAL_SUBSAMPLING = Kind("jpeg"), Subsampling("4:2:0")
_AUGMENTATION, _LOSS = Augmentation(FitConfig.augmentation), Loss(FitConfig.loss)


class Nearest(StrEnum):
    cosine = "cosine"
    hamming = "hamming"


EXAMPLES = """genloss sweep photos/ --out sweep
genloss sweep photos/ --out sweep --augment turned --train-quality 10
genloss sweep photos/ --out sweep-webp --kind webp --levels 80,40,20,10,5,1"""


def sweep(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Data set: a folder with a subfolder of pictures for each class.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for report.html, the results and the classifiers.")],
    kind: Annotated[Kind, typer.Option("--kind", help="How test pictures are degraded.")] = _JPEG,
    levels: Annotated[
        str,
        typer.Option(
            "--levels", metavar="N,N,...", help="Qualities, numbers of colours, or sizes in per cent. [default: by --kind]"
        ),
    ] = "",
    subsampling: Annotated[
        Subsampling, typer.Option("--subsampling", help="Chroma subsampling of JPEG and AVIF.")
    ] = _USUAL_SUBSAMPLING,
    train_quality: Annotated[
        str, typer.Option("--train-quality", metavar="N,N,...", help="Also train on pictures at each of these levels.")
    ] = "",
    augment: Annotated[
        Augmentation, typer.Option("--augment", help='"turned" is for pictures without up and down, as under a microscope.')
    ] = _AUGMENTATION,
    loss: Annotated[Loss, typer.Option("--loss", help="Loss between the network's output and the key of the class.")] = _LOSS,
    bits: Annotated[int, typer.Option("--bits", min=64, max=10_000, help="Length of the random key of each class.")] = 500,
    nearest: Annotated[
        Nearest, typer.Option("--nearest", help="Distance by which the nearest key is chosen.")
    ] = Nearest.cosine,
    side: Annotated[
        int | None,
        typer.Option("--side", min=16, max=512, help="Width and height of the network's input in pixels. [default: up to 96]"),
    ] = None,
    epochs: Annotated[int, typer.Option("--epochs", min=1, help="Most passes over the training pictures.")] = FitConfig.epochs,
    patience: Annotated[
        int, typer.Option("--patience", min=1, help="Stop after so many epochs without a better validation accuracy.")
    ] = FitConfig.patience,
    most: Annotated[int, typer.Option("--most-per-class", min=10, help="Most pictures of a class, drawn at random.")] = 1000,
    map: Annotated[bool, typer.Option("--map/--no-map", help="Draw a map of the network's outputs by t-SNE.")] = True,
    seed: Annotated[
        int, typer.Option("--seed", min=0, max=MOST_SEED, help="Random seed of split, keys, weights, order and bootstrap.")
    ] = 0,
    format: Annotated[ReportFormat, typer.Option("--format", "-f", help="How to print the summary.")] = ReportFormat.table,
) -> int:
    """Find out how much compression a classifier stands.

    At which quality does its accuracy fall? It trains a small network on the folder and tests it on pictures at each
    level. The same command resumes an interrupted sweep. `genloss classify` uses the trained network. Needs the extras
    `train` and `audit`.
    """
    from genloss.dataset.sweep.degradations import Degradation
    from genloss.dataset.sweep.options import SweepOptions

    chosen: Any = kind.value  # of LEVELS, as the option's type has it
    degradation = Degradation(chosen, _numbers("--levels", levels), subsampling.value)
    train_levels = _numbers("--train-quality", train_quality)
    names: Any = {"loss": loss.value, "augmentation": augment.value}
    fit = FitConfig(epochs=epochs, patience=patience, seed=seed, **names)
    options = SweepOptions(folder, out, degradation, train_levels, side, bits, nearest.value, fit, most, map)
    check_folder(out, [folder])
    with importing_tensorflow("a sweep"):
        from genloss.dataset.sweep.run import sweep as run_sweep
    from genloss.dataset.sweep.report import REPORT, write_sweep_report
    from genloss.dataset.sweep.results import describe, write_results
    from genloss.training_console import TrainingConsole

    with TrainingConsole() as console:
        found = run_sweep(options, console.show)
    write_sweep_report(found, out / REPORT, write_results(found, out))
    print(json.dumps(describe(found), indent=2) if format is ReportFormat.json else _text(found, out / REPORT))
    unreadable = found.parts.files.unreadable
    for path, why in unreadable.items():
        say(f"{path}: {why}")
    return len(unreadable)


def _numbers(option: str, typed: str) -> tuple[int, ...]:
    try:
        return tuple(int(word) for word in typed.split(",") if word.strip())
    except ValueError as error:
        raise DatasetError(f"{option} takes whole numbers with commas between them, not {typed!r}") from error


def _text(found: "Sweep", report: Path) -> str:
    """The summary for people."""
    from genloss.dataset.sweep.findings import FALLS, is_sure
    from genloss.dataset.sweep.report import fall_words
    from genloss.model.printable import counted, printable

    name, parts = found.options.degradation.name, found.parts
    lines = [
        f"{printable(str(found.options.folder))}: {counted(len(parts.files.paths), 'picture')}, "
        f"{len(parts.files.classes)} classes, {len(parts.test):,} tested, "
        f"{counted(found.n_groups, 'group')} of near-duplicates"
    ]
    for trained in found.trained:
        lines.append(f"trained on {found.options.degradation.trained_on(trained.level)}")
        for finding in trained.findings:
            fall = (
                f"  {_points(-finding.fall)} points{', more than chance' if is_sure(finding) else ''}" if finding.level else ""
            )
            lines.append(
                f"  {name(finding.level):>9}  {100 * finding.accuracy:5.1f} % right "
                f"({100 * finding.low:.1f} to {100 * finding.high:.1f}){fall}"
            )
        lines += [f"  falls by {counted(points, 'point')} {fall_words(found, trained, points)}" for points in FALLS]
    return "\n".join([*lines, f"report: {printable(str(report))}"])


def _points(share: float) -> str:
    """Hundredths with a sign, and none for nothing."""
    return f"{round(100 * share, 1) or 0.0:+.1f}"
