"""How often an edited copy ranks before its source. Tone, colour, sharpness and scaling by software unseen in training.

python benchmarks/accuracy/edited_copies.py --images DIR --out edited-copies.md
"""

import argparse
import datetime
import io
import platform
import zlib
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
from group_edits import saved_jpeg
from groups import read_originals
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from genloss import Scorer
from genloss.model.files import write_atomically
from genloss.model.pairs.changes import describe_changes, is_edit
from genloss.model.pairs.findings import Finding, find
from genloss.model.pairs.planes import VersionPlanes
from genloss.model.scoring.bundle import BUNDLED
from genloss.model.scoring.ranker import Ranker

Edit = Callable[[Image.Image], Image.Image]


def _gamma(picture: Image.Image, gamma: float) -> Image.Image:
    curve = [round(255 * (level / 255) ** gamma) for level in range(256)]
    return picture.point(curve * 3)


def _sharpened(picture: Image.Image) -> Image.Image:
    return picture.filter(ImageFilter.UnsharpMask(1.5, 80, 2))


def _enlarged(picture: Image.Image) -> Image.Image:
    size = round(picture.width * 1.5), round(picture.height * 1.5)
    return _sharpened(picture.resize(size, Image.Resampling.LANCZOS))


EDITS: dict[str, Edit] = {
    "autocontrast": lambda picture: ImageOps.autocontrast(picture, cutoff=1),
    "more saturated": lambda picture: ImageEnhance.Color(picture).enhance(1.25),
    "gamma 0.88": lambda picture: _gamma(picture, 0.88),
    "brighter": lambda picture: ImageEnhance.Brightness(picture).enhance(1.12),
    "sharpened": _sharpened,
    "enlarged, sharpened": _enlarged,
    "warm": lambda picture: Image.merge("RGB", [band.point([min(255, round(level * factor)) for level in range(256)])
                                                for band, factor in zip(picture.split(), (1.06, 1.0, 0.93), strict=True)]),
}  # fmt: skip
CONTAINERS = ("JPEG 92", "PNG")


def main() -> None:
    """Prints the table as Markdown, and writes it to --out if given."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=Path, required=True, help="folder of pictures that no training saw")
    parser.add_argument("--pictures", type=int, help="how many of them (default all)")
    parser.add_argument("--seed", type=int, default=1683, help="(default 1683)")
    parser.add_argument("--bundle", type=Path, default=BUNDLED, help="another bundle than the shipped one")
    parser.add_argument("--out", type=Path, metavar="FILE.md", help="also write the table there")
    arguments = parser.parse_args()
    scorer = Scorer(arguments.bundle)
    ranker = Ranker(scorer.bundle)
    rows: dict[str, list[tuple[bool, float, float, bool]]] = defaultdict(list)
    originals = read_originals(arguments.images)[: arguments.pictures]
    for name, picture in originals:
        generator = np.random.default_rng((arguments.seed, zlib.crc32(name.encode())))
        camera = saved_jpeg(picture, int(generator.integers(88, 97)), "simplejpeg", "4:2:0")
        decoded = Image.open(io.BytesIO(camera)).convert("RGB")
        source = scorer.score(camera), VersionPlanes.read(camera)
        for title, edit in EDITS.items():
            for container in CONTAINERS:
                data = _saved(edit(decoded), container)
                copy = scorer.score(data), VersionPlanes.read(data)
                finding = find(source[1], copy[1])
                both = float(ranker.compare(copy[0], source[0], None if finding is None else finding.swapped))
                judge = scorer.bundle.judge_slope * float(ranker.log_odds([copy[0], source[0]])[0, 1])
                laid = isinstance(finding, Finding)
                named = laid and any(map(is_edit, describe_changes(finding.comparison, copy[0].facts)))
                rows[f"{title}, {container}"].append((laid, both, judge, named))
    lines = [
        f"Bundle {scorer.bundle.version}; {len(originals)} pictures, JPEG 88 to 96 by simplejpeg, edited by Pillow; "
        f"{platform.machine()}, {datetime.date.today()}.", "",
        "| edited copy | n | source first, % | by the judge alone, % | wrong at 99 % or more | called an edit, % |",
        "|---|---|---|---|---|---|",
    ]  # fmt: skip
    everything = [row for found in rows.values() for row in found]
    for title, found in [*rows.items(), ("all", everything)]:
        both, judge = (np.array([row[index] for row in found]) for index in (1, 2))
        lines.append(
            f"| {title} | {len(found)} | {100 * np.mean(both > 0):.1f} | {100 * np.mean(judge > 0):.1f} | "
            f"{int(np.sum(both < -np.log(99)))} | {100 * np.mean([row[3] for row in found]):.0f} |"
        )
    text = "\n".join(lines)
    print(text)
    if arguments.out is not None:
        write_atomically(arguments.out, (text + "\n").encode())


def _saved(picture: Image.Image, container: str) -> bytes:
    if container == "PNG":
        stream = io.BytesIO()
        picture.save(stream, "PNG", compress_level=1)
        return stream.getvalue()
    return saved_jpeg(picture, 92, "pillow", "4:2:0")


if __name__ == "__main__":
    main()
