"""`genloss score`: the generation loss of each file."""

from genloss.batch import BatchOptions, score_inputs
from genloss.inputs import typed_inputs
from genloss.model.images.guard import DEADLINE_SECONDS, MAX_PIXELS
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
    OutputFormat,
)


def score(
    files: Files = None,
    files_from: FilesFrom = None,
    null: Null = False,
    follow_links: FollowLinks = False,
    format: Format = OutputFormat.table,
    destination: Output = None,
    bundle: BundleOption = None,
    max_pixels: MaxPixels = MAX_PIXELS,
    isolated: Isolated = None,
    deadline: Deadline = DEADLINE_SECONDS,
) -> int:
    """Print the generation loss of each file, in the order given.

    The generation loss lies between 0 and 1. Lower is closer to the original. It compares versions of
    the same picture only; between different pictures it means nothing. Exit code 3 when some files failed.
    """
    from genloss.progress import progress
    from genloss.records import SCORE_COLUMNS, result_record
    from genloss.tables import SCORE_HEADINGS, score_row
    from genloss.writers import record_writer, write_records

    inputs = typed_inputs(files, files_from, null, follow_links)
    # A list may name any number of files and arrive slowly: workers from the first on.
    options = BatchOptions(
        bundle, max_pixels, follow_links, isolated if files_from is None else isolated is not False, deadline
    )
    with quiet_codecs():
        records = (result_record(path, result) for path, result in score_inputs(inputs, options))
        make_writer = record_writer(format.value, SCORE_COLUMNS, SCORE_HEADINGS, score_row)
        return write_records(progress(records), make_writer, destination, WARNING if format is OutputFormat.table else "")
