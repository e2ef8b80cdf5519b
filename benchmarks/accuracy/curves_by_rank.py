"""Whether `rank` orders known damage rightly: a thousand generations, and JPEG qualities of one picture.

python benchmarks/accuracy/curves_by_rank.py --images DIR
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from degradation_curves import QUALITIES, generation_files, saved_jpeg
from groups import read_originals
from scipy.stats import spearmanr

from genloss import Scorer
from genloss.model.pairs.findings import PlanesInMemory
from genloss.model.pairs.planes import VersionPlanes
from genloss.model.scoring.ranker import Ranker


def main() -> None:
    """Prints Spearman's correlation of true and ranked order, and how many pictures are entirely in order."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=Path, required=True, help="folder of pictures that no training saw")
    parser.add_argument(
        "--generations", type=int, default=5, metavar="N", help="pictures of a thousand generations (default 5)"
    )
    parser.add_argument("--qualities", type=int, default=30, metavar="N", help="pictures saved at seven qualities (default 30)")
    arguments = parser.parse_args()
    scorer = Scorer()
    ranker = Ranker(scorer.bundle)
    pictures = [picture for _, picture in read_originals(arguments.images) if min(picture.size) >= 250]
    found = [_order(scorer, ranker, generation_files(picture)) for picture in pictures[: arguments.generations]]
    values = ", ".join(f"{spearmanr(np.arange(len(order)), np.argsort(order)).statistic:.3f}" for order in found)
    print(f"a thousand generations, Spearman's correlation by rank for {len(found)} pictures: {values}")
    sweeps = [
        _order(scorer, ranker, [saved_jpeg(picture, quality) for quality in QUALITIES])
        for picture in pictures[: arguments.qualities]
    ]
    right = sum(order == list(range(len(QUALITIES))) for order in sweeps)
    print(f"qualities {', '.join(map(str, QUALITIES))}: all in order by rank for {right} of {len(sweeps)} pictures")


def _order(scorer: Scorer, ranker: Ranker, files: Sequence[bytes]) -> list[int]:
    """Positions of the files in ranked order; files judged to show another picture come last."""
    scores = [scorer.score(data, with_fingerprint=True) for data in files]
    ranked = ranker.rank(scores, PlanesInMemory(lambda position: VersionPlanes.read(files[position])))
    return [version.index for version in ranked]


if __name__ == "__main__":
    main()
