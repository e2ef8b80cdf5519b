"""Makes splits with planted leaks, runs `genloss leaks` on them, and judges the result.

    python benchmarks/accuracy/leaks.py OUT SEED --originals DIR --pictures 120

For a third of the pictures, train holds the original and test a version. A third is in one split only. For a sixth, train and
test each hold one of two alternates. A sixth has two labels in train. Test also holds broken files and sixteen unusual
pictures, four of each of four kinds.
"""

import argparse
from collections import Counter
from pathlib import Path

import numpy as np
from archive_distractors import ALTERNATES
from archive_kinds import VERSIONS, Made, jpeg, save, sentence
from PIL import Image, ImageDraw

from genloss import leaks
from genloss.archive.leaks import FindingKind, LeaksResult

LONGEST_PX = 700
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".tif")
CLASSES = ("one", "two", "three")


def unusual(kind: str, random: np.random.Generator) -> Image.Image:
    """A page of text, a bar chart, a gradient, or a nearly empty picture."""
    image = Image.new("RGB", (640, 480), "white")
    draw = ImageDraw.Draw(image)
    if kind == "page":
        for row in range(24):
            draw.text((30, 10 + 19 * row), sentence(random, 12), "black", font_size=14)
    elif kind == "chart":
        for bar in range(8):
            draw.rectangle((40 + 70 * bar, 440 - int(random.integers(40, 400)), 90 + 70 * bar, 440), "steelblue")
    elif kind == "gradient":
        shift = int(random.integers(0, 300))
        image = Image.fromarray(np.tile(np.roll(np.linspace(0, 255, 640), shift).astype(np.uint8), (480, 1))).convert("RGB")
    else:
        draw.line((10, 10, 40 + int(random.integers(0, 40)), 12), "grey")
    return image


def build(out: Path, seed: int, originals: list[Path], n_pictures: int) -> dict[Path, tuple[str, str]]:
    """Writes the splits; returns for each file what it is and of which kind."""
    random = np.random.default_rng(seed)
    truth: dict[Path, tuple[str, str]] = {}

    def add(split: str, label: str, made: Made, what: str, kind: str) -> None:
        folder = out / split / label
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{len(truth):04d}-{random.integers(1 << 24):06x}.{made[1]}"
        path.write_bytes(made[0])
        truth[path.resolve()] = what, kind

    kinds = [list(VERSIONS)[place] for place in random.permutation(len(VERSIONS))]
    names = list(ALTERNATES)
    for number, place in enumerate(random.permutation(len(originals))[:n_pictures]):
        with Image.open(originals[place]) as opened:
            image = opened.convert("RGB")
        image.thumbnail((LONGEST_PX, LONGEST_PX), Image.Resampling.LANCZOS)
        label = CLASSES[number % 3]
        kind = kinds[(number // 6 * 2 + number % 2 if number % 6 < 2 else number) % len(kinds)]
        match number % 6:
            case 0 | 1:
                add("train", label, save(image, "png"), "leak", kind)
                add("test", label, VERSIONS[kind][1](image, random), "leak", kind)
            case 2 | 3:
                add(("train", "test")[number % 2], label, jpeg(image, 92), "unique", "unique")
            case 4:
                alternate = names[number // 6 % len(names)]
                for split, made in zip(("train", "test"), ALTERNATES[alternate](image, random), strict=False):
                    add(split, label, made, "alternate", alternate)
            case _:
                add("train", label, save(image, "png"), "conflict", kind)
                add("train", CLASSES[(number + 1) % 3], jpeg(image, 60), "conflict", kind)
    for number in range(4):
        for kind in ("page", "chart", "gradient", "empty"):
            add("test", CLASSES[0], save(unusual(kind, random), "png"), "unusual", kind)
        add("test", CLASSES[0], (jpeg(image, 80)[0][: 4000 + number], "jpg"), "broken", "truncated")
    return truth


def judge(truth: dict[Path, tuple[str, str]], result: LeaksResult) -> list[str]:
    """Recall of each kind of fault, and false alarms."""
    said: dict[FindingKind, set[Path]] = {kind: set() for kind in FindingKind}
    for finding in result.findings:
        said[finding.kind].add(finding.path)
    lines = []
    for what, kind in (
        ("leak", FindingKind.LEAK), ("conflict", FindingKind.CONFLICT), ("alternate", FindingKind.RELATED),
        ("broken", FindingKind.BROKEN), ("unusual", FindingKind.UNUSUAL),
    ):  # fmt: skip
        wanted = {path for path, (of, _) in truth.items() if of == what}
        missed = Counter(truth[path][1] for path in wanted - said[kind])
        wrong = Counter(truth[path][0] for path in said[kind] - wanted)
        lines.append(
            f"{what:<10} {len(wanted & said[kind]):4} of {len(wanted):4} files  missed: {_listed(missed)}  "
            f"others called {kind.value}: {_listed(wrong)}"
        )
    return lines


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "none"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, help="a folder that is empty or missing")
    parser.add_argument("seed", type=int)
    parser.add_argument("--originals", type=Path, required=True, help="folder of pictures to make versions of")
    parser.add_argument("--half", type=int, choices=(0, 1), help="use every second original only, from this one on")
    parser.add_argument("--pictures", type=int, default=120)
    arguments = parser.parse_args()
    originals = sorted(path for path in arguments.originals.rglob("*") if path.suffix.lower() in SUFFIXES)
    if arguments.half is not None:
        originals = originals[arguments.half :: 2]
    truth = build(arguments.out, arguments.seed, originals, arguments.pictures)
    splits = [arguments.out / split for split in ("train", "test")]
    print("\n".join(judge(truth, leaks(splits, labels=True, catalog=arguments.out / "leaks.catalog", isolated=False))))


if __name__ == "__main__":
    main()
