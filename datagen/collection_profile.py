"""What a real collection looks like: sizes, formats and JPEG settings, measured and used to draw originals.

The command `python datagen/collection_profile.py DIR` measures a folder; `make_pairs.py --profile FILE` uses it.
"""

import argparse
import json
import sys
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

# `python datagen/collection_profile.py` puts this folder on the path, not the project's.
if __package__ in (None, ""):
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from genloss.model.errors import DatagenError, GenerationLossError, ImageError
from genloss.model.files import write_atomically
from genloss.model.images.decode import decode
from genloss.model.images.facts import Facts, read_facts
from genloss.model.parallel import run_in_processes
from genloss.model.processes import n_usable_cores

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif", ".bmp", ".tif", ".tiff")
DEADLINE_SECONDS = 60.0  # to read one file
SAMPLINGS = ("4:2:0", "4:4:4", "4:2:2", "4:4:0", "4:1:1")  # as JPEG originals may be written


@dataclass(frozen=True)
class Profile:
    """Distribution of originals.

    Attributes:
        longest_side_px: quantiles from smallest to largest, evenly spaced in share.
        aspect_ratio: quantiles of longest over shortest side, at least 1.
        lossless_share: share stored without loss; the others are JPEG.
        jpeg_quality: quantiles of the IJG quality in [1, 100].
        sampling: share of each chroma subsampling among JPEG files.
        progressive_share: share of progressive files among JPEG files.
    """

    longest_side_px: tuple[float, ...]
    aspect_ratio: tuple[float, ...]
    lossless_share: float
    jpeg_quality: tuple[float, ...]
    sampling: dict[str, float]
    progressive_share: float


def measure(facts: list[Facts]) -> Profile:
    """The profile of files already read.

    Raises:
        DatagenError: no files.
    """
    if not facts:
        raise DatagenError("a profile needs at least one readable picture")
    jpegs = [one for one in facts if one.image_format == "jpeg" and one.jpeg_quality is not None]
    sides = [(max(one.width_px, one.height_px), min(one.width_px, one.height_px)) for one in facts]
    samplings = Counter(one.sampling for one in jpegs if one.sampling in SAMPLINGS) or Counter({"4:2:0": 1})
    return Profile(
        longest_side_px=_quantiles([float(longest) for longest, _ in sides]),
        aspect_ratio=_quantiles([longest / shortest for longest, shortest in sides]),
        lossless_share=sum(one.lossless for one in facts) / len(facts),
        jpeg_quality=_quantiles([float(one.jpeg_quality or 0) for one in jpegs] or [90.0]),
        sampling={name: count / samplings.total() for name, count in sorted(samplings.items())},
        progressive_share=sum(one.progressive for one in jpegs) / max(1, len(jpegs)),
    )


def load(path: Path) -> Profile:
    """Reads what the command wrote.

    Raises:
        DatagenError: missing, not JSON, or values outside their ranges.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))["profile"]
        profile = Profile(
            longest_side_px=tuple(map(float, document["longest_side_px"])),
            aspect_ratio=tuple(map(float, document["aspect_ratio"])),
            lossless_share=float(document["lossless_share"]),
            jpeg_quality=tuple(map(float, document["jpeg_quality"])),
            sampling={str(key): float(value) for key, value in document["sampling"].items()},
            progressive_share=float(document["progressive_share"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DatagenError(f"{path} is not a profile written by datagen/collection_profile.py: {error!r}") from error
    ranges = {
        "longest_side_px": (profile.longest_side_px, 1, 100_000),
        "aspect_ratio": (profile.aspect_ratio, 1, 1000),
        "jpeg_quality": (profile.jpeg_quality, 1, 100),
        "shares": ((profile.lossless_share, profile.progressive_share, *profile.sampling.values()), 0, 1),
    }
    for name, (values, low, high) in ranges.items():
        if not values or not all(low <= value <= high for value in values):
            raise DatagenError(f"{path}: {name} must lie in [{low}, {high}], got {values}")
    if not sum(profile.sampling.values()) > 0 or not set(profile.sampling) <= set(SAMPLINGS):
        raise DatagenError(f"{path}: sampling must give shares of {', '.join(SAMPLINGS)}")
    return profile


def draw_quantile(generator: np.random.Generator, quantiles: tuple[float, ...]) -> float:
    """A value distributed as the quantiles say, linear between them."""
    return float(np.interp(generator.random(), np.linspace(0, 1, len(quantiles)), quantiles))


def main(argv: list[str] | None = None) -> int:
    """Runs the command; returns 0, or 2 after printing one line for an error."""
    parser = argparse.ArgumentParser(
        prog="collection_profile.py",
        description="Measure sizes, formats, estimated JPEG qualities and chroma subsampling of a folder of pictures.",
        epilog="Give the file to make_pairs.py --profile to draw originals that look like this folder.",
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="folder of pictures, searched recursively")
    parser.add_argument("--out", type=Path, default=Path("profile.json"), help="file to write (default profile.json)")
    arguments = parser.parse_args(argv)
    try:
        if not arguments.folder.is_dir():
            raise DatagenError(f"{arguments.folder} is not a folder")
        paths = sorted(path for path in arguments.folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
        if not paths:
            raise DatagenError(f"no picture below {arguments.folder}")
        measured = run_in_processes(_facts_of, None, paths, n_usable_cores(), DEADLINE_SECONDS)
        found = dict(track(measured, "measuring", len(paths), console=Console(stderr=True), transient=True))
        facts = [found[path] for path in paths if isinstance(found[path], Facts)]
        profile = measure(facts)
        document = {"n_pictures": len(facts), "n_unreadable": len(found) - len(facts), "profile": asdict(profile)}
        write_atomically(arguments.out, (json.dumps(document, indent=1) + "\n").encode())
    except GenerationLossError as error:
        print(f"profile: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"profile: {arguments.out} cannot be written: {error.strerror}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    Console().print(_table(profile, facts))
    print(f"{len(facts)} pictures measured, {len(found) - len(facts)} unreadable; written to {arguments.out}", file=sys.stderr)
    return 0


def _facts_of(context: None, path: Path) -> Facts | None:
    try:
        return read_facts(decode(path.read_bytes()))
    except (ImageError, OSError):
        return None  # counted by the caller; one bad file must not stop a survey


def _quantiles(values: list[float]) -> tuple[float, ...]:
    return tuple(round(float(value), 4) for value in np.quantile(values, np.linspace(0, 1, 11)))


def _table(profile: Profile, facts: list[Facts]) -> Table:
    table = Table("", "lowest", "median", "highest", title=f"{len(facts)} pictures")
    for name in ("longest_side_px", "aspect_ratio", "jpeg_quality"):
        values = getattr(profile, name)
        table.add_row(name, *(f"{values[place]:.4g}" for place in (0, 5, 10)))
    formats = Counter(one.image_format for one in facts)
    table.add_section()
    for name, count in formats.most_common():
        table.add_row(name, "", f"{100 * count / len(facts):.1f} %", "")
    for name, share in profile.sampling.items():
        table.add_row(f"JPEG {name}", "", f"{100 * share:.1f} %", "")
    table.add_row("JPEG progressive", "", f"{100 * profile.progressive_share:.1f} %", "")
    return table


if __name__ == "__main__":
    sys.exit(main())
