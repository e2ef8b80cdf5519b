"""`genloss explain`: measured traces in words, and a picture of where two versions differ."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from genloss.batch import NO_PICTURE, is_no_picture
from genloss.inputs import Input, typed_inputs
from genloss.model.errors import ImageError, OutputError
from genloss.model.images.guard import MAX_PIXELS
from genloss.model.images.outputs import check_output
from genloss.model.quiet import quiet_codecs
from genloss.options import BundleOption, ExplainFormat, Files, FilesFrom, FollowLinks, MaxPixels, Null
from genloss.remarks import WARNING
from genloss.taught_file import MemoryFile, scorer_with_taught

if TYPE_CHECKING:
    from genloss.model.pairs.difference import Window

EXAMPLES = """genloss explain copy1.jpg
genloss explain copy1.jpg copy2.png --crops where.png"""


def explain(
    files: Files = None,
    files_from: FilesFrom = None,
    null: Null = False,
    follow_links: FollowLinks = False,
    format: Annotated[ExplainFormat, typer.Option("--format", "-f", help="How to print the result.")] = ExplainFormat.text,
    crops: Annotated[
        Path | None,
        typer.Option(
            "--crops", metavar="PNG", help="With two files: also save a picture of the places where they differ most."
        ),
    ] = None,
    memory: MemoryFile = None,
    bundle: BundleOption = None,
    max_pixels: MaxPixels = MAX_PIXELS,
) -> int:
    """Say in words what speaks for or against each file. With two versions, --crops shows where they differ most.

    It looks for an earlier JPEG on any block grid, for traces of enlarging, for missing fine detail and for
    small palettes, and repeats what the file itself says. That takes longer than a score. A trace proves a
    loss; a missing trace proves nothing.
    """
    from genloss.model.images.reading import read_file
    from genloss.model.scoring.bundle import BUNDLED
    from genloss.progress import progress
    from genloss.records import error_record, explained_record
    from genloss.skipped import Skipped
    from genloss.tables import explained_text
    from genloss.writers import text_writer, write_records

    if crops is not None and len(files or ()) != 2:
        raise typer.BadParameter("needs exactly two files", param_hint="--crops")
    inputs = typed_inputs(files, files_from, null, follow_links)
    check_output(crops, [*(files or ()), files_from])
    skipped = Skipped()

    def explained(given: Input) -> dict[str, Any] | None:
        """The record, or None for what is left out of a folder."""
        if given.skipped is not None:
            skipped(given.skipped)
            return None
        try:
            if given.error is not None:
                raise given.error
            return explained_record(given.path, scorer.score(read_file(given.path, given.follow_link), with_reasons=True))
        except ImageError as error:
            if is_no_picture(given, error):
                skipped(NO_PICTURE)
                return None
            return error_record(given.path, error)

    with quiet_codecs():
        scorer = scorer_with_taught(bundle or BUNDLED, max_pixels, memory)
        note = WARNING if format is ExplainFormat.text else ""
        records = (record for record in map(explained, inputs) if record is not None)
        shown = progress(records, beside_output=True)
        n_failed = write_records(shown, text_writer(format.value, explained_text), None, note)
        skipped.report()
        if crops is not None and files is not None and n_failed == 0:
            _save_crops(Path(files[0]), Path(files[1]), crops, max_pixels)
    return n_failed


def _save_crops(first: Path, second: Path, crops: Path, max_pixels: int) -> None:
    from genloss.crops import save_crops
    from genloss.model.images.decode import decode
    from genloss.model.images.reading import read_file
    from genloss.tables import printable

    left, right = (decode(read_file(path), max_pixels) for path in (first, second))
    try:
        windows = save_crops(left, right, crops)
    except OSError as error:
        raise OutputError(f"{crops} cannot be written: {error.strerror}") from error
    print(f"{printable(str(crops))}: {_found(windows)}")


def _found(windows: "list[Window]") -> str:
    from genloss.tables import counted

    if not windows:
        return "no pixel differs"
    places = f"{counted(len(windows), 'place')} where they differ most"
    return places if windows[0].aligned else f"the two do not seem to show the same picture; whole frames compared, {places}"
