"""`genloss palettes`: a training set in fewer bits, by palettes that alike pictures share."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from genloss.model.errors import DatasetError, ExtraMissingError
from genloss.model.images.outputs import check_folder
from genloss.model.printable import counted, printable
from genloss.model.seeds import MOST_SEED
from genloss.options import ReportFormat
from genloss.remarks import say
from genloss.tensorflow_import import importing_tensorflow


class Form(StrEnum):
    indices = "indices"
    png = "png"


EXAMPLES = """genloss palettes train/ --bits 2 --out train-2
genloss palettes train/ --bits 4 --as png --out train-4
genloss palettes train/ --bits 2 --network sweep --out train-2"""


def palettes(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Training set: a folder with a subfolder of pictures for each class.")
    ],
    bits: Annotated[int, typer.Option("--bits", metavar="N", help="Bits per pixel, 1 to 8; a palette has 2^N colours.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the smaller set.")],
    form: Annotated[
        Form, typer.Option("--as", help="Write one file of indices with tables in Parquet, or PNG files.")
    ] = Form.indices,
    n_clusters: Annotated[
        int, typer.Option("--palettes", min=1, max=10_000, help="Number of palettes that pictures share.")
    ] = 20,
    kept: Annotated[
        float,
        typer.Option(
            "--keep", min=0.01, max=1.0, help="Share of the pixels whose colours count: those that the network looks at most."
        ),
    ] = 0.5,
    texture_steps: Annotated[
        int, typer.Option("--texture-steps", min=0, max=1000, help="Steps that adjust the palettes to keep edges; 0 for none.")
    ] = 30,
    network: Annotated[
        Path | None,
        typer.Option(
            "--network", metavar="FOLDER", help="Use the network of this `genloss sweep --out` folder instead of training one."
        ),
    ] = None,
    epochs: Annotated[int, typer.Option("--epochs", min=1, help="Epochs of the network's training.")] = 20,
    seed: Annotated[int, typer.Option("--seed", min=0, max=MOST_SEED, help="Random seed of the network and of k-means.")] = 0,
    format: Annotated[ReportFormat, typer.Option("--format", "-f", help="How to print the summary.")] = ReportFormat.table,
) -> int:
    """Shrink a labelled training set to N bits per pixel. Similar pictures share a palette.

    Needs the extras `train` and `audit`. The same command resumes an interrupted run.
    """
    from genloss.dataset.palettes.bits import MOST_BITS

    if not 1 <= bits <= MOST_BITS:
        raise DatasetError(f"--bits is 1 to {MOST_BITS}, not {bits}")
    check_folder(out, [folder])
    with importing_tensorflow("finding palettes"):
        import genloss.dataset.networks.fitting  # noqa: F401
    try:
        from genloss.dataset.palettes.build import PalettesRequest, build_palettes
        from genloss.dataset.palettes.find import PaletteConfig
    except ImportError as error:
        raise ExtraMissingError("finding palettes", "audit", error) from error
    from genloss.training_console import TrainingConsole

    config = PaletteConfig(bits, n_clusters, kept, texture_steps, seed=seed)
    request = PalettesRequest(folder, out, config, form.value, network, epochs)
    with TrainingConsole() as console:
        sizes, files = build_palettes(request, console.show)
    if format is ReportFormat.json:
        print((out / "palettes.json").read_text(encoding="utf-8"))
    else:
        what = "PNG files" if form is Form.png else f"{counted(bits, 'bit')} a pixel"
        print(
            f"{printable(str(folder))}: {counted(len(files.paths), 'picture')} of {len(files.classes)} classes\n"
            f"  24 bits a pixel  {sizes.pixels:>15,} bytes\n"
            f"  files as found   {sizes.files:>15,} bytes\n"
            f"  {what:<15}  "
            f"{sizes.indices + sizes.rest:>15,} bytes, {sizes.rest:,} of them tables and palettes\n"
            f"saved {100 * sizes.saved:.1f} % of the 24 bits (1 - {bits}/24 = {100 * (1 - bits / 24):.1f} %), "
            f"{_of_files(sizes.saved_of_files)}"
        )
    for path, why in files.unreadable.items():
        say(f"{path}: {why}")
    return len(files.unreadable)


def _of_files(saved: float) -> str:
    """What is saved of the files as found, which may have been smaller."""
    return f"{100 * saved:.1f} % of the files" if saved >= 0 else f"{-100 * saved:.1f} % more than the files take"
