"""Accuracy of the damage memory: on the test split, on other software, on unseen kinds, and after teaching.

python benchmarks/accuracy/damage_memory.py --pairs data/pairs --pairs data/families --part test left-out sizes
python benchmarks/accuracy/damage_memory.py --images DIR --part software

Prints tables as Markdown. DIR holds pictures that no model was trained on.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import archive_kinds
import group_edits
import numpy as np
from auroc import auroc
from numpy.typing import NDArray
from PIL import Image

from genloss.model.damage.damage_memory import DamageMemory
from genloss.model.memory.explicit_memory import Memory
from genloss.model.scoring.bundle import BUNDLED
from genloss.model.scoring.scorer import Scorer
from genloss.model.training.damage_card import kind_table
from genloss.model.training.damage_evaluation import measure_damage
from genloss.model.training.damage_set import DamageSet, join_damage_sets, open_damage_set
from genloss.model.training.damage_training import DamageTraining, fit_damage

PARTS = ("test", "software", "left-out", "sizes")
SHOTS = (1, 5, 10, 20)
SIZES = (64, 128, 256, 512, 1024, 2048)
# Version made by another program -> kind that a right answer names.
ARCHIVE = {
    "png_copy": "none", "webp_exact": "none", "jpeg_92": "jpeg", "jpeg_70": "jpeg", "jpeg_25": "jpeg", "webp_60": "webp",
    "avif_50": "avif", "gif": "palette", "half": "down", "third": "down", "enlarged": "up", "brighter": "tone",
    "contrast": "tone", "saturated": "tone", "warm": "tone", "sharpened": "sharpen", "crop_5": "crop", "crop_10": "crop",
    "crop_20": "crop", "crop_40": "crop", "shot_phone": "screenshot", "shot_browser": "screenshot", "lettered": "lettering",
    "meme": "lettering", "watermark": "lettering",
}  # fmt: skip
GROUPS = {
    "jpeg": "jpeg", "webp": "webp", "avif": "avif", "palette": "palette", "laundered": "launder", "shrunk": "down",
    "enlarged": "up", "cropped": "crop", "screenshot": "screenshot", "posted": "platform",
}  # fmt: skip


def main() -> None:
    """Prints the requested tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=Path, action="append", default=[], help="as for genloss train-damage")
    parser.add_argument("--images", type=Path, help="pictures for versions by other software")
    parser.add_argument("--most", type=int, default=40, help="pictures taken of --images (default 40)")
    parser.add_argument("--part", nargs="+", choices=PARTS, default=PARTS, help="which tables (default all)")
    parser.add_argument("--steps", type=int, default=600, help="of each fit; the shipped one has 1500 (default 600)")
    parser.add_argument("--draws", type=int, default=10, help="of pictures to teach, each kind and number (default 10)")
    parser.add_argument("--seed", type=int, default=1683, help="of everything drawn (default 1683)")
    arguments = parser.parse_args()
    shipped = Scorer().damage
    assert shipped is not None
    training = DamageTraining(n_steps=arguments.steps, seed=arguments.seed)
    if arguments.images is not None and "software" in arguments.part:
        _print_software(shipped, arguments.images, arguments.most, arguments.seed)
    if arguments.pairs:
        data = join_damage_sets([open_damage_set(folder, BUNDLED) for folder in arguments.pairs])
        if "test" in arguments.part:
            _print_measured("Test split", shipped, data.of(data.splits == "test"))
        if "left-out" in arguments.part:
            _print_left_out(data, training, arguments.draws)
        if "sizes" in arguments.part:
            _print_sizes(data, training)


def _print_measured(title: str, memory: DamageMemory, data: DamageSet) -> None:
    found = measure_damage(memory, data)
    right = "-" if found["right"] is None else f"{100 * found['right']:.1f} %"
    print(
        f"\n{title}: {found['n']} versions, {100 * found['top_1']:.1f} % named right, {100 * found['top_3']:.1f} % among "
        f"three; {found['speaks']} claims, {right} right; {100 * (1 - found['familiar']):.1f} % called unfamiliar\n"
    )
    print(kind_table({name: one for name, one in found["kinds"].items() if one["n"] or one["speaks"]}), flush=True)


def _print_software(memory: DamageMemory, images: Path, most: int, seed: int) -> None:
    paths = sorted(path for path in images.iterdir() if path.is_file())
    scorer, rows, kinds, formats = Scorer(), [], [], []
    for number, path in enumerate(paths[:: max(1, len(paths) // most)][:most]):
        generator = np.random.default_rng((seed, number))
        with Image.open(path) as opened:
            picture = opened.convert("RGB")
        picture.thumbnail((800, 800), Image.Resampling.LANCZOS)
        made = [(archive_kinds.VERSIONS[name][1](picture, generator)[0], kind) for name, kind in ARCHIVE.items()]
        for name, kind in GROUPS.items():
            made.append((group_edits.KINDS[name].make(picture, group_edits.draw_edit(name, generator)), kind))
        for content, kind in made:
            score = scorer.score(content)
            rows.append(score.evidence)
            kinds.append(kind)
            formats.append(score.facts.image_format)
    split = np.full(len(rows), "test")
    _print_measured("Other software", memory, DamageSet(np.stack(rows), np.array(kinds), np.array(formats), split))


def _print_left_out(data: DamageSet, training: DamageTraining, draws: int) -> None:
    columns = " | ".join(f"after {n}: found, others lose, right when sure" for n in SHOTS)
    print(f"\n| kind left out | AUROC | {columns} |\n|---|---|{'---|' * len(SHOTS)}", flush=True)
    aurocs, results = [], []
    for kind in sorted(set(data.kinds.tolist()) - {"none"}):
        memory = fit_damage(data.of(data.kinds != kind), training)
        test = data.of(data.splits == "test")
        strength = memory.layer.strength(test.evidence, memory.keys.keys)
        aurocs.append(auroc(strength[test.kinds != kind], strength[test.kinds == kind]))
        pool = data.evidence[(data.splits == "train") & (data.kinds == kind)]
        found = [_taught(memory, test, kind, pool, n, training.seed, draws) for n in SHOTS]
        results.append(found)
        print(f"| {kind} | {aurocs[-1]:.3f} | {' | '.join(map(_cell, found))} |", flush=True)
    means = [np.nanmean([[row[place][:2] for row in results]], axis=1)[0] for place in range(len(SHOTS))]
    said = [np.sum([row[place][2:] for row in results], axis=0) for place in range(len(SHOTS))]
    cells = [_cell((*mean, *counts)) for mean, counts in zip(means, said, strict=True)]
    print(f"| mean | {np.mean(aurocs):.3f} | {' | '.join(cells)} |", flush=True)


def _taught(
    memory: DamageMemory, test: DamageSet, kind: str, pool: NDArray, n_shots: int, seed: int, draws: int
) -> tuple[float, float, int, int]:
    """Recall of the kind, accuracy in points that the other kinds lose, number of claims, and number of right claims."""
    vectors = memory.layer.vectors(test.evidence)
    names = np.array(memory.keys.names)[memory.odds(vectors).argmax(axis=1)]
    own, right = test.kinds == kind, names == test.kinds
    found, lost, n_claims, n_right = [], [], 0, 0
    for draw in range(draws):
        rows = np.random.default_rng((seed, n_shots, draw)).choice(len(pool), n_shots, replace=False)
        taught = memory.teach("new", pool[rows]).taught
        entry = taught.memory.entries[0]
        named = taught.memory.similarities(vectors)[:, 0] >= entry.threshold
        found.append(named[own].mean())
        lost.append(100 * (right & named)[~own].mean())
        if taught.is_sure("new"):
            sure = taught.memory.similarities(vectors)[:, 0] >= taught.sure_from["new"]
            n_claims += int(sure.sum())
            n_right += int(sure[own].sum())
    return float(np.mean(found)), float(np.mean(lost)), n_claims, n_right


def _cell(found: tuple[float, float, int, int]) -> str:
    share, lost, n_claims, n_right = found
    right = f"{100 * n_right / n_claims:.0f} % of {n_claims:.0f}" if n_claims else "silent"
    return f"{100 * share:.0f} %, {lost:.1f} points, {right}"


def _print_sizes(data: DamageSet, training: DamageTraining) -> None:
    test = data.of(data.splits == "test")
    print("\n| dimensions | bits of a key's dimension | named right | among three | asked by signs | bytes of the file |")
    print("|---|---|---|---|---|---|", flush=True)
    for n_dimensions in SIZES:
        for bits in (1, 32):
            memory = fit_damage(data, replace(training, n_dimensions=n_dimensions, key_bits=bits))
            measured = measure_damage(memory, test)
            n_pointing = memory.layer.n_pointing
            keys = Memory.of_keys(memory.keys.names, memory.keys.keys[:, :n_pointing], bits)
            signs = keys.nearest(memory.layer.vectors(test.evidence)[:, :n_pointing], "hamming").names
            print(
                f"| {n_dimensions} | {bits} | {100 * measured['top_1']:.1f} % | {100 * measured['top_3']:.1f} % | "
                f"{100 * np.mean(np.array(signs) == test.kinds):.1f} % | {len(memory.dumps())} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
