"""How often complaints about similar programs hold for genloss. Each complaint is rebuilt from a folder of pictures.

python benchmarks/accuracy/cases.py --images DIR --most 20 --out cases.md

From each picture every case of cases_made.py and cases_denoised.py is made: a file and a worse copy, or two files with equal
pixels. Both files are scored, and ranked with pixel comparison as `genloss.rank` does. "Sure and wrong": the wrong file is
first at 99 % or more. "A tie called a win": equal pixels get two places, at a probability that is not called too close.
"""

import argparse
import datetime
import platform
import zlib
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from cases_denoised import denoised_cases
from cases_made import Case, Files, cases
from groups import read_originals
from PIL import Image

from genloss import Scorer
from genloss.model.errors import ImageError
from genloss.model.files import write_atomically
from genloss.model.pairs.findings import PlanesInMemory
from genloss.model.pairs.planes import VersionPlanes
from genloss.model.scoring.bundle import BUNDLED
from genloss.model.scoring.ranked import CANNOT_TELL, RankedVersion
from genloss.model.scoring.ranker import Ranker

MOST_PIXELS = 200_000
SURE = 0.99


@dataclass(frozen=True)
class Outcome:
    """Score and ranking of one pair of files.

    Attributes:
        by_score, by_rank: whether the closer file has the lower score, and whether it ranks first.
        odds: stated probability that the first place is right; None if both share a place or show different pictures.
        shared: whether both files share a place.
        refused: whether one of the files is rejected as broken.
    """

    by_score: bool = False
    by_rank: bool = False
    odds: float | None = None
    shared: bool = False
    refused: bool = False


def main() -> None:
    """Prints the tables as Markdown, and writes them to --out if given."""
    arguments = _parser().parse_args()
    scorer = Scorer(arguments.bundle)
    ranker = Ranker(scorer.bundle)
    originals = read_originals(arguments.images)
    order = np.random.default_rng(arguments.seed).permutation(len(originals))[: arguments.most]
    outcomes: dict[Case, list[Outcome]] = defaultdict(list)
    wanted = [case for case in (*cases(), *denoised_cases()) if arguments.only in case.name]
    for index in sorted(order):
        name, picture = originals[index]
        small = _at_most(picture)
        for case in wanted:
            generator = np.random.default_rng((arguments.seed, zlib.crc32(f"{name} {case.name}".encode())))
            made = case.make(small, generator)
            if made is not None:
                outcomes[case].append(_outcome(made, scorer, ranker))
    text = "\n".join(
        [
            f"Bundle {scorer.bundle.version}; {len(order)} pictures, seed {arguments.seed}; {platform.machine()}, "
            f"{datetime.date.today()}.", "",
            *_case_lines(outcomes), "", *_tie_lines(outcomes),
        ]
    )  # fmt: skip
    print(text)
    if arguments.out is not None:
        write_atomically(arguments.out, (text + "\n").encode())


def _at_most(picture: Image.Image) -> Image.Image:
    factor = (MOST_PIXELS / (picture.width * picture.height)) ** 0.5
    if factor >= 1:
        return picture
    return picture.resize((round(picture.width * factor), round(picture.height * factor)), Image.Resampling.BOX)


def _outcome(files: Files, scorer: Scorer, ranker: Ranker) -> Outcome:
    """Scores and ranks both files; the input order alternates, so that it cannot decide."""
    order = (0, 1) if zlib.crc32(files[1]) % 2 else (1, 0)
    try:
        scores = [scorer.score(files[index], with_fingerprint=True) for index in order]
    except ImageError:
        return Outcome(refused=True)
    planes = PlanesInMemory(lambda position: VersionPlanes.read(files[order[position]]))
    ranked = ranker.rank(scores, planes)
    closer, other = (scores[order.index(index)].generation_loss for index in (0, 1))
    return _judged(ranked, order, by_score=closer < other)


def _judged(ranked: list[RankedVersion], order: tuple[int, int], by_score: bool) -> Outcome:
    first, second = ranked
    if first.picture != second.picture:
        return Outcome(by_score)
    if first.place == second.place:
        return Outcome(by_score, shared=True)
    return Outcome(by_score, order[first.index] == 0, first.probability_closer_than_next)


def _case_lines(outcomes: dict[Case, list[Outcome]]) -> list[str]:
    lines = [
        "| case | made by | n | right by score | right by rank | sure and wrong | sharing a place | refused as broken |",
        "|---|---|---|---|---|---|---|---|",
    ]
    rows = {case: found for case, found in outcomes.items() if not case.is_tie}
    for case, found in rows.items():
        lines.append(_row(case.name, case.how, found))
    if rows:
        lines.append(_row("all", "", [one for found in rows.values() for one in found]))
    return lines


def _row(name: str, how: str, found: list[Outcome]) -> str:
    """A line of the table; rejected files count neither as right nor as wrong."""
    ranked = [one for one in found if not one.refused]
    wrong = sum(not one.by_rank and one.odds is not None and one.odds >= SURE for one in ranked)
    numbers = (
        len(found), sum(one.by_score for one in ranked), sum(one.by_rank for one in ranked), wrong,
        sum(one.shared for one in ranked), len(found) - len(ranked),
    )  # fmt: skip
    return f"| {name} | {how} | " + " | ".join(map(str, numbers)) + " |"


def _tie_lines(outcomes: dict[Case, list[Outcome]]) -> list[str]:
    lines = ["| equal pixels | made by | n | sharing a place | called a win |", "|---|---|---|---|---|"]
    for case, found in outcomes.items():
        if case.is_tie:
            wins = sum(one.odds is not None and one.odds >= CANNOT_TELL for one in found)
            lines.append(f"| {case.name} | {case.how} | {len(found)} | {sum(one.shared for one in found)} | {wins} |")
    return lines


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--images", type=Path, required=True,
        help="folder of pictures that no training saw; lossless ones are taken as they are, lossy ones shrunk 2 times",
    )  # fmt: skip
    parser.add_argument("--most", type=int, metavar="N", help="pictures, drawn by the seed (default all)")
    parser.add_argument("--only", default="", metavar="TEXT", help="cases with this in their names")
    parser.add_argument("--seed", type=int, default=22, help="(default 22)")
    parser.add_argument("--bundle", type=Path, default=BUNDLED, help="another bundle than the shipped one")
    parser.add_argument("--out", type=Path, metavar="FILE.md", help="also write the tables there")
    return parser


if __name__ == "__main__":
    main()
