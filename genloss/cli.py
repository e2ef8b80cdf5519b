"""The program `genloss`: what a user types, and the one table of exit codes."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, BinaryIO, TextIO

import typer

from genloss import output
from genloss.batch import FEW_FILES, BatchOptions, score_inputs
from genloss.inputs import Input, expand, listed
from genloss.quiet import quiet_codecs
from genloss.writers import CsvWriter, JsonLinesWriter, JsonWriter, TableWriter, TextWriter, Writer, write_records
from model.errors import GenerationLossError, ImageError, OutputError, PairsError
from model.guard import DEADLINE_SECONDS, MAX_PIXELS

# 0: done. 1: crash (a bug). 2: wrong arguments, or an error that stopped everything. 3: done, but some
# inputs failed.
EXIT_STOPPED = 2
EXIT_SOME_FAILED = 3

WARNING = "Lower is closer to the original. Scores compare versions of the same picture only."

app = typer.Typer(
    name="genloss",
    help=f"Say which version of a picture is closest to the original.\n\n{WARNING}",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from genloss import __version__

        print(f"genloss {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    pass


class OutputFormat(StrEnum):
    table = "table"
    json = "json"
    jsonl = "jsonl"
    csv = "csv"
    parquet = "parquet"


class ExplainFormat(StrEnum):
    text = "text"
    json = "json"
    jsonl = "jsonl"


class ReportFormat(StrEnum):
    table = "table"
    json = "json"


Files = Annotated[
    list[str] | None,
    typer.Argument(help="Pictures, folders (with all below them), or patterns such as '**/*.jpg'.", show_default=False),
]
FilesFrom = Annotated[
    str | None, typer.Option("--files-from", metavar="FILE", help="Also take the names listed in FILE, one a line; - is stdin.")
]
Null = Annotated[bool, typer.Option("--null", "-0", help="Names in --files-from end with NUL (find -print0), not newline.")]
FollowLinks = Annotated[bool, typer.Option("--follow-links", help="Read what symbolic links point to; refused without it.")]
Format = Annotated[OutputFormat, typer.Option("--format", "-f", help="How to print the result.")]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="File to write to instead of standard output.")]
BundleOption = Annotated[Path | None, typer.Option("--bundle", help="Trained model to use instead of the shipped one.")]
MaxPixels = Annotated[int, typer.Option("--max-pixels", min=64, help="Refuse pictures with more pixels than this.")]
Isolated = Annotated[
    bool | None,
    typer.Option(
        "--isolated/--in-process",
        help=f"Decode in worker processes that are killed at the deadline; by default from {FEW_FILES + 1} files on.",
        show_default=False,
    ),
]
Deadline = Annotated[float, typer.Option("--deadline", min=0.1, help="Seconds for one file in a worker process.")]


@app.command()
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
) -> None:
    """Print the generation loss of each file, in the order given.

    The generation loss lies between 0 and 1. Lower is closer to the original. It compares versions of
    the same picture only; between different pictures it means nothing. Exit code 3 when some files failed.
    """
    inputs = _inputs(files, files_from, null, follow_links)
    options = BatchOptions(
        bundle, max_pixels, follow_links, isolated if files_from is None else isolated is not False, deadline
    )
    with _stops(), quiet_codecs():
        records = (output.result_record(path, result) for path, result in score_inputs(inputs, options))
        make = _record_writer(format, output.SCORE_COLUMNS, output.SCORE_HEADINGS, output.score_row)
        note = WARNING if format is OutputFormat.table else ""
        n_failed = write_records(output.progress(records), make, destination, note)
    _finish(n_failed > 0)


@app.command()
def rank(
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
) -> None:
    """Order versions of one picture, the closest to the original first.

    Give files that show the same picture. Each line says how likely the version is closer to the
    original than the next one, or that this is too close to call. The order comes from comparing every
    two versions side by side, which is right more often than their single scores (lower is closer):
    neighbours may stand in another order than their scores say. Exit code 3 when some files failed.
    """
    from model.bundle import BUNDLED, load_bundle
    from model.pair_judge import PairJudge
    from model.ranking import rank_versions

    inputs = _inputs(files, files_from, null, follow_links)
    options = BatchOptions(bundle, max_pixels, follow_links, isolated, deadline)
    with _stops(), quiet_codecs():
        good, errors = [], []
        for path, result in output.progress(score_inputs(inputs, options)):
            if isinstance(result, ImageError):
                errors.append(output.error_record(path, result))
            else:
                good.append((path, result))
        scores = [result for _, result in good]
        loaded = load_bundle(bundle or BUNDLED)
        ranked = rank_versions(scores, PairJudge(loaded).log_odds([one.evidence for one in scores]), loaded)
        records = [output.ranked_record(good[version.index][0], version) for version in ranked]
        make = _record_writer(format, output.RANK_COLUMNS, output.RANK_HEADINGS, output.rank_row)
        write_records([*records, *errors], make, destination, WARNING if format is OutputFormat.table else "")
    _finish(bool(errors))


@app.command()
def explain(
    files: Files = None,
    files_from: FilesFrom = None,
    null: Null = False,
    follow_links: FollowLinks = False,
    format: Annotated[ExplainFormat, typer.Option("--format", "-f", help="How to print the result.")] = ExplainFormat.text,
    crops: Annotated[
        Path | None,
        typer.Option("--crops", metavar="PNG", help="With two files: also save a picture of where they differ most."),
    ] = None,
    bundle: BundleOption = None,
    max_pixels: MaxPixels = MAX_PIXELS,
) -> None:
    """Say in words what speaks for or against each file; of two versions, show where they differ most.

    Looks for an earlier JPEG on any block grid, for traces of enlarging, for missing fine detail and for
    small palettes, and repeats what the file itself says. Takes longer than a score, and runs in this
    process. A trace proves a loss; no trace proves nothing. Exit code 3 when some files failed.
    """
    from model.bundle import BUNDLED
    from model.reading import read_file
    from model.scorer import Scorer

    if crops is not None and len(files or ()) != 2:
        raise typer.BadParameter("needs exactly two files", param_hint="--crops")
    inputs = _inputs(files, files_from, null, follow_links)

    def explained(one: Input) -> output.Record:
        try:
            if one.error is not None:
                raise one.error
            return output.explained_record(one.path, scorer.score(read_file(one.path, follow_links), with_reasons=True))
        except ImageError as error:
            return output.error_record(one.path, error)

    def make(text: TextIO, _: BinaryIO) -> Writer:
        if format is ExplainFormat.text:
            return TextWriter(text, output.explained_text)
        return JsonWriter(text) if format is ExplainFormat.json else JsonLinesWriter(text)

    with _stops(), quiet_codecs():
        scorer = Scorer(bundle or BUNDLED, max_pixels)
        note = WARNING if format is ExplainFormat.text else ""
        n_failed = write_records(output.progress(map(explained, inputs)), make, None, note)
        if crops is not None and n_failed == 0:
            _save_crops(Path((files or [])[0]), Path((files or [])[1]), crops, max_pixels)
    _finish(n_failed > 0)


@app.command()
def evaluate(
    pairs: Annotated[Path, typer.Option("--pairs", help="CSV with the columns better, worse, category.")],
    files: Annotated[Path, typer.Option("--files", help="Folder the paths in the CSV are relative to.")],
    split: Annotated[str | None, typer.Option("--split", help="Only pairs with this value in a column split.")] = None,
    format: Annotated[ReportFormat, typer.Option("--format", "-f", help="How to print the result.")] = ReportFormat.table,
    bundle: BundleOption = None,
) -> None:
    """Measure how often genloss is right, on pairs whose truth is known.

    "score" asks whether the better version has the lower score, "rank" whether it comes first when both
    are compared side by side, as the command rank does.
    """
    from model.bundle import BUNDLED, load_bundle
    from model.evaluation import evaluate as evaluate_pairs
    from model.evaluation import read_pairs
    from model.pair_judge import PairJudge

    with _stops():
        listed = read_pairs(pairs, split)
        names = sorted({name for pair in listed for name in (pair.better, pair.worse)})
        inputs = (Input(files / name) for name in names)
        results = score_inputs(inputs, BatchOptions(bundle, follow_links=True))
        scores = {}
        for name, (_, result) in zip(names, output.progress(results, len(names)), strict=True):
            if isinstance(result, ImageError):
                print(f"genloss: {output.printable(name)}: {result.code}: {result}", file=sys.stderr)
            else:
                scores[name] = result
        if not scores:
            raise PairsError(f"none of the {len(names)} listed files could be scored below {files}")
        judge = PairJudge(load_bundle(bundle or BUNDLED))
        by_score: list[float | None] = []
        by_rank: list[float | None] = []
        for pair in listed:
            better, worse = scores.get(pair.better), scores.get(pair.worse)
            if better is None or worse is None:
                by_score.append(None)
                by_rank.append(None)
                continue
            by_score.append(worse.generation_loss - better.generation_loss)
            by_rank.append(float(judge.log_odds([worse.evidence, better.evidence])[0, 1]))
        evaluations = {"score": evaluate_pairs(listed, by_score), "rank": evaluate_pairs(listed, by_rank)}
        output.print_evaluations(evaluations, format.value)
    _finish(None in by_score)


@app.command()
def train(
    context: typer.Context,
    pairs: Annotated[Path, typer.Option("--pairs", help="Folder written by datagen/make_pairs.py.")],
    out: Annotated[Path, typer.Option("--out", help="Folder for checkpoint, history and the finished bundle.")],
    epochs: Annotated[int, typer.Option(min=1, help="Passes over the training chains.")] = 20,
    versions_per_batch: Annotated[int, typer.Option(min=6, max=4096, help="Versions per step.")] = 128,
    blocks: Annotated[int, typer.Option(min=1, max=512, help="Random blocks per version in a step.")] = 128,
    learning_rate: Annotated[float, typer.Option(min=1e-6, max=1.0, help="Peak learning rate.")] = 1e-3,
    seed: Annotated[int, typer.Option(min=0, help="Seed of weights, shuffling and jitter.")] = 1683,
    aggregator: Annotated[str, typer.Option(help="lstm or weighted_sum.")] = "lstm",
    dropout: Annotated[float, typer.Option(min=0.0, max=0.9, help="Dropout in metadata branch and head.")] = 0.2,
    jitter: Annotated[float, typer.Option(min=0.0, max=2.0, help="Noise on standardised metadata.")] = 0.1,
    comparator: Annotated[float, typer.Option(min=1.0, max=1000.0, help="Weight of the frozen comparator.")] = 20.0,
    judge_epochs: Annotated[int, typer.Option(min=1, help="Passes over all training pairs for the pair judge.")] = 40,
    corpus: Annotated[str, typer.Option(help="What the originals are; goes into the model card.")] = "not stated",
    config: Annotated[
        Path | None, typer.Option("--config", help="JSON with network and training, as search/tune.py writes it; options win.")
    ] = None,
    parent: Annotated[
        Path | None,
        typer.Option("--parent", help="Bundle whose tower and judge are trained further; its network counts."),
    ] = None,
) -> None:
    """Train a model on a pair set; run the same command again to resume after an interruption.

    Needs the extra `train` (TensorFlow). Writes OUT/checkpoint.npz after every epoch and, at the end,
    OUT/bundle, which --bundle takes.
    """
    with _stops():
        from genloss.train_command import run_training

        network: dict[str, object] = {
            "aggregator": aggregator, "dropout": dropout, "jitter": jitter, "comparator_k": comparator,
        }  # fmt: skip
        training: dict[str, object] = {
            "epochs": epochs, "versions_per_batch": versions_per_batch, "blocks_per_version": blocks,
            "learning_rate": learning_rate, "seed": seed,
        }  # fmt: skip
        if config is not None or parent is not None:  # then only what was typed counts, not the options' defaults
            options = {"blocks_per_version": "blocks", "comparator_k": "comparator"}
            network, training = (
                {name: value for name, value in given.items() if _was_typed(context, options.get(name, name))}
                for given in (network, training)
            )
        run_training(pairs, out, config, parent, network, training, judge_epochs, corpus)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option("--host", help="Address to listen on. [default: 127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option("--port", help="Port; 0 takes a free one. [default: 8000]")] = None,
    workers: Annotated[int | None, typer.Option("--workers", help="Pictures scored side by side. [default: cores]")] = None,
    bundle: BundleOption = None,
) -> None:
    """Serve scores and rankings over HTTP, with a page to drop pictures on.

    Needs the extra `serve`. Further settings come from GENLOSS_* environment variables; docs/service.md
    lists them. Stops on Ctrl-C or SIGTERM once running requests are answered.
    """
    with _stops():
        from genloss.serve_command import run_service

        run_service(host, port, workers, bundle)


@app.command()
def work() -> None:
    """Run the training jobs of a service that was started with GENLOSS_JOBS_WORKER=separate.

    Needs the extras `serve`, `jobs`, `train` and, for jobs that bring originals or search, `datagen` and `search`. Set the same
    GENLOSS_JOBS_URL, GENLOSS_JOBS_FOLDER and GENLOSS_PAIRS_FOLDER as for the service; see
    docs/training-jobs.md. Stops on Ctrl-C or SIGTERM; the job it worked on goes on with the next worker.
    """
    with _stops():
        from genloss.work_command import run_worker

        run_worker()


def _save_crops(first: Path, second: Path, crops: Path, max_pixels: int) -> None:
    from genloss.crops import save_crops
    from model.decode import decode
    from model.reading import read_file

    one, other = (decode(read_file(path), max_pixels) for path in (first, second))
    try:
        windows = save_crops(one, other, crops)
    except OSError as error:
        raise OutputError(f"{crops} cannot be written: {error.strerror}") from error
    print(f"{crops}: {len(windows)} places where they differ most" if windows else f"{crops}: no pixel differs")


def main() -> None:
    """Entry point of the installed program."""
    # File names need not be UTF-8; printing one must not end the run.
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    app()


def _inputs(files: list[str] | None, files_from: str | None, null: bool, follow_links: bool) -> Iterator[Input]:
    if not files and files_from is None:
        raise typer.BadParameter("no files given; name some, or use --files-from")
    found = expand(files or [], follow_links)
    if files_from is None:
        return found
    return chain(found, expand(listed(files_from, null), follow_links, patterns=False))


def _record_writer(
    format: OutputFormat, columns: dict[str, Any], headings: list[str], row: Callable[[output.Record], list[str]]
) -> Callable[[TextIO, BinaryIO], Writer]:
    def make(text: TextIO, binary: BinaryIO) -> Writer:
        if format is OutputFormat.parquet:
            from genloss.parquet_writer import ParquetWriter

            return ParquetWriter(binary, columns)
        if format is OutputFormat.csv:
            return CsvWriter(text, columns)
        if format is OutputFormat.table:
            return TableWriter(text, headings, row)
        return JsonWriter(text) if format is OutputFormat.json else JsonLinesWriter(text)

    return make


@contextmanager
def _stops() -> Iterator[None]:
    """Errors that stop everything: one line on stderr and exit code 2; Ctrl-C is 130, a closed pipe 0."""
    try:
        yield
        sys.stdout.flush()
    except GenerationLossError as error:
        print(f"genloss: {error.code}: {error}", file=sys.stderr)
        raise typer.Exit(EXIT_STOPPED) from error
    except KeyboardInterrupt as error:
        print("genloss: interrupted", file=sys.stderr)
        raise typer.Exit(130) from error
    except BrokenPipeError as error:
        sys.stderr.close()
        raise typer.Exit(0) from error


def _was_typed(context: typer.Context, option: str) -> bool:
    source = context.get_parameter_source(option)
    return source is not None and source.name == "COMMANDLINE"


def _finish(some_failed: bool) -> None:
    if some_failed:
        raise typer.Exit(EXIT_SOME_FAILED)


if __name__ == "__main__":
    main()
