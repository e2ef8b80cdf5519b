"""`genloss score`: the generation loss of each file."""

from contextlib import nullcontext
from typing import Annotated

import typer

from genloss.batch import BatchOptions, score_inputs
from genloss.inputs import count_inputs, typed_inputs
from genloss.model.images.guard import DEADLINE_SECONDS, MAX_PIXELS
from genloss.model.images.outputs import check_output
from genloss.model.quiet import quiet_codecs
from genloss.options import (
    WARNING,
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
from genloss.remarks import say

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
        bool, typer.Option("--resume", help="With --output: continue an interrupted run; unchanged files are not scored again.")
    ] = False,
    bundle: BundleOption = None,
    max_pixels: MaxPixels = MAX_PIXELS,
    isolated: Isolated = None,
    deadline: Deadline = DEADLINE_SECONDS,
) -> int:
    """Print the generation loss of each file, in the order given.

    The generation loss lies between 0 and 1. Lower is closer to the original. It compares versions of
    the same picture only; between different pictures it means nothing. Files in folders that are no
    pictures are left out; a named file that is none is an error.
    """
    from genloss.model.scoring.bundle import BUNDLED, load_bundle
    from genloss.progress import progress
    from genloss.records import SCORE_COLUMNS, result_record
    from genloss.resume import ScoreJournal
    from genloss.skipped import Skipped
    from genloss.tables import SCORE_HEADINGS, SCORE_WIDTHS, score_row
    from genloss.writers import TableWriter, record_writer, write_records

    if resume and destination is None:
        raise typer.BadParameter("needs --output", param_hint="--resume")
    inputs = typed_inputs(files, files_from, null, follow_links)
    check_output(destination, [*(files or ()), files_from])
    chosen = choose_format(format, destination)
    # A list may name any number of files and arrive slowly: workers from the first on.
    isolated = isolated if files_from is None else isolated is not False
    options = BatchOptions(bundle, max_pixels, isolated, deadline, with_digest=destination is not None)
    skipped = Skipped()
    opened = nullcontext() if destination is None else ScoreJournal(destination, load_bundle(bundle or BUNDLED).version, resume)
    total = count_inputs(files, files_from, follow_links)
    with quiet_codecs(), opened as journal:
        results = score_inputs(inputs, options, skipped, journal)
        records = (result_record(path, result) for path, result in results)
        make_writer = record_writer(
            chosen, SCORE_COLUMNS, lambda text: TableWriter(text, SCORE_HEADINGS, SCORE_WIDTHS, score_row)
        )
        shown = progress(records, total, beside_output=destination is None)
        try:
            n_failed = write_records(shown, make_writer, destination, WARNING if chosen == "table" else "")
        except KeyboardInterrupt:
            if journal is not None:
                say(f"{journal.path} keeps the scores; the same command with --resume continues")
            raise
        skipped.report()
        if journal is not None and journal.n_reused:
            say(f"{journal.n_reused} files had been scored before and have not changed")
    return n_failed
