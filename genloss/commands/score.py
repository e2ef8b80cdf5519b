"""`genloss score`: the generation loss of each file."""

from typing import Annotated

import typer

from genloss.batch import BatchOptions
from genloss.model.images.guard import DEADLINE_SECONDS, MAX_PIXELS
from genloss.options import (
    BundleOption,
    Deadline,
    Files,
    FilesFrom,
    FollowLinks,
    Format,
    Isolated,
    MaxPixels,
    Null,
    Output,
    choose_format,
)

EXAMPLES = """genloss score *.jpg
genloss score ~/Pictures -o scores.csv
genloss score ~/Pictures -o scores.csv --resume
find . -name '*.png' -print0 | genloss score --files-from - --null --format jsonl"""


def score(
    files: Files = None,
    files_from: FilesFrom = None,
    null: Null = False,
    follow_links: FollowLinks = False,
    format: Format = None,
    destination: Output = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="With --output: continue an interrupted run. Unchanged files are not scored again.")
    ] = False,
    bundle: BundleOption = None,
    max_pixels: MaxPixels = MAX_PIXELS,
    isolated: Isolated = None,
    deadline: Deadline = DEADLINE_SECONDS,
) -> int:
    """Print the generation loss of each file, in the order given.

    The generation loss lies between 0 and 1. Lower is closer to the original. It compares versions of
    the same picture only; between different pictures it means nothing. Files in folders that are no
    pictures are left out. A named file that is no picture is an error.
    """
    from genloss.early_start import start_early

    if resume and destination is None:
        raise typer.BadParameter("needs --output", param_hint="--resume")
    # A list may name any number of files and arrive slowly: workers from the first on.
    isolated = isolated if files_from is None else isolated is not False
    opening = start_early([] if isolated else files or [], bundle)
    from genloss.score_files import score_files

    options = BatchOptions(bundle, max_pixels, isolated, deadline, with_digest=destination is not None, opening=opening)
    chosen = choose_format(format, destination)
    return score_files(files, files_from, null, follow_links, chosen, destination, resume, options)
