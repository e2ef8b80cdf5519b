"""How often versions of one picture are recognised, and how often different pictures are told apart.

python benchmarks/accuracy/same_picture.py --images DIR

Two answers are judged: that of the thumbnails alone, which sorts many files by picture, and that of `rank`. It compares the
aligned pictures of two files if the thumbnails are alike, or if what lies inside their frames may be.
"""

import argparse
import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from archive_distractors import ALTERNATES
from archive_kinds import VERSIONS
from group_edits import written
from numpy.typing import NDArray
from PIL import Image, ImageOps
from rich.progress import track

from genloss.model.errors import ImageError
from genloss.model.images.decode import decode
from genloss.model.images.fingerprint import take_fingerprint
from genloss.model.images.likeness import shows_same_picture
from genloss.model.pairs.laying import Sides
from genloss.model.pairs.pages import compare_pages
from genloss.model.pairs.planes import VersionPlanes
from genloss.model.pairs.registration import register
from genloss.model.pairs.same_picture import show_same_picture
from genloss.model.pairs.spots import Spot
from genloss.model.pairs.two_frames import register_in_frames
from genloss.model.scoring.framed import may_be_framed

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
OTHERS_EACH = 4  # number of different pictures that each picture is compared with
LONGEST_SIDE_PX = 900
# Not used of archive_distractors: crops that hardly overlap show the same picture, and skies are too plain to tell apart.
SAME_ALTERNATES = ("far_crops", "skies")
IN_TWO_FRAMES = (
    ("border", "letterbox"), ("border", "shot_phone"), ("letterbox", "shot_browser"), ("blurred_bars", "shot_phone"),
    ("shot_phone", "shot_browser"), ("shot_browser", "crop_20"), ("caption_strip", "border"),
)  # fmt: skip
FRAMES = ("border", "letterbox", "shot_phone", "shot_browser")


class Version:
    """A decoded file."""

    def __init__(self, data: bytes) -> None:
        self.planes = VersionPlanes.read(data)
        self.thumbnail: NDArray[np.uint8] = take_fingerprint(data, self.planes.image).thumbnail


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=Path, required=True, help="folder of different pictures, searched recursively")
    parser.add_argument("--most", type=int, default=60, help="pictures to take, evenly spread (default 60)")
    parser.add_argument("--seed", type=int, default=1683)
    arguments = parser.parse_args()
    generator = np.random.default_rng(arguments.seed)
    paths = sorted(path for path in arguments.images.rglob("*") if path.suffix.lower() in SUFFIXES)
    chosen = [paths[index] for index in np.linspace(0, len(paths) - 1, min(arguments.most, len(paths))).astype(int)]
    pictures = [picture for path in chosen if (picture := _opened(path)) is not None]
    same: dict[str, list[tuple[bool, bool]]] = {}
    different: dict[str, list[tuple[bool, bool]]] = {}
    originals: list[Version] = []
    earlier: dict[str, Version] = {}
    for picture in track(pictures, "pictures"):
        original = Version(written(picture, "PNG"))
        for kind, data in _guises(picture, generator):
            same.setdefault(kind, []).append(_answers(original, Version(data)))
        framed = {kind: Version(VERSIONS[kind][1](picture, generator)[0]) for pair in IN_TWO_FRAMES for kind in pair}
        for one, other in IN_TWO_FRAMES:
            same.setdefault(f"{one} and {other}", []).append(_answers(framed[one], framed[other]))
        for kind in FRAMES if earlier else ():
            different.setdefault(f"two pictures, each {kind}", []).append(_answers(earlier[kind], framed[kind]))
        earlier = framed
        for kind, make in ALTERNATES.items():
            first, second = (Version(data) for data, _ in make(picture, generator))
            if kind not in SAME_ALTERNATES:
                different.setdefault(kind, []).append(_answers(first, second))
        for other in generator.choice(len(originals), min(OTHERS_EACH, len(originals)), replace=False):
            different.setdefault("different pictures", []).append(_answers(originals[other], original))
        originals.append(original)
    print(f"{len(pictures)} pictures")
    _print("the same picture", "recognised", same, True)
    _print("not the same picture", "told apart", different, False)


def _answers(first: Version, second: Version) -> tuple[bool, bool]:
    """Whether they show the same picture: by thumbnails, and by both answers of `rank`."""
    alike = shows_same_picture(first.thumbnail, second.thumbnail)
    compared = alike or may_be_framed(first.thumbnail, second.thumbnail)
    if not compared:
        return alike, False
    planes = first.planes, second.planes
    registration = register(*planes)
    if not show_same_picture(*planes, registration):
        return alike, register_in_frames(*map(Sides, planes)) is not None
    return alike, registration is None or compare_pages(*planes, registration).spot is not Spot.BOTH


def _print(title: str, verb: str, found: dict[str, list[tuple[bool, bool]]], right: bool) -> None:
    print(f"\n| {title} | {verb} by thumbnails | {verb} by `rank` | of |\n|---|---|---|---|")
    everything = [answers for kind in found.values() for answers in kind]
    for name, answers in [*found.items(), ("all", everything)]:
        shares = [f"{100 * np.mean([answer[side] is right for answer in answers]):.1f} %" for side in (0, 1)]
        print(f"| {name} | {shares[0]} | {shares[1]} | {len(answers)} |")


def _guises(picture: Image.Image, generator: np.random.Generator) -> Iterator[tuple[str, bytes]]:
    """Versions of archive_kinds, and harder ones saved as JPEG of a random quality from 15 to 80."""
    for kind, (_, make) in VERSIONS.items():
        yield kind, make(picture, generator)[0]
    for kind, guise in _hard_guises(picture, generator):
        yield kind, written(guise, "JPEG", quality=int(generator.integers(15, 80)))


def _hard_guises(picture: Image.Image, generator: np.random.Generator) -> Iterator[tuple[str, Image.Image]]:
    width, height = picture.size
    yield "six times smaller", picture.resize((max(16, width // 6), max(16, height // 6)))
    for share in (0.4, 0.6):
        side = (1 - share) ** 0.5
        left, top = (int(generator.uniform(0, length * (1 - side))) for length in picture.size)
        yield f"{share:.0%} of the area cut off", picture.crop((left, top, left + int(width * side), top + int(height * side)))
    yield "8 colours", picture.quantize(8).convert("RGB")
    yield "two levels, dithered", picture.convert("1").convert("RGB")
    yield "gamma 0.5", Image.fromarray((255 * (np.asarray(picture) / 255) ** 0.5).astype(np.uint8))
    yield "mirrored, squeezed by 15 %", ImageOps.mirror(picture.resize((width * 115 // 100, height)))
    yield "saved three times, shrunk between", _saved_thrice(picture)


def _saved_thrice(picture: Image.Image) -> Image.Image:
    for factor in (0.8, 0.7, 0.9):
        size = max(16, round(picture.width * factor)), max(16, round(picture.height * factor))
        picture = Image.open(io.BytesIO(written(picture.resize(size), "JPEG", quality=50)))
    return picture


def _opened(path: Path) -> Image.Image | None:
    try:
        decode(path.read_bytes())
    except ImageError:
        return None
    picture = Image.open(path).convert("RGB")
    picture.thumbnail((LONGEST_SIDE_PX, LONGEST_SIDE_PX))
    return picture


if __name__ == "__main__":
    main()
