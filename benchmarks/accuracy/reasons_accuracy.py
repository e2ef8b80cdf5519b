"""How often `genloss explain` speaks and is right: python benchmarks/accuracy/reasons_accuracy.py --pairs data/pairs."""

import argparse
import io
import json
from collections import defaultdict
from pathlib import Path

import numpy as np
from PIL import Image

from genloss.model.explanations.detail import find_cut
from genloss.model.explanations.dither import find_dither
from genloss.model.explanations.earlier_jpeg import find_earlier_jpeg, find_earlier_quality
from genloss.model.explanations.enlargement import find_enlargement
from genloss.model.images.decode import decode
from genloss.model.measurements.blocks import sample_blocks


def main() -> None:
    parser = argparse.ArgumentParser(description="How often explain speaks and is right, on held-out PNG originals.")
    parser.add_argument("--pairs", type=Path, required=True, help="folder written by make_pairs.py; its test split is used")
    parser.add_argument("--seed", type=int, default=1683)
    arguments = parser.parse_args()
    generator = np.random.default_rng(arguments.seed)
    spoke: dict[str, list[bool]] = defaultdict(list)
    right: dict[str, list[bool]] = defaultdict(list)
    for picture in _originals(arguments.pairs):
        quality, better = int(generator.integers(25, 88)), int(generator.integers(88, 99))
        left, top = (int(value) for value in generator.integers(0, 8, size=2))
        left = left or 3
        earlier = _pixels(_saved(picture, "JPEG", quality=quality))
        cropped = earlier.crop((left, top, *earlier.size))
        cases = {
            "no earlier JPEG: PNG": (_saved(picture, "PNG"), None),
            "no earlier JPEG: saved as JPEG once": (_saved(picture, "JPEG", quality=better), None),
            "JPEG, cropped, PNG": (_saved(cropped, "PNG"), (-left % 8, -top % 8)),
            "JPEG, cropped, better JPEG": (_saved(cropped, "JPEG", quality=better), (-left % 8, -top % 8)),
            "JPEG, better JPEG": (_saved(earlier, "JPEG", quality=better), (0, 0)),
        }
        for name, (data, grid) in cases.items():
            found = find_earlier_jpeg(decode(data))
            spoke[name].append(found is not None)
            if found is not None:
                right[name].append((found.left_px, found.top_px) == grid and abs(found.quality - quality) <= 5)
        second = int(generator.integers(60, 95))
        first = min(97, second + int(generator.choice([-1, 1]) * generator.integers(1, 11)))
        again = _pixels(_saved(picture, "JPEG", quality=first))
        for name, saved, truth in (
            ("no earlier save: saved once", picture, None),
            ("saved twice at similar qualities", again, first),
        ):
            image = decode(_saved(saved, "JPEG", quality=second))
            before = find_earlier_quality(sample_blocks(image.luma).blocks, image.luma_table)
            spoke[name].append(before is not None)
            if before is not None:
                right[name].append(truth is not None and abs(before - truth) <= 3)
        larger = picture.resize((picture.width * 2, picture.height * 2), Image.Resampling.LANCZOS)
        for name, shown, truth in (("not enlarged", picture, False), ("enlarged twice, PNG", larger, True)):
            cut = find_cut(decode(_saved(shown, "PNG")).luma)
            spoke[name].append(cut is not None)
            if cut is not None:
                right[name].append(truth)
        factor = float(generator.uniform(1.15, 3.2))
        part = picture.crop((0, 0, min(400, picture.width), min(400, picture.height)))
        enlarged = part.resize((round(part.width * factor), round(part.height * factor)), Image.Resampling.BICUBIC)
        smaller = picture.resize((round(picture.width * 0.7), round(picture.height * 0.7)), Image.Resampling.BICUBIC)
        for name, data, truth in (
            ("shrunk, PNG", _saved(smaller, "PNG"), None),
            ("enlarged by any factor, PNG", _saved(enlarged, "PNG"), factor),
            ("enlarged by any factor, JPEG", _saved(enlarged, "JPEG", quality=better), factor),
        ):
            factors = find_enlargement(decode(data).luma, has_jpeg_grid=data.startswith(b"\xff\xd8"))
            spoke[name].append(bool(factors))
            if factors:
                right[name].append(truth is not None and any(abs(one / truth - 1) < 0.05 for one in factors))
        n_colours = int(generator.choice([8, 16, 32, 64, 128]))
        for name, dithered, truth in _few_colours(picture, n_colours):
            dither = find_dither(np.asarray(dithered))
            spoke[name].append(dither is not None)
            if dither is not None:
                right[name].append(dither == truth)
    print(f"{'held-out picture':<38}{'pictures':>9}{'speaks %':>10}{'then right %':>14}")
    for name, values in spoke.items():
        share = f"{100 * np.mean(right[name]):.1f}" if right[name] else "-"
        print(f"{name:<38}{len(values):>9}{100 * np.mean(values):>10.1f}{share:>14}")
    of_jpeg = [value for name, values in right.items() if "JPEG" in name and "enlarged" not in name for value in values]
    print(
        f"all calls of an earlier JPEG: {100 * np.mean(of_jpeg):.1f} % of {len(of_jpeg)} right (grid exact, quality within 5)"
    )


def _originals(pairs: Path) -> list[Image.Image]:
    """Lossless first versions of the test split, one per source picture, with both sides of 140 px or more."""
    found: dict[str, Path] = {}
    for line in (pairs / "chains.jsonl").read_text(encoding="utf-8").splitlines():
        chain = json.loads(line)
        if chain["split"] == "test" and chain["versions"][0]["path"].endswith(".png"):
            found.setdefault(chain["source"], pairs / chain["versions"][0]["path"])
    pictures = [Image.open(path).convert("RGB") for _, path in sorted(found.items())]
    return [picture for picture in pictures if min(picture.size) >= 140]


def _few_colours(picture: Image.Image, n_colours: int) -> list[tuple[str, Image.Image, str | None]]:
    palette = picture.quantize(n_colours)
    matrix = np.array([[0]])
    for _ in range(3):  # Bayer's
        matrix = np.block([[4 * matrix, 4 * matrix + 2], [4 * matrix + 3, 4 * matrix + 1]])
    steps = max(1, round(n_colours ** (1 / 3)) - 1)
    rows, columns = picture.height // 8, picture.width // 8
    thresholds = np.tile((matrix + 0.5) / 64, (rows, columns))[..., None]
    values = np.asarray(picture)[: rows * 8, : columns * 8] / 255 * steps
    ordered = Image.fromarray((np.floor(values + thresholds) / steps * 255).round().astype(np.uint8))
    return [
        ("few colours, no dither", palette.convert("RGB"), None),
        (
            "Floyd-Steinberg",
            picture.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG).convert("RGB"),
            "error diffusion",
        ),
        ("ordered dither 8x8", ordered, "ordered"),
    ]


def _saved(picture: Image.Image, image_format: str, **options: int) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, image_format, **options)
    return stream.getvalue()


def _pixels(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")


if __name__ == "__main__":
    main()
