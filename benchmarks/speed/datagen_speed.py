"""Speed of make_pairs at default sizes, against spawning ImageMagick's `convert` for the same recipes: make bench."""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from genloss.datagen.apply import Version, apply_recipe, read_version
from genloss.datagen.draw import draw_edit
from genloss.datagen.draw_original import DEFAULT_PROFILE, draw_original
from genloss.datagen.magick import FONT, SAMPLING_FACTORS, TABLES, apply_step, open_image
from genloss.datagen.recipe import Recipe

ROOT = Path(__file__).resolve().parents[2]
ORIGINAL_SIDE_PX = 1600  # sample originals are enlarged to this, so that default sizes can be cut out
# The spawned program keeps its own policy; the policy of genloss allows no output but files.
ENVIRONMENT = {key: value for key, value in os.environ.items() if key != "MAGICK_CONFIGURE_PATH"} | {"MAGICK_THREAD_LIMIT": "1"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chains", type=int, default=200, help="chains that the whole command makes")
    parser.add_argument("--recipes", type=int, default=80, help="recipes that both ways apply")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        images = Path(folder) / "images"
        images.mkdir()
        for path in sorted((ROOT / "samples").glob("*/original.*")):
            with Image.open(path) as opened:
                factor = ORIGINAL_SIDE_PX / max(opened.size)
                size = (round(opened.width * factor), round(opened.height * factor))
                opened.convert("RGB").resize(size, Image.Resampling.LANCZOS).save(images / f"{path.parent.name}.png")
        _whole_command(images, Path(folder) / "out", arguments.chains)
        _against_convert(images, Path(folder), arguments.recipes)


def _whole_command(images: Path, out: Path, n_chains: int) -> None:
    command = [sys.executable, "datagen/make_pairs.py", "--images", images, "--out", out, "--chains", str(n_chains)]
    started = time.perf_counter()
    result = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    seconds = time.perf_counter() - started
    versions = list((out / "files").rglob("*.*"))
    sides = [max(Image.open(path).size) for path in versions]
    making = [line for line in result.stderr.splitlines() if line.startswith("making chains")][-1]
    print(f"make_pairs: {len(versions)} versions, longest side {np.median(sides):.0f} px (median), {os.cpu_count()} cores")
    print(f"  {len(versions) / seconds:.0f} versions/s, start, tables and report included ({seconds:.0f} s in all)")
    print(f"  its progress bar: {making.split('━ ')[-1]}")


def _against_convert(images: Path, folder: Path, n_recipes: int) -> None:
    program = shutil.which("convert-im6.q16") or shutil.which("magick") or shutil.which("convert")
    if program is None or b"ImageMagick" not in subprocess.run([program, "-version"], capture_output=True).stdout:
        print("convert: not installed, so no ratio (on Debian: apt-get install imagemagick)")
        return
    generator = np.random.default_rng(1683)
    in_process = told_in_process = spawned = told = 0.0
    paths = sorted(images.iterdir())
    for index in range(n_recipes):
        source = read_version(paths[index % len(paths)].read_bytes(), "png")
        made = draw_original(generator, DEFAULT_PROFILE, source.width_px, source.height_px, False)
        assert made is not None
        start = apply_recipe(source, made)
        recipe = _drawn(generator, start)
        before = folder / f"before.{start.image_format}"
        before.write_bytes(start.data)
        # As in a chain, the previous version is already decoded.
        started = time.perf_counter()
        version = apply_recipe(start, recipe)
        (folder / "after").write_bytes(version.data)
        assert version.pixels
        told_in_process += time.perf_counter() - started
        started = time.perf_counter()
        (folder / "after").write_bytes(_file_alone(start, recipe))
        in_process += time.perf_counter() - started
        started = time.perf_counter()
        after = _spawn(program, before, recipe, folder)
        spawned += time.perf_counter() - started
        # The generator also needs the new size, and whether a pixel changed.
        command = [program, after, "-format", "%w %h %#", "info:"]
        subprocess.run(command, check=True, env=ENVIRONMENT, capture_output=True)
        told += time.perf_counter() - started
    mean = 1000 / n_recipes
    print(f"one version on one core, mean of {n_recipes} drawn recipes that convert knows, too:")
    for what, here, there in (("the file alone", in_process, spawned), ("with its size and digest", told_in_process, told)):
        by_convert = f"{mean * there:.0f} ms by spawning convert, {there / here:.2f} times as long"
        print(f"  {what}: {mean * here:.0f} ms in process, {by_convert}")


def _drawn(generator: np.random.Generator, start: Version) -> Recipe:
    """A recipe that convert can carry out, too."""
    while True:
        recipe = draw_edit(generator, start.width_px, start.height_px, 85)
        if all(step.name in OPTIONS for step in recipe.steps):
            return recipe


def _file_alone(version: Version, recipe: Recipe) -> bytes:
    """Does the same work as the spawned program: applies the steps and encodes the last save, without decoding it."""
    image, saved = version.decoded.clone(), b""
    for place, step in enumerate(recipe.steps, 1):
        made = apply_step(image, step)
        if made is not None:
            image.close()
            saved = made[0]
            if place < len(recipe.steps):
                image = open_image(*made)
    return saved


def _spawn(program: str, before: Path, recipe: Recipe, folder: Path) -> Path:
    """The same steps by the command-line program, with a process for each save, as in a script."""
    words: list[str] = []
    current = before
    for index, step in enumerate(recipe.steps):
        words += OPTIONS[step.name](dict(step.parameters))
        if step.name.startswith("save_"):
            suffix = step.name.removeprefix("save_")
            target = folder / f"spawned{index}.{suffix}"
            prefix = (
                "PNG8:" if suffix == "png" and step["palette"] else "PJPEG:" if suffix == "jpeg" and step["progressive"] else ""
            )
            command = [program, current, *words, f"{prefix}{target}"]
            subprocess.run(command, check=True, env=ENVIRONMENT, capture_output=True)
            current, words = target, []
    return current


def _size(value: dict[str, Any]) -> str:
    return f"{value['width_px']}x{value['height_px']}"


DITHERS = {"no": ["+dither"], "floyd_steinberg": ["-dither", "FloydSteinberg"], "riemersma": ["-dither", "Riemersma"]}
# Command-line options of one step, made of its parameters. Steps that OpenCV carries out are not among them.
OPTIONS: dict[str, Callable[[dict[str, Any]], list[str]]] = {
    "crop": lambda value: ["-crop", f"{_size(value)}+{value['left_px']}+{value['top_px']}", "+repage"],
    "shave": lambda value: ["-shave", _size(value)],
    "resize": lambda value: [
        *(["-colorspace", "RGB"] if value["linear_light"] else []),
        "-filter", value["filter"], "-define", f"filter:blur={value['blur']}", "-resize", f"{_size(value)}!",
        *(["-colorspace", "sRGB"] if value["linear_light"] else []),
    ],
    "adaptive_resize": lambda value: ["-adaptive-resize", f"{_size(value)}!"],
    "sample": lambda value: ["-sample", f"{_size(value)}!"],
    "scale": lambda value: ["-scale", f"{_size(value)}!"],
    "distort_resize": lambda value: ["-filter", value["filter"], "-distort", "Resize", f"{_size(value)}!"],
    "border": lambda value: ["-bordercolor", value["colour"], "-border", _size(value)],
    "rotate": lambda value: ["-rotate", str(value["degrees"])],
    "gamma": lambda value: ["-gamma", str(value["gamma"])],
    "contrast": lambda value: [
        "-sigmoidal-contrast" if value["strength"] > 0 else "+sigmoidal-contrast",
        f"{abs(value['strength'])}x{100 * value['midpoint']}%",
    ],
    "saturation": lambda value: ["-modulate", f"100,{value['percent']}"],
    "blur": lambda value: ["-blur", f"0x{value['sigma']}"],
    "sharpen": lambda value: ["-unsharp", f"0x{value['sigma']}+0.8+0"],
    "median": lambda value: ["-statistic", "Median", f"{value['size_px']}x{value['size_px']}"],
    "grain": lambda value: ["-attenuate", str(value["sigma"] / 10), "+noise", "Gaussian"],
    "lettering": lambda value: [
        "-font", str(FONT), "-pointsize", str(value["size_px"]), "-fill", value["colour"],
        "-annotate", f"+{value['left_px']}+{value['baseline_px']}", value["text"],
    ],
    "quantise": lambda value: [
        *DITHERS[value["dither"]], "-quantize", value["colourspace"], "-colors", str(value["n_colours"]),
    ],
    "posterise": lambda value: [*DITHERS[value["dither"]], "-posterize", str(value["levels"])],
    "ordered_dither": lambda value: ["-ordered-dither", f"{value['map']},{value['levels']}"],
    "save_jpeg": lambda value: [
        "-sampling-factor", SAMPLING_FACTORS[value["sampling"]], "-quality", str(value["quality"]),
        "-define", f"jpeg:dct-method={value['dct']}", "-define", f"jpeg:optimize-coding={str(value['optimised']).lower()}",
        *(["-define", f"jpeg:q-table={TABLES / value['tables']}.xml"] if value["tables"] != "annex_k" else []),
    ],
    "save_webp": lambda value: [
        "-define", f"webp:lossless={str(value['lossless']).lower()}", "-quality", str(value["quality"]),
    ],
    "save_avif": lambda value: ["-quality", str(value["quality"])],
    "save_png": lambda value: ["-quality", str(value["compression_level"] * 10 + (0 if value["palette"] else 5))],
    "save_gif": lambda value: [],
}  # fmt: skip


if __name__ == "__main__":
    main()
