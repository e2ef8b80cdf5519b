"""Writes records as they come, as a table, text, JSON, JSON Lines, CSV or Parquet; every file it leaves is valid."""

import io
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, Protocol, TextIO

from genloss.interrupts import Interrupts
from genloss.model.errors import OutputError
from genloss.model.files import open_atomically
from genloss.model.printable import neutralised, printable
from genloss.model.quiet import discard_stdout
from genloss.records import Record
from genloss.tables import error_line, table_line


class Writer(Protocol):
    """Takes records one at a time; `close` writes what a valid file still needs."""

    def write(self, record: Record) -> None: ...

    def close(self) -> None: ...


# Makes a writer for a text stream and the binary stream below it.
MakeWriter = Callable[[TextIO, BinaryIO], Writer]


def write_records(
    records: Iterable[Record], make: MakeWriter, path: Path | None, note: str = "", finish_each: bool = False
) -> int:
    """Writes records as they come, to standard output or to a file that appears when it is complete.

    After Ctrl-C, the file ends with the last whole record; then KeyboardInterrupt is raised.

    Args:
        make: from record_writer or text_writer.
        path: None for standard output.
        note: a line to end with.
        finish_each: whether Ctrl-C also waits while a record is made, because making it changes files.

    Returns:
        Number of records that are errors.

    Raises:
        OutputError: the file cannot be written; or standard output was closed, and finish_each is set.
        BrokenPipeError: standard output was closed.
    """
    with _explained(path, finish_each), _streams(path) as (text, binary), Interrupts() as interrupts:
        writer = make(text, binary)
        n_failed, interrupted = _write_each(records, writer, interrupts, finish_each, is_printed=path is None)
        with suppress(KeyboardInterrupt), interrupts.held():
            writer.close()
            if note and not interrupted:
                text.write(note + "\n")
            text.flush()
    if interrupted:  # only now that the file is in its place
        raise KeyboardInterrupt
    return n_failed


def _write_each(
    records: Iterable[Record], writer: Writer, interrupts: Interrupts, finish_each: bool, is_printed: bool
) -> tuple[int, bool]:
    """Writes records until they end or Ctrl-C ends them.

    Args:
        finish_each: as for write_records.
        is_printed: whether what was written is seen already, and must become valid even where making a record fails.

    Returns:
        Number of records that are errors, and whether Ctrl-C was pressed.
    """
    n_written = n_failed = 0
    try:
        for record in interrupts.held_each(records) if finish_each else records:
            with interrupts.held():
                writer.write(record)
                n_written += 1
                n_failed += "error" in record
    except KeyboardInterrupt:
        return n_failed, True
    except BrokenPipeError:
        raise
    except Exception:
        if n_written and is_printed:
            writer.close()
        raise
    return n_failed, False


@contextmanager
def _explained(path: Path | None, finish_each: bool) -> Iterator[None]:
    """Turns what the system refuses into an OutputError, with the arguments of write_records."""
    try:
        yield
    except BrokenPipeError as error:
        if not finish_each:  # `| head` has read enough
            raise
        discard_stdout()
        raise OutputError("standard output was closed before everything was done; the same command continues") from error
    except OSError as error:
        if path is None:
            discard_stdout()
        raise OutputError(f"{path or 'standard output'}: {error.strerror or error}") from error


def record_writer(format: str, columns: dict[str, Any], table: Callable[[TextIO], Writer]) -> MakeWriter:
    """The function that makes the writer of a format.

    Args:
        format: "table", "json", "jsonl", "csv" or "parquet".
        columns: name and type of everything a record may hold.
        table: makes the writer of the table.
    """

    def make(text: TextIO, binary: BinaryIO) -> Writer:
        match format:
            case "parquet":
                from genloss.parquet_writer import ParquetWriter

                return ParquetWriter(binary, columns)
            case "csv":
                return CsvWriter(text, columns)
            case "table":
                return table(text)
            case _:
                return JsonWriter(text) if format == "json" else JsonLinesWriter(text)

    return make


def text_writer(format: str, text_of: Callable[[Record], str]) -> MakeWriter:
    """Like record_writer, for the formats "text", "json" and "jsonl"; `text_of` gives the lines of a record."""

    def make(text: TextIO, binary: BinaryIO) -> Writer:
        if format == "text":
            return TextWriter(text, text_of)
        return JsonWriter(text) if format == "json" else JsonLinesWriter(text)

    return make


@contextmanager
def _streams(path: Path | None) -> Iterator[tuple[TextIO, BinaryIO]]:
    if path is None:
        yield sys.stdout, sys.stdout.buffer
        return
    with open_atomically(path) as binary:
        text = io.TextIOWrapper(binary, "utf-8", "backslashreplace", newline="\n")
        yield text, binary
        text.detach()


class JsonLinesWriter:
    """One object a line, each flushed: whenever the program ends, the file ends with a whole line."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, record: Record) -> None:
        self._stream.write(json.dumps(record) + "\n")
        self._stream.flush()

    def close(self) -> None:
        self._stream.flush()


class JsonWriter:
    """One array of objects."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._before = "[\n"

    def write(self, record: Record) -> None:
        text = json.dumps(record, indent=2).replace("\n", "\n  ")
        self._stream.write(f"{self._before}  {text}")
        self._before = ",\n"

    def close(self) -> None:
        self._stream.write("[]\n" if self._before == "[\n" else "\n]\n")
        self._stream.flush()


class CsvWriter:
    """One row a record, with a heading; on a terminal, control characters in cells are escaped."""

    def __init__(self, stream: TextIO, columns: dict[str, Any]) -> None:
        self._stream = stream
        self._for_people = stream.isatty()
        import csv  # no other format needs it

        self._rows = csv.DictWriter(stream, list(columns), lineterminator="\n")
        self._headed = False

    def write(self, record: Record) -> None:
        self._head()
        self._rows.writerow({name: self._shown(neutralised(_cell(value))) for name, value in record.items()})
        self._stream.flush()

    def close(self) -> None:
        self._head()
        self._stream.flush()

    def _shown(self, cell: Any) -> Any:
        return printable(cell) if self._for_people and isinstance(cell, str) else cell

    def _head(self) -> None:
        if not self._headed:
            self._rows.writeheader()
            self._headed = True


def _cell(value: Any) -> Any:
    """A list of words as one text, an object as JSON; all else as it is."""
    if isinstance(value, dict):
        return json.dumps(value)
    return "; ".join(value) if isinstance(value, list) else value


class TableWriter:
    """Columns of given widths for people, each line printed at once; errors go to stderr, one line each."""

    def __init__(self, stream: TextIO, headings: list[str], widths: list[int], row: Callable[[Record], list[str]]) -> None:
        self._stream = stream
        self._headings = headings
        self._widths = widths
        self._row = row
        self._headed = False

    def write(self, record: Record) -> None:
        if "error" in record:
            print(error_line(record), file=sys.stderr)
            return
        self._print_headings()
        self._stream.write(table_line(self._row(record), self._widths) + "\n")
        self._stream.flush()

    def close(self) -> None:
        self._print_headings()
        self._stream.flush()

    def _print_headings(self) -> None:
        if not self._headed:
            self._stream.write(table_line(self._headings, self._widths) + "\n")
            self._headed = True


class TextWriter:
    """A few lines a record; errors go to stderr, one line each."""

    def __init__(self, stream: TextIO, text: Callable[[Record], str]) -> None:
        self._stream = stream
        self._text = text

    def write(self, record: Record) -> None:
        if "error" in record:
            print(error_line(record), file=sys.stderr)
            return
        self._stream.write(self._text(record) + "\n")
        self._stream.flush()

    def close(self) -> None:
        self._stream.flush()
