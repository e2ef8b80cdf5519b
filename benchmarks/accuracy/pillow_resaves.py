"""Accuracy on neighbours in chains of re-saves by Pillow, which the generator never uses.

python benchmarks/accuracy/pillow_resaves.py --pairs data/pairs
"""

import argparse
import io
from collections import defaultdict
from pathlib import Path

import numpy as np
from degradation_curves import saved_jpeg
from held_out import held_out_originals
from PIL import Image

from genloss import Scorer
from genloss.model.scoring.ranker import Ranker

SAVES = 4
QUALITIES = (70, 92)  # of the first save; later saves stay within four of it, as if by the same program


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=Path, required=True, help="folder written by make_pairs.py; its test split is used")
    parser.add_argument("--bundle", type=Path, help="another bundle than the shipped one")
    arguments = parser.parse_args()
    scorer = Scorer() if arguments.bundle is None else Scorer(arguments.bundle)
    ranker = Ranker(scorer.bundle)
    generator = np.random.default_rng(1683)
    found: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    pictures = held_out_originals(arguments.pairs)
    for _, picture in pictures:
        files, kinds = _resaved(generator, picture)
        scores = [scorer.score(data) for data in files]
        log_odds = ranker.log_odds(scores)
        for index, kind in enumerate(kinds):
            by_score = scores[index].generation_loss < scores[index + 1].generation_loss
            found[kind].append((by_score, log_odds[index, index + 1] < 0))
    print(f"bundle {scorer.bundle.version}, {len(pictures)} held-out pictures, {SAVES} JPEG saves each by Pillow\n")
    print("| between two saves | neighbours | by score, % | by rank, % |")
    print("|---|---|---|---|")
    for kind, right in [*sorted(found.items()), ("all", [one for part in found.values() for one in part])]:
        by_score, by_rank = 100 * np.mean(right, axis=0)
        print(f"| {kind} | {len(right)} | {by_score:.1f} | {by_rank:.1f} |")


def _resaved(generator: np.random.Generator, picture: Image.Image) -> tuple[list[bytes], list[str]]:
    """Files of a chain, and the operation on the pixels before each save after the first."""
    quality = int(generator.integers(*QUALITIES))
    files, kinds = [saved_jpeg(picture, quality)], []
    for _ in range(SAVES - 1):
        current = Image.open(io.BytesIO(files[-1])).convert("RGB")
        how = generator.random()
        if how < 0.4:
            left, top, right, bottom = (int(value) for value in generator.integers(0, 7, 4))
            current = current.crop((left, top, current.width - right, current.height - bottom))
            kinds.append("shifted by a few pixels")
        elif how < 0.75:
            factor = float(generator.uniform(0.92, 1.06))
            size = (round(current.width * factor), round(current.height * factor))
            current = current.resize(size, Image.Resampling.BICUBIC)
            kinds.append("scaled a little")
        else:
            kinds.append("nothing")
        files.append(saved_jpeg(current, int(np.clip(quality + generator.integers(-4, 5), 30, 97))))
    return files, kinds


if __name__ == "__main__":
    main()
