"""How often one picture is recognised in another guise, and different pictures are told apart.

python benchmarks/accuracy/same_picture.py --images DIR
"""

import argparse
import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageOps
from rich.progress import track

from genloss.model.errors import ImageError
from genloss.model.images.decode import decode
from genloss.model.images.fingerprint import take_fingerprint
from genloss.model.images.likeness import shows_same_picture

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
OTHERS_EACH = 20  # different pictures that each is compared with
LONGEST_SIDE_PX = 900


def main() -> None:
    parser = argparse.ArgumentParser(description="Recognised in every guise, and told apart from others.")
    parser.add_argument("--images", type=Path, required=True, help="folder of different pictures, searched recursively")
    parser.add_argument("--most", type=int, default=100, help="pictures to take, evenly spread (default 100)")
    parser.add_argument("--seed", type=int, default=1683)
    arguments = parser.parse_args()
    generator = np.random.default_rng(arguments.seed)
    paths = sorted(path for path in arguments.images.rglob("*") if path.suffix.lower() in SUFFIXES)
    chosen = [paths[index] for index in np.linspace(0, len(paths) - 1, min(arguments.most, len(paths))).astype(int)]
    pictures = [picture for path in chosen if (picture := _opened(path)) is not None]
    thumbnails = [_thumbnail(picture, "PNG") for picture in pictures]
    found: dict[str, list[bool]] = {}
    for picture, thumbnail in track(list(zip(pictures, thumbnails, strict=True)), "in other guises"):
        for name, guise in _guises(picture, generator):
            other = _thumbnail(guise, "JPEG", quality=int(generator.integers(15, 80)))
            found.setdefault(name, []).append(shows_same_picture(thumbnail, other))
    wrong: list[bool] = []
    for index in track(range(len(thumbnails)), "different ones"):
        others = generator.choice(len(thumbnails), min(OTHERS_EACH, len(thumbnails)), replace=False)
        wrong += [shows_same_picture(thumbnails[index], thumbnails[other]) for other in others if other != index]
    print(f"{len(pictures)} pictures\n\n| the same picture | recognised | of |\n|---|---|---|")
    for name, values in found.items():
        print(f"| {name} | {100 * np.mean(values):.1f} % | {len(values)} |")
    print(f"\ndifferent pictures taken for the same: {sum(wrong)} of {len(wrong)} pairs")


def _guises(picture: Image.Image, generator: np.random.Generator) -> Iterator[tuple[str, Image.Image]]:
    width, height = picture.size
    yield "saved as JPEG", picture
    yield "six times smaller", picture.resize((max(16, width // 6), max(16, height // 6)))
    for share in (0.05, 0.1, 0.25, 0.4, 0.6):
        side = (1 - share) ** 0.5
        left, top = (int(generator.uniform(0, length * (1 - side))) for length in picture.size)
        yield f"{share:.0%} of the area cropped", picture.crop((left, top, left + int(width * side), top + int(height * side)))
    yield "8 colours", picture.quantize(8).convert("RGB")
    yield "two levels, dithered", picture.convert("1").convert("RGB")
    yield "gamma 0.5", Image.fromarray((255 * (np.asarray(picture) / 255) ** 0.5).astype(np.uint8))
    yield "grey, more contrast", ImageEnhance.Contrast(picture.convert("L").convert("RGB")).enhance(1.6)
    frame = Image.new("RGB", (width * 13 // 10, height * 3 // 2), "black")
    frame.paste(picture, (width // 8, height // 5))
    yield "framed", frame
    desktop = Image.new("RGB", (width + 300, height + 200), "white")
    desktop.paste(picture, (40, 90))
    yield "screenshot", desktop
    yield "turned", picture.rotate(90, expand=True)
    yield "mirrored", ImageOps.mirror(picture)
    yield "squeezed by 15 %", picture.resize((width * 115 // 100, height))


def _opened(path: Path) -> Image.Image | None:
    try:
        decode(path.read_bytes())
    except ImageError:
        return None
    picture = Image.open(path).convert("RGB")
    picture.thumbnail((LONGEST_SIDE_PX, LONGEST_SIDE_PX))
    return picture


def _thumbnail(picture: Image.Image, image_format: str, **options: int) -> NDArray[np.uint8]:
    stream = io.BytesIO()
    picture.save(stream, image_format, **options)
    data = stream.getvalue()
    return take_fingerprint(data, decode(data)).thumbnail


if __name__ == "__main__":
    main()
