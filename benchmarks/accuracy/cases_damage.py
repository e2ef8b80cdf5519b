"""How often intact files are called damaged, and damaged files intact.

python benchmarks/accuracy/cases_damage.py --images DIR --out damage.md

Several programs save every picture as JPEG, PNG and WebP at drawn qualities; files of the folder are also checked as they are.
JPEGs are then damaged: coded bytes overwritten, a restart interval lost, or the file cut off and closed. Decoded pixels of
cut files are also saved again. A damaged file counts if it decodes and some rows of pixels differ. "Proved": compared with the
whole file, it is proved to have overwritten bytes; "the other way round": the whole file is said to have them.
"""

import argparse
import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from cases_made import overwrite
from group_edits import JPEG_PROGRAMS, saved_jpeg, written
from groups import read_originals
from PIL import Image, ImageFile

from genloss.model.errors import ImageError
from genloss.model.files import write_atomically
from genloss.model.images.decode import DecodedImage, decode
from genloss.model.pairs.overwritten_proof import prove_overwritten
from genloss.model.pairs.planes import VersionPlanes

PLACED = 0.05  # of the height
LEAST_ROWS = 4  # that differ by a level or more


def main() -> None:
    """Prints the tables as Markdown, and writes them to --out if given."""
    arguments = _parser().parse_args()
    generator = np.random.default_rng(arguments.seed)
    intact: Counter[tuple[str, bool]] = Counter()
    rotten: Counter[tuple[str, str]] = Counter()
    named: list[str] = []
    for path in sorted(path for path in arguments.images.rglob("*") if path.is_file()):
        if (image := _decoded(path.read_bytes())) is not None:
            intact["files of the folder", image.damage is not None] += 1
            named += [path.name] if image.damage is not None else []
    for name, picture in read_originals(arguments.images)[: arguments.most]:
        for kind, data in _intact(picture, generator):
            image = _decoded(data)
            found = image is not None and image.damage is not None
            intact[kind, found] += 1
            named += [f"{kind} of {name}"] if found else []
        for kind, data, whole in _rotten(picture, generator):
            _count(kind, data, whole, rotten)
    lines = ["| intact files | n | called damaged |", "|---|---|---|"]
    kinds = sorted({kind for kind, _ in intact})
    lines += [f"| {kind} | {intact[kind, False] + intact[kind, True]} | {intact[kind, True]} |" for kind in kinds]
    lines += [f"| all | {intact.total()} | {sum(intact[kind, True] for kind in kinds)} |", "", *named, ""]
    lines += [
        "| damaged files | refused as broken | decoded | called damaged | within 5 % of the place | proved "
        "| of these not called damaged | proved the other way round |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for kind in dict.fromkeys(kind for kind, _ in rotten):
        numbers = (rotten[kind, what] for what in ("refused", "decoded", "found", "placed", "proved", "only", "turned"))
        lines.append(f"| {kind} | " + " | ".join(map(str, numbers)) + " |")
    print(text := "\n".join(lines))
    if arguments.out is not None:
        write_atomically(arguments.out, (text + "\n").encode())


def _decoded(data: bytes) -> DecodedImage | None:
    try:
        return decode(data)
    except ImageError:
        return None


def _intact(picture: Image.Image, generator: np.random.Generator) -> Iterator[tuple[str, bytes]]:
    for program in JPEG_PROGRAMS:
        for sampling in ("4:4:4", "4:2:0"):
            yield f"JPEG by {program}", saved_jpeg(picture, float(generator.integers(1, 101)), program, sampling)
    several = {"restart_marker_blocks": 5, "progressive": True}
    for one in ({"progressive": True}, {"optimize": True}, {"restart_marker_rows": 1}, several):
        yield "JPEG of other kinds", written(picture, "JPEG", quality=int(generator.integers(1, 101)), **one)
    yield "JPEG of other kinds", written(picture.convert("L"), "JPEG", quality=int(generator.integers(1, 101)))
    yield "JPEG of other kinds", written(picture.convert("CMYK"), "JPEG", quality=int(generator.integers(1, 101)))
    poor = Image.open(io.BytesIO(written(picture, "JPEG", quality=int(generator.integers(5, 60)))))
    yield "PNG", written(picture, "PNG", compress_level=1)
    yield "PNG", written(poor, "PNG", compress_level=1)
    yield "WebP", written(picture, "WEBP", quality=int(generator.integers(1, 101)), method=0)
    yield "WebP", written(poor, "WEBP", lossless=True, method=0)


def _rotten(picture: Image.Image, generator: np.random.Generator) -> Iterator[tuple[str, bytes, bytes]]:
    kinds: dict[str, dict[str, object]] = {
        "as usual": {}, "Huffman tables made to measure": {"optimize": True}, "progressive": {"progressive": True},
        "restart markers": {"restart_marker_rows": 1},
    }  # fmt: skip
    for kind, options in kinds.items():
        whole = written(picture, "JPEG", quality=int(generator.integers(50, 96)), **options)
        for _ in range(2):
            yield f"24 bytes overwritten, {kind}", overwrite(whole, 0.3, 0.6, generator), whole
        if kind == "restart markers":
            first, second = whole.index(b"\xff\xd2"), whole.index(b"\xff\xd3")
            yield "an interval lost", whole[:first] + whole[second:], whole
    whole = written(picture, "JPEG", quality=int(generator.integers(50, 96)))
    cut = whole[: int(len(whole) * generator.uniform(0.4, 0.8))] + b"\xff\xd9"
    yield "cut and closed", cut, whole
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    shown = Image.open(io.BytesIO(cut)).convert("RGB")
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    yield "cut, saved again as PNG", written(shown, "PNG", compress_level=1), whole
    yield "cut, saved again as JPEG", written(shown, "JPEG", quality=int(generator.integers(50, 96))), whole


def _count(kind: str, data: bytes, whole: bytes, rotten: Counter[tuple[str, str]]) -> None:
    image, expected = _decoded(data), decode(whole)
    if image is None:
        rotten[kind, "refused"] += 1
        return
    away = np.abs(image.luma.astype(np.int16) - expected.luma).mean(axis=1)
    rows = np.flatnonzero(away > (1 if "again" not in kind else 12))
    if len(rows) < LEAST_ROWS:
        return
    rotten[kind, "decoded"] += 1
    rotten[kind, "found"] += image.damage is not None
    if image.damage is not None and image.damage.start is not None:
        rotten[kind, "placed"] += abs(image.damage.start - rows[0] / len(away)) <= PLACED
    pair = VersionPlanes(expected, whole), VersionPlanes(image, data)
    proved = prove_overwritten(*pair) is not None
    rotten[kind, "proved"] += proved
    rotten[kind, "only"] += proved and image.damage is None
    rotten[kind, "turned"] += prove_overwritten(*pair[::-1]) is not None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=Path, required=True, help="folder of pictures")
    parser.add_argument("--most", type=int, metavar="N", help="pictures that are saved again (default all)")
    parser.add_argument("--seed", type=int, default=22, help="(default 22)")
    parser.add_argument("--out", type=Path, metavar="FILE.md", help="also write the tables there")
    return parser


if __name__ == "__main__":
    main()
