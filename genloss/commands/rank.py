"""`genloss rank`: versions of one picture in order."""

from contextlib import nullcontext
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from genloss.batch import BatchOptions, score_inputs
from genloss.inputs import count_inputs, typed_inputs
from genloss.model.errors import ImageError
from genloss.model.images.guard import DEADLINE_SECONDS, MAX_PIXELS
from genloss.model.images.outputs import check_output
from genloss.model.quiet import quiet_codecs
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
from genloss.remarks import say

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from genloss.model.scoring.scorer import Score
    from genloss.records import Record
    from genloss.writers import Writer

MANY_FILES = 64
EXAMPLES = """genloss rank copy1.jpg copy2.png copy3.webp
genloss rank copies/ --sure 0.95
genloss rank copies/ --tree
genloss rank copies/ -o ranking.json"""


def rank(
    files: Files = None,
    files_from: FilesFrom = None,
    null: Null = False,
    follow_links: FollowLinks = False,
    format: Format = None,
    destination: Output = None,
    sure: Annotated[
        float | None,
        typer.Option(
            "--sure", min=0.5, max=1.0, help="Also say which files you may discard: those that are worse with this probability."
        ),
    ] = None,
    one_picture: Annotated[
        bool,
        typer.Option(
            "--one-picture", help="You know that all files show one picture: rank them together, whatever they seem to show."
        ),
    ] = False,
    tree: Annotated[bool, typer.Option("--tree", help="Instead of a table, draw which file was made from which.")] = False,
    bundle: BundleOption = None,
    max_pixels: MaxPixels = MAX_PIXELS,
    isolated: Isolated = None,
    deadline: Deadline = DEADLINE_SECONDS,
) -> int:
    """Order versions of one picture, best first.

    The first is the closest to the original. Give files that show the same picture. Each line says how likely the file
    is closer to the original than the next one; below 60 % it says "cannot tell". Files with the same pixels share a
    place. Files that show different pictures are ranked picture by picture, never across; where you know better,
    give --one-picture.

    The order comes from comparing the versions with each other. It is right more often than their single
    scores. The comparison also shows which file was made from which, and how: cropped, scaled, edited,
    saved again.
    """
    from genloss.comparing import comparing_files
    from genloss.family_tree import FamilyTree
    from genloss.model.scoring.bundle import BUNDLED, load_bundle
    from genloss.model.scoring.ranker import Ranker
    from genloss.progress import progress
    from genloss.ranking_table import NOTE, UNCHECKED, RankingTable
    from genloss.records import RANK_COLUMNS, ranked_records
    from genloss.skipped import Skipped
    from genloss.writers import record_writer, write_records

    inputs = typed_inputs(files, files_from, null, follow_links)
    check_output(destination, [*(files or ()), files_from])
    chosen = choose_format(format, destination)
    if tree and chosen != "table":
        raise typer.BadParameter(f"a tree is drawn for people; {chosen} has parent, proof and changes of every file anyway")
    options = BatchOptions(bundle, max_pixels, isolated, deadline, with_fingerprint=True)
    skipped = Skipped()
    total = count_inputs(files, files_from, follow_links)
    with quiet_codecs():
        paths, scores, errors = _separate(progress(score_inputs(inputs, options, skipped), total))
        skipped.report()
        if remark := _remark(len(scores), len(errors)):
            say(remark)
        ranker = Ranker(load_bundle(bundle or BUNDLED))
        with comparing_files(paths, scores, options) if ranker.bundle.pairs and scores[1:] else nullcontext() as compare_pairs:
            ranked = ranker.rank(scores, compare_pairs, one_picture)
        if tree and ranker.bundle.pairs is None:
            say("this model lacks pair models, so nothing is said of who was made from whom")
        records = ranked_records(paths, ranked, sure)

        def make_table(text: TextIO) -> "Writer":
            return FamilyTree(text, paths, ranked) if tree else RankingTable(text, sure is not None)

        make_writer = record_writer(chosen, RANK_COLUMNS, make_table)
        note = NOTE if chosen == "table" and not tree and len(scores) > 1 else ""
        if note and one_picture:
            note = f"{note} {UNCHECKED}"
        return write_records([*records, *errors], make_writer, destination, note)


def _separate(results: "Iterable[tuple[Path, Score | ImageError]]") -> "tuple[list[Path], list[Score], list[Record]]":
    """Files that could be scored and their scores, in order, and the records of the others."""
    from genloss.records import error_record

    paths, scores, errors = [], [], []
    for path, result in results:
        if isinstance(result, ImageError):
            errors.append(error_record(path, result))
        else:
            paths.append(path)
            scores.append(result)
    return paths, scores, errors


def _remark(n_scored: int, n_failed: int) -> str:
    """What a person who gave such numbers of files should know; empty where nothing needs saying."""
    if n_scored > MANY_FILES:
        return f"{n_scored} files; rank is for versions of one picture, not for a folder of different ones: see genloss scan"
    if n_scored == 1:
        return "one picture; give two or more versions to compare"
    return "no pictures found" if n_scored + n_failed == 0 else ""
