"""`genloss classify`: the class of pictures by a swept classifier; classes added from a few pictures, and forgotten."""

import json
from pathlib import Path
from typing import Annotated

import typer

from genloss.model.errors import ImageError, NamesError
from genloss.model.images.outputs import PICTURE_SUFFIXES
from genloss.model.printable import counted, printable
from genloss.options import Files, ReportFormat
from genloss.remarks import say
from genloss.tensorflow_import import importing_tensorflow

EXAMPLES = """genloss classify new/*.jpg --with sweep
genloss classify foxes/*.jpg --with sweep --add fox
genloss classify --with sweep --forget fox"""


def classify(
    files: Files = None,
    sweep: Annotated[Path, typer.Option("--with", metavar="FOLDER", help="Folder that `genloss sweep --out` wrote.")] = Path(
        "sweep"
    ),
    add: Annotated[
        str | None, typer.Option("--add", metavar="NAME", help="Add a class from a few pictures, without training.")
    ] = None,
    forget: Annotated[str | None, typer.Option("--forget", metavar="NAME", help="Forget a class.")] = None,
    one_bit: Annotated[bool, typer.Option("--one-bit", help="With --add: keep only the signs of the key.")] = False,
    format: Annotated[ReportFormat, typer.Option("--format", "-f", help="How to print.")] = ReportFormat.table,
) -> int:
    """Name the class of pictures.

    It uses a classifier that `genloss sweep` trained. A picture that is far from all classes is "none of these"; take
    that as a hint. --add adds a class from a few pictures, less reliably than training does. --forget removes it again.
    Needs the extra `train`.
    """
    if add is not None and forget is not None:
        raise NamesError("--add and --forget are two commands; give one of them")
    if forget is None and not files:
        raise NamesError("no pictures were named")
    with importing_tensorflow("classifying"):
        from genloss.dataset.naming import Namer
    namer = Namer(sweep)
    if forget is not None:
        namer.forget(forget)
        print(f"forgotten; known: {printable(', '.join(namer.memory.names))}")
        return 0
    paths = _pictures(files)
    if add is not None:
        namer.add(add, paths, 1 if one_bit else 32)
        print(f"learned from {counted(len(paths), 'picture')}; known: {printable(', '.join(namer.memory.names))}")
        return 0
    found = namer.name(paths)
    for one in found:
        if one.error:
            say(f"{one.path}: {one.error}")
    if format is ReportFormat.json:
        said = [
            {"path": one.path, "error": one.error} if one.error
            else {"path": one.path, "nearest": one.name, "similarity": round(one.similarity, 4), "known": one.known}
            for one in found
        ]  # fmt: skip
        print(json.dumps(said, indent=2))
    else:
        for one in found:
            if not one.error:
                name = one.name if one.known else f"none of these (nearest: {one.name})"
                print(f"{one.similarity:6.3f}  {printable(name)}  {printable(one.path)}")
    return sum(bool(one.error) for one in found)


def _pictures(files: list[str] | None) -> list[str]:
    """Paths of all named files, without those of folders that are no pictures or are not read; says how many are left out."""
    from genloss.batch import NO_PICTURE, is_no_picture
    from genloss.inputs import typed_inputs
    from genloss.model.images.reading import read_file
    from genloss.skipped import Skipped

    paths, skipped = [], Skipped()
    for given in typed_inputs(files):
        if given.skipped is not None:
            skipped(given.skipped)
            continue
        if given.met_in_folder and given.path.suffix.lower() not in PICTURE_SUFFIXES:
            try:
                read_file(given.path)
            except ImageError as error:
                if is_no_picture(given, error):
                    skipped(NO_PICTURE)
                    continue
        paths.append(str(given.path))
    skipped.report()
    return paths
