"""`genloss evaluate`: how often genloss is right, on pairs whose truth is known."""

from collections.abc import Generator, Sequence
from contextlib import closing, nullcontext
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from genloss.batch import BatchOptions, score_inputs
from genloss.inputs import Input
from genloss.model.errors import ImageError, PairsError
from genloss.model.printable import counted
from genloss.options import BundleOption, ReportFormat
from genloss.remarks import say

EXAMPLES = """genloss evaluate --pairs pairs.csv --files folder
genloss evaluate --pairs data/pairs/pairs.csv --files data/pairs --split test --format json"""

DEADLINE_SECONDS = 60.0  # of one pair
PAIRS_AHEAD = 64  # that wait or are compared; bounds memory however many there are

if TYPE_CHECKING:
    from genloss.model.pairs.findings import Found
    from genloss.model.scoring.evaluation import Pair
    from genloss.model.scoring.scorer import Score


def evaluate(
    pairs: Annotated[Path, typer.Option("--pairs", help="CSV with the columns better, worse, category.")],
    files: Annotated[Path, typer.Option("--files", help="Folder the paths in the CSV are relative to.")],
    split: Annotated[str | None, typer.Option("--split", help="Only pairs with this value in the column `split`.")] = None,
    format: Annotated[ReportFormat, typer.Option("--format", "-f", help="How to print the result.")] = ReportFormat.table,
    bundle: BundleOption = None,
) -> int:
    """Measure how often genloss is right.

    It needs pairs whose truth is known. "score": the better version has the lower score. "rank": the better version
    comes first when `genloss rank` compares the two.
    """
    from genloss.model.scoring.bundle import BUNDLED, load_bundle
    from genloss.model.scoring.evaluation import evaluate as evaluate_pairs
    from genloss.model.scoring.evaluation import read_pairs
    from genloss.model.scoring.ranker import Ranker
    from genloss.tables import print_evaluations

    listed = read_pairs(pairs, split)
    scores = _score_listed(sorted({name for pair in listed for name in (pair.better, pair.worse)}), files, bundle)
    ranker = Ranker(load_bundle(bundle or BUNDLED))
    scored = [pair for pair in listed if pair.better in scores and pair.worse in scores]
    by_score: list[float | None] = []
    by_rank: list[float | None] = []
    # Closed here and not by the garbage collector, which would swallow Ctrl-C while the workers end.
    with closing(_compare(scored, files, bundle)) if ranker.bundle.pairs else nullcontext(repeat(None)) as findings:
        for pair in listed:
            better, worse = scores.get(pair.better), scores.get(pair.worse)
            if better is None or worse is None:
                by_score.append(None)
                by_rank.append(None)
                continue
            by_score.append(worse.generation_loss - better.generation_loss)
            by_rank.append(ranker.compare(worse, better, next(findings)))
    print_evaluations({"score": evaluate_pairs(listed, by_score), "rank": evaluate_pairs(listed, by_rank)}, format.value)
    return by_score.count(None)


def _compare(listed: Sequence["Pair"], files: Path, bundle: Path | None) -> Generator["Found", None, None]:
    """The worse and the better file of each pair laid on each other, in worker processes."""
    from genloss.model.scoring.bundle import BUNDLED
    from genloss.model.scoring.comparing import SubmittedPairs
    from genloss.model.scoring.workers import ScoringWorkers
    from genloss.progress import progress

    def report(error: ImageError) -> None:
        say(f"a pair goes by the judge alone: {error.code}: {error}")

    with ScoringWorkers(bundle or BUNDLED, deadline_seconds=DEADLINE_SECONDS) as workers:
        names = list(dict.fromkeys(name for pair in listed for name in (pair.worse, pair.better)))
        numbers = {name: number for number, name in enumerate(names)}
        compare = SubmittedPairs(
            lambda first, second: workers.submit_file_finding((files / names[first], files / names[second])),
            PAIRS_AHEAD,
            on_error=report,
        )
        pairs = [(numbers[pair.worse], numbers[pair.better]) for pair in listed]
        yield from progress(compare(pairs), len(pairs), doing="comparing", unit="pairs")


def _score_listed(names: list[str], files: Path, bundle: Path | None) -> dict[str, "Score"]:
    """Scores by name; files that fail are left out, with a line on stderr each."""
    from genloss.progress import progress

    results = score_inputs((Input(files / name) for name in names), BatchOptions(bundle))
    scores = {}
    for name, (_, result) in zip(names, progress(results, len(names)), strict=True):
        if isinstance(result, ImageError):
            say(f"{name}: {result.code}: {result}")
        else:
            scores[name] = result
    if not scores:
        raise PairsError(f"none of {counted(len(names), 'listed file')} could be scored below {files}")
    return scores
