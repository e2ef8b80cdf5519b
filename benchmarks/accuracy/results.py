"""Recomputes docs/about/results.md, its plots and its rows of results.json from the bundle: make results PAIRS=data/pairs."""

import argparse
import json
import platform
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from ablations import ablations
from brisque_baseline import brisque_of_files
from degradation_curves import GENERATION_QUALITY, GENERATIONS, QUALITIES, Curve, generations, jpeg_sweep
from held_out import held_out_originals
from mistakes import draw_mistakes
from numpy.typing import NDArray
from PIL import Image
from result_charts import draw_generations, draw_quality, draw_reliability, reliability_points
from transfer import transfer

from genloss import Score, Scorer
from genloss.model.scoring.evaluation import Pair, evaluate, read_pairs
from genloss.model.scoring.ranker import Ranker

sys.path.append(str(Path(__file__).resolve().parents[1]))
from tables import ROOT, printed_tables, record, this_run

PAGE, IMAGES = ROOT / "docs/about/results.md", ROOT / "docs/images"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=Path, required=True, help="folder written by make_pairs.py; its test split is used")
    parser.add_argument(
        "--also", nargs=3, action="append", default=[], metavar=("NAME", "CSV", "DIR"),
        help="another list of pairs, the folder its paths are relative to, and what to call it",
    )  # fmt: skip
    parser.add_argument(
        "--show", default="", metavar="PREFIX",
        help="the worst mistakes are drawn of sources that start with this: a collection that may be shown",
    )  # fmt: skip
    parser.add_argument("--sweep", type=int, default=150, help="pictures for the JPEG sweep (default 150)")
    parser.add_argument(
        "--ablate", type=int, default=3000, metavar="CHAINS", help="training chains of the small towers (default 3000; 0: none)"
    )
    parser.add_argument(
        "--transfer",
        type=int,
        default=8000,
        metavar="CHAINS",
        help="of each tower trained without a step (default 8000; 0: none)",
    )
    arguments = parser.parse_args()
    scorer = Scorer()
    machine = f"{platform.machine()}, Python {platform.python_version()}"
    text = [
        "# Results", f"Of the committed bundle {scorer.bundle.version}, printed by `make results` ({machine}). Accuracies are",
        "shares of pairs in percent; a tie counts half, a file without the property counts as a tie. The column `genloss rank`",
        "is the pair judge alone; [side-by-side.md](side-by-side.md) has what laying versions on each other adds.", "",
    ]  # fmt: skip
    name = "Held-out chains (test split by source picture)"
    pairs = read_pairs(arguments.pairs / "pairs.csv", "test")
    measured = _measure(pairs, arguments.pairs, scorer)
    table = _table(name, pairs, measured)
    record("held-out-pairs", printed_tables(table, this_run("make results", scorer.bundle.version)))
    text += table
    _save(draw_reliability(reliability_points(measured.log_odds * scorer.bundle.judge_slope)), "results-reliability.svg")
    text += ["![Stated odds against the share that was right](../images/results-reliability.svg)", ""]
    for name, csv, folder in arguments.also:
        others = read_pairs(Path(csv))
        table = _table(name, others, _measure(others, Path(folder), scorer))
        record("other-pairs", printed_tables(table, this_run("make results", scorer.bundle.version)))
        text += table
    text += _mistakes(pairs, measured, arguments.pairs, arguments.show)
    pictures = held_out_originals(arguments.pairs)
    text += _sweep(jpeg_sweep(scorer, pictures[: arguments.sweep]))
    wide = [one for one in pictures if min(one[1].size) >= 250 and max(one[1].size) <= 700]
    text += _generations(generations(scorer, wide[:5]))
    text += ablations(arguments.pairs, scorer.bundle.folder, arguments.ablate)
    text += transfer(arguments.pairs, arguments.transfer) if arguments.transfer else []
    PAGE.write_text("\n".join(text) + "\n", encoding="utf-8")
    print("\n".join(text))


@dataclass(frozen=True)
class _Measured:
    """Values of every rule for the versions of some pairs.

    Attributes:
        scores: of the bundle, by path.
        log_odds: (P,) of the pair judge, that the better version of each pair is better.
        values: by rule, then by path; the rule prefers the higher value.
    """

    scores: dict[str, Score]
    log_odds: NDArray[np.float64]
    values: dict[str, dict[str, float]]


def _measure(pairs: Sequence[Pair], folder: Path, scorer: Scorer) -> _Measured:
    names = sorted({path for pair in pairs for path in (pair.better, pair.worse)})
    scores = dict(zip(names, (score for _, score in scorer.score_files([folder / one for one in names])), strict=True))
    ranker = Ranker(scorer.bundle)
    log_odds = [float(ranker.log_odds([scores[p.worse], scores[p.better]])[0, 1]) for p in pairs]
    rules: dict[str, Callable[[str], float]] = {
        "genloss score": lambda one: -scores[one].generation_loss,
        "file size": lambda one: scores[one].facts.n_bytes,
        "resolution": lambda one: _pixels(scores[one]),
        "resolution, then size": lambda one: _pixels(scores[one]) * 1e10 + scores[one].facts.n_bytes,
        "JPEG quality": lambda one: scores[one].facts.jpeg_quality or 100,
        "Laplacian variance": lambda one: _laplacian_variance(folder / one),
    }
    values = {rule: {one: float(value(one)) for one in names} for rule, value in rules.items()}
    brisque = brisque_of_files([folder / one for one in names])
    if brisque is not None:
        values["BRISQUE"] = {one: -value for one, value in zip(names, brisque, strict=True)}
    return _Measured(scores, np.array(log_odds), values)


def _table(name: str, pairs: Sequence[Pair], measured: _Measured) -> list[str]:
    results = {"genloss rank": evaluate(pairs, list(measured.log_odds))}
    for rule, value in measured.values.items():
        # Without a value for one of the two, the rule cannot decide: a tie.
        margins = np.nan_to_num([value[pair.better] - value[pair.worse] for pair in pairs])
        results[rule] = evaluate(pairs, margins.tolist())
    lines = [f"## {name}", f"{len(pairs)} pairs.", "", f"| kind of edit | pairs | {' | '.join(results)} |"]
    lines.append("|" + "---|" * (len(results) + 2))
    for row, category in enumerate(next(iter(results.values())).categories):
        shares = " | ".join(f"{100 * result.categories[row].accuracy:.1f}" for result in results.values())
        lines.append(f"| {category.category} | {category.n_pairs} | {shares} |")
    lines.append(f"| **all** | {len(pairs)} | {' | '.join(f'**{100 * one.accuracy:.1f}**' for one in results.values())} |")
    certain = np.abs(measured.log_odds) >= np.quantile(np.abs(measured.log_odds), 0.1)
    wrong = measured.log_odds <= 0
    share = wrong[~certain].sum() / max(1, wrong.sum())
    return [*lines, "", f"The least certain tenth of `rank`'s calls holds {100 * share:.0f} % of its {wrong.sum()} errors.", ""]


def _mistakes(pairs: Sequence[Pair], measured: _Measured, folder: Path, prefix: str) -> list[str]:
    sources = {}
    for line in (folder / "chains.jsonl").read_text(encoding="utf-8").splitlines():
        chain = json.loads(line)
        sources.update(dict.fromkeys((version["path"] for version in chain["versions"]), chain["source"]))
    shown = [index for index, pair in enumerate(pairs) if sources[pair.better].startswith(prefix)]
    chosen = [pairs[index] for index in shown]
    number = draw_mistakes(chosen, measured.log_odds[shown].tolist(), folder, 20, IMAGES / "results-mistakes.webp")
    of = f" among pictures of {prefix}" if prefix else ""
    return [
        f"## The worst {number} mistakes of `rank`{of}",
        "The truly better version on the left of each two, where they differ most.",
        "", "![Pairs of crops](../images/results-mistakes.webp)", "",
    ]  # fmt: skip


def _sweep(curves: list[Curve]) -> list[str]:
    whole = np.mean([curve.rising for curve in curves])
    steps = np.mean([np.diff(curve.scores) > 0 for curve in curves])
    scores = np.array([curve.scores for curve in curves])
    low, middle, high = np.quantile(scores, [0.1, 0.5, 0.9], axis=0)
    _save(draw_quality(QUALITIES, low, middle, high, len(curves)), "results-quality.svg")
    return [
        "## JPEG sweep", f"{len(curves)} held-out originals saved once at qualities {', '.join(map(str, QUALITIES))}:",
        f"all seven in order for {100 * whole:.1f} % of pictures; {100 * steps:.2f} % of neighbouring qualities in order.", "",
        "![Score by JPEG quality](../images/results-quality.svg)", "",
    ]  # fmt: skip


def _generations(curves: list[Curve]) -> list[str]:
    _save(draw_generations(GENERATIONS, curves, GENERATION_QUALITY), "results-generations.svg")
    values = ", ".join(f"{curve.spearman:.3f}" for curve in curves)
    return [
        "## A thousand generations", f"Turned by 90 degrees and saved again at quality {GENERATION_QUALITY}, scored after",
        f"{', '.join(map(str, GENERATIONS))}.",
        f"Spearman's correlation of generation and score, for {len(curves)} held-out pictures: {values}.", "",
        "![Score by generation](../images/results-generations.svg)", "",
    ]  # fmt: skip


def _save(figure: plt.Figure, name: str) -> None:
    figure.tight_layout()
    figure.savefig(IMAGES / name, metadata={"Date": None})
    plt.close(figure)


def _pixels(score: Score) -> float:
    return float(score.facts.width_px * score.facts.height_px)


def _laplacian_variance(path: Path) -> float:
    grey = np.asarray(Image.open(path).convert("RGB").convert("L"), dtype=np.float32)
    laplacian = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:] - 4 * grey[1:-1, 1:-1]
    return float(laplacian.var())


if __name__ == "__main__":
    main()
