"""`genloss score` after its options are parsed: scores the inputs, and writes a table or another format."""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from genloss.batch import BatchOptions, score_inputs
from genloss.inputs import count_inputs, typed_inputs
from genloss.model.images.outputs import check_output
from genloss.model.quiet import quiet_codecs
from genloss.progress import progress
from genloss.records import SCORE_COLUMNS, result_record
from genloss.remarks import WARNING, say
from genloss.skipped import Skipped
from genloss.tables import SCORE_HEADINGS, SCORE_WIDTHS, counted, score_row
from genloss.writers import TableWriter, record_writer, write_records

if TYPE_CHECKING:
    from genloss.resume import ScoreJournal


def score_files(
    files: list[str] | None,
    files_from: str | None = None,
    null: bool = False,
    follow_links: bool = False,
    format: str = "table",
    destination: Path | None = None,
    resume: bool = False,
    options: BatchOptions = BatchOptions(),  # noqa: B008  # frozen
) -> int:
    """Prints or writes the generation loss of each file, in the order given.

    Args:
        files, files_from, null, follow_links: as typed_inputs takes them.
        format: as record_writer takes it.
        destination: file to write; None for standard output.
        resume: whether to continue an interrupted run with the same destination.
        options: how to score.

    Returns:
        Number of files that failed.

    Raises:
        GenerationLossError: nothing can be read, scored or written at all.
    """
    inputs = typed_inputs(files, files_from, null, follow_links)
    check_output(destination, [*(files or ()), files_from])
    skipped = Skipped()
    total = count_inputs(files, files_from, follow_links)
    with quiet_codecs(), _journal(destination, options, resume) as journal:
        results = score_inputs(inputs, options, skipped, journal)
        records = (result_record(path, result) for path, result in results)
        make_writer = record_writer(
            format, SCORE_COLUMNS, lambda text: TableWriter(text, SCORE_HEADINGS, SCORE_WIDTHS, score_row)
        )
        shown = progress(records, total, beside_output=destination is None)
        try:
            n_failed = write_records(shown, make_writer, destination, WARNING if format == "table" else "")
        except KeyboardInterrupt:
            if journal is not None:
                say(f"{journal.path} keeps the scores; the same command with --resume continues")
            raise
        skipped.report()
        if n_failed and destination is not None and format != "table":  # a table has no place for them
            say(f"{counted(n_failed, 'file')} failed; {destination} says why")
        if journal is not None and journal.n_reused:
            say(f"{counted(journal.n_reused, 'file')} already scored and unchanged")
    return n_failed


def _journal(destination: Path | None, options: BatchOptions, resume: bool) -> "AbstractContextManager[ScoreJournal | None]":
    if destination is None:
        return nullcontext()
    from genloss.model.scoring.bundle import BUNDLED, load_bundle
    from genloss.resume import ScoreJournal

    return ScoreJournal(destination, load_bundle(options.bundle or BUNDLED).version, resume)
