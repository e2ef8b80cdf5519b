"""Groups of versions as people have them: children and grandchildren of one original, and which version is closer."""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from group_edits import JPEG_PROGRAMS, KINDS, SAMPLINGS, Edit, draw_edit, pixels, saved_jpeg, written
from PIL import Image

N_EDITS = (5, 8)
FROM_ORIGINAL = 0.6  # share of the edits made from the original; the others are made from any version
SAME_AGAIN = 0.6  # share of the edits that repeat an earlier edit at another strength
SAME_QUALITY = 0.3  # share of the JPEGs made from a JPEG that keep its quality
LEAST_SIDE_PX, MOST_SIDE_PX = 200, 1280
LOSSLESS = (".png", ".bmp", ".tif", ".tiff")
LOSSY = (".jpg", ".jpeg", ".webp", ".avif")

Relation = Literal["ancestor", "sibling"]


@dataclass(frozen=True)
class Version:
    """A member of a group.

    Attributes:
        data: the whole file.
        parent: position of the version it was made from; None for the original.
        edit: how it was made; None for the original.
        error: mean squared difference from the parent's pixels; None if the sizes differ.
    """

    data: bytes
    parent: int | None
    edit: Edit | None
    error: float | None

    @property
    def is_jpeg(self) -> bool:
        return self.data.startswith(b"\xff\xd8")


def read_originals(folder: Path) -> list[tuple[str, Image.Image]]:
    """Clean pictures below a folder, by name.

    Lossless pictures stay as they are. Lossy pictures are shrunk by at least 2, which removes most of their compression. All
    are shrunk to at most MOST_SIDE_PX a side. Pictures that then have a side below LEAST_SIDE_PX are left out.
    """
    found = []
    for path in sorted(folder.rglob("*")):
        suffix = path.suffix.lower()
        if suffix not in (*LOSSLESS, *LOSSY):
            continue
        data = path.read_bytes()
        clean = suffix in LOSSLESS or (suffix == ".webp" and b"VP8L" in data[:4096])
        picture = Image.open(io.BytesIO(data)).convert("RGB")
        factor = max(1 if clean else 2, -(-max(picture.size) // MOST_SIDE_PX))
        if min(picture.size) // factor >= LEAST_SIDE_PX:
            found.append((path.stem, picture.reduce(factor) if factor > 1 else picture))
    return found


def make_group(picture: Image.Image, generator: np.random.Generator) -> list[Version]:
    """The original, then N_EDITS versions; every parent comes before its children."""
    versions = [Version(_original(picture, generator), None, None, None)]
    for _ in range(int(generator.integers(N_EDITS[0], N_EDITS[1] + 1))):
        parent, edit = _again(versions, generator) or _new(versions, generator)
        before = pixels(versions[parent].data)
        data = KINDS[edit.kind].make(before, edit)
        versions.append(Version(data, parent, edit, _error(before, pixels(data))))
    return versions


def known_order(versions: list[Version], first: int, second: int) -> tuple[int, Relation] | None:
    """Which of two versions is truly closer to the original, and why; None if that is unknown.

    An ancestor is closer than its descendants. Of two siblings of the same program, kind and settings the milder one is
    closer, unless it differs more from their parent: a JPEG saved again at the same quality loses less than at a higher one.
    """
    for closer, other in ((first, second), (second, first)):
        if closer in ancestors(versions, other):
            return closer, "ancestor"
    one, other_one = versions[first], versions[second]
    if one.edit is None or other_one.edit is None or one.parent != other_one.parent:
        return None
    gap = KINDS[one.edit.kind].gap
    harsher = other_one.edit.strength - one.edit.strength
    if gap is None or abs(harsher) < gap or not one.edit.same_but_strength(other_one.edit):
        return None
    if one.error is not None and other_one.error is not None and (other_one.error - one.error) * harsher <= 0:
        return None
    return (first if harsher > 0 else second), "sibling"


def last_edit(versions: list[Version], index: int) -> str:
    """The last edit of a version, in words."""
    version = versions[index]
    if version.edit is None or version.parent is None:
        return "original"
    again = version.edit.kind == "jpeg" and versions[version.parent].is_jpeg
    return "jpeg again" if again else version.edit.kind


def ancestors(versions: list[Version], index: int) -> list[int]:
    """Parent, grandparent and so on up to the original."""
    found = []
    parent = versions[index].parent
    while parent is not None:
        found.append(parent)
        parent = versions[parent].parent
    return found


def _original(picture: Image.Image, generator: np.random.Generator) -> bytes:
    """The file of an original: a JPEG of high quality, a PNG or a lossless WebP."""
    kind = generator.random()
    if kind < 0.45:
        sampling = SAMPLINGS[int(generator.integers(3))]
        return saved_jpeg(picture, int(generator.integers(88, 99)), str(generator.choice(JPEG_PROGRAMS)), sampling)
    return written(picture, "png") if kind < 0.9 else written(picture, "webp", lossless=True)


def _new(versions: list[Version], generator: np.random.Generator) -> tuple[int, Edit]:
    parent = 0 if generator.random() < FROM_ORIGINAL else int(generator.integers(len(versions)))
    shares = np.array([kind.share for kind in KINDS.values()])
    edit = draw_edit(str(generator.choice(list(KINDS), p=shares / shares.sum())), generator)
    before = versions[parent].edit
    if edit.kind == "jpeg" and before is not None and before.kind == "jpeg" and generator.random() < SAME_QUALITY:
        edit = before
    return parent, edit


def _again(versions: list[Version], generator: np.random.Generator) -> tuple[int, Edit] | None:
    """Parent and edit of an earlier version with another strength; None to draw a new edit instead."""
    chosen = versions[int(generator.integers(len(versions)))]
    if generator.random() >= SAME_AGAIN or chosen.edit is None or chosen.parent is None:
        return None
    edit, kind = chosen.edit, KINDS[chosen.edit.kind]
    strength = float(generator.uniform(*kind.strengths))
    if kind.gap is None or abs(strength - edit.strength) < kind.gap:
        return None
    return chosen.parent, Edit(edit.kind, edit.program, edit.settings, strength)


def _error(before: Image.Image, after: Image.Image) -> float | None:
    if before.size != after.size:
        return None
    return float(((np.asarray(before, np.float32) - np.asarray(after, np.float32)) ** 2).mean())
