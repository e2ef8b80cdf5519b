"""Calibration of the probabilities that `rank` states, on groups as people have them: siblings, children, grandchildren.

python benchmarks/accuracy/how_sure.py --images DIR --half b --out how-sure.md
"""

import argparse
import datetime
import itertools
import platform
import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from group_edits import JPEG_PROGRAMS
from groups import make_group, read_originals
from judged_groups import Findings, JudgedPair, chain_margins, judge_group
from numpy.typing import NDArray

from genloss import Scorer
from genloss.model.files import write_atomically
from genloss.model.scoring.ranked import may_be_discarded
from genloss.model.scoring.ranker import Ranker
from genloss.model.training.calibration import calibration_error, fit_slope

SURE = (0.8, 0.9, 0.95, 0.99)
BOUNDS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)
SIMULATIONS = 200  # of calibrated probabilities, for the calibration error that arises by chance
RELATIONS = {"ancestor and descendant": ("ancestor",), "siblings": ("sibling",), "all": ("ancestor", "sibling")}


def main() -> None:
    """Prints the tables as Markdown, and writes them to --out if given."""
    arguments = _parser().parse_args()
    scorer = Scorer() if arguments.bundle is None else Scorer(arguments.bundle)
    slope = scorer.bundle.judge_slope if arguments.slope is None else arguments.slope
    ranker = Ranker(replace(scorer.bundle, judge_slope=slope))
    originals = read_originals(arguments.images)
    if arguments.half is not None:
        originals = [one for one in originals if zlib.crc32(one[0].encode()) % 2 == "ab".index(arguments.half)]
    chosen = np.random.default_rng(arguments.seed).permutation(len(originals))[: arguments.pictures]
    originals = [originals[index] for index in sorted(chosen)]
    findings = Findings()
    for name, picture in originals:
        for number in range(arguments.groups):
            generator = np.random.default_rng((arguments.seed, zlib.crc32(name.encode()), number))
            judge_group(make_group(picture, generator), generator, scorer, ranker, findings)
    width, height = np.median([picture.size for _, picture in originals], axis=0).astype(int)
    text = [
        f"Bundle {scorer.bundle.version}, slope {slope:.3f}; {len(originals)} pictures"
        + (f" of half {arguments.half.upper()}" if arguments.half else "")
        + f" (median {width}x{height}), {findings.counts['groups']} groups, {findings.counts['versions']} versions,",
        f"seed {arguments.seed}; JPEG by {', '.join(JPEG_PROGRAMS)}; {platform.machine()}, {datetime.date.today()}.", "",
        *_summary(findings.pairs), *_reliability(findings.pairs), *_kinds(findings.pairs), *_discards(findings),
    ]  # fmt: skip
    margins = None if arguments.chains is None else chain_margins(arguments.chains, scorer, ranker)
    text += [] if margins is None else _chains(margins, slope)
    text += _fits(findings.pairs, slope, margins) if arguments.fit else []
    print("\n".join(text))
    if arguments.out is not None:
        write_atomically(arguments.out, ("\n".join(text) + "\n").encode())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--images", type=Path, required=True,
        help="folder of pictures that no training saw; lossless ones are taken as they are, lossy ones shrunk 2 times",
    )  # fmt: skip
    parser.add_argument("--pictures", type=int, metavar="N", help="how many of them (default all)")
    parser.add_argument("--groups", type=int, default=4, help="groups made of each picture (default 4)")
    parser.add_argument("--half", choices=("a", "b"), help="one half of the pictures, by name: tune on a, report b")
    parser.add_argument("--seed", type=int, default=1683, help="(default 1683)")
    parser.add_argument("--bundle", type=Path, help="another bundle than the shipped one")
    parser.add_argument("--slope", type=float, help="another slope of the stated odds than the bundle's")
    parser.add_argument("--chains", type=Path, metavar="DIR", help="also the pairs of a folder written by make_pairs.py")
    parser.add_argument("--fit", action="store_true", help="also the likeliest slopes")
    parser.add_argument("--out", type=Path, metavar="FILE.md", help="also write the tables there")
    return parser


def _chosen(pairs: Sequence[JudgedPair], relation: str, where: str) -> list[JudgedPair]:
    """Pairs of a table row; `where` is "neighbours", "against_first", or "" for both."""
    return [pair for pair in pairs if pair.relation in RELATIONS[relation] and (not where or getattr(pair, where))]


def _summary(pairs: Sequence[JudgedPair]) -> list[str]:
    lines = [
        "## Stated and observed", "Calibration error: mean difference of stated odds and share that was right, over ten bins.",
        "By chance: what honest odds would show on so few pairs.", "",
        "| pairs in the stated order | truth | n | stated, % | right, % | calibration error | by chance |",
        "|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    for title, where in (("neighbours", "neighbours"), ("first place against another", "against_first")):
        for relation in RELATIONS:
            found = _chosen(pairs, relation, where)
            lines += [f"| {title} | {relation} | {_figures(found)} |"] if found else []
    return [*lines, ""]


def _figures(pairs: Sequence[JudgedPair]) -> str:
    margins = np.array([pair.margin for pair in pairs])
    stated = np.array([_odds(pair.log_odds) for pair in pairs])
    right = np.mean([pair.right for pair in pairs])
    error, chance = calibration_error(margins, 1.0), _chance(np.abs(margins))
    return f"{len(pairs)} | {100 * stated.mean():.1f} | {100 * right:.1f} | {error:.3f} | {chance:.3f}"


def _chance(margins: NDArray[np.float64]) -> float:
    """Mean calibration error of perfectly calibrated probabilities, by chance alone."""
    generator = np.random.default_rng(1683)
    draws = (generator.random(len(margins)) < _odds(margins) for _ in range(SIMULATIONS))
    return float(np.mean([calibration_error(np.where(right, margins, -margins), 1.0) for right in draws]))


def _reliability(pairs: Sequence[JudgedPair]) -> list[str]:
    lines = ["## By stated odds", "Share that was right, and of how many.", ""]
    for title, where in (("neighbours", "neighbours"), ("first place against another", "against_first")):
        lines += [f"| {title}, stated | {' | '.join(RELATIONS)} |", "|---|---|---|---|"]
        for low, high in itertools.pairwise(BOUNDS):
            cells = []
            for relation in RELATIONS:
                odds = ((_odds(pair.log_odds), pair.right) for pair in _chosen(pairs, relation, where))
                right = [hit for stated, hit in odds if low <= stated < high or stated == high == 1]
                cells.append(f"{100 * np.mean(right):.1f} % of {len(right)}" if right else "-")
            name = "below 50 %" if low == 0 else f"{100 * low:.0f} to {100 * high:.0f} %"
            lines += [f"| {name} | {' | '.join(cells)} |"] if any(cell != "-" for cell in cells) else []
        lines.append("")
    return lines


def _kinds(pairs: Sequence[JudgedPair]) -> list[str]:
    lines = [
        "## By the last edit of the version that is farther", "Neighbours, and the first place against the others.", "",
        "| last edit | n | stated, % | right, % | calibration error | by chance |", "|---|---|---|---|---|---|",
    ]  # fmt: skip
    edits = sorted({pair.edit for pair in pairs})
    lines += [f"| {edit} | {_figures([pair for pair in pairs if pair.edit == edit])} |" for edit in edits]
    return [*lines, f"| all | {_figures(pairs)} |", ""]


def _discards(findings: Findings) -> list[str]:
    counts, followers = findings.counts, findings.followers
    share = 100 * counts["original_first"] / max(1, counts["with_original"])
    lines = [
        "## What may be discarded",
        f"The original is in {counts['with_original']} groups and ranked first in {share:.1f} % of these. {len(followers)} "
        f"versions follow a first place;",
        f"{counts['copies']} copies of pixels and {counts['apart']} versions taken for another picture are not counted.",
        "Wrong: truly closer than the first place, or the first place is not the original. No truth: unlike siblings.",
        "",
        "| `--sure` | may be discarded, % | of these wrong, % | truly closer, % | the original itself, % | no truth, % |",
        "|---|---|---|---|---|---|",
    ]  # fmt: skip
    for sure in SURE:
        gone = [one for one in followers if may_be_discarded(one.ranked, sure)]
        columns = (
            [bool(one.closer) or one.original_is_first is False for one in gone],
            [bool(one.closer) for one in gone],
            [one.is_original for one in gone],
            [one.closer is None for one in gone],
        )
        cells = [f"{100 * np.mean(values) if values else 0:.2f}" for values in columns]
        lines.append(f"| {sure} | {100 * len(gone) / max(1, len(followers)):.1f} | {' | '.join(cells)} |")
    return [*lines, ""]


def _chains(margins: NDArray[np.float64], slope: float) -> list[str]:
    right = 100 * np.mean(margins > 0)
    error, chance = calibration_error(margins, slope), _chance(np.abs(slope * margins))
    return [
        "## Chains",
        f"{len(margins)} pairs of make_pairs.py: {right:.1f} % right, calibration error {error:.3f} (by chance {chance:.3f}).",
        "",
    ]


def _fits(pairs: Sequence[JudgedPair], slope: float, chains: NDArray[np.float64] | None) -> list[str]:
    sets = {relation: np.array([pair.margin for pair in _chosen(pairs, relation, "")]) / slope for relation in RELATIONS}
    sets |= {} if chains is None else {"chains": chains, "all and chains": np.concatenate([sets["all"], chains])}
    lines = [
        "## Likeliest slopes",
        f"| pairs | n | slope | calibration error with it | with {slope:.3f} |",
        "|---|---|---|---|---|",
    ]
    for name, margins in sets.items():
        fitted = fit_slope(margins)
        errors = [f"{calibration_error(margins, each):.3f}" for each in (fitted, slope)]
        lines.append(f"| {name} | {len(margins)} | {fitted:.3f} | {' | '.join(errors)} |")
    return [*lines, ""]


def _odds(log_odds: NDArray[np.float64] | float) -> NDArray[np.float64]:
    return 1.0 / (1.0 + np.exp(-np.asarray(log_odds)))


if __name__ == "__main__":
    main()
