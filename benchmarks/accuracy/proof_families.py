"""Families of versions of one picture with known descent, and the judgement of proofs against it."""

from dataclasses import dataclass

import numpy as np
from PIL import Image
from proof_edits import Edit, cut_box, draw_edit, make, pixels, written

from genloss.model.pairs.placement import turn_plane
from genloss.model.pairs.planes import VersionPlanes

FROM_ORIGINAL, NEIGHBOURS, NOISE_FIRST = 0.55, 0.3, 0.08  # shares of the versions

Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Version:
    """A member of a family.

    Attributes:
        data: the whole file.
        parent: position of the version it was made from; None for the original and for another picture.
        edit: how it was made; None for the original.
        part: the version and area with exactly these pixels: its position, and left, top, right and bottom in it.
        used: area of the parent that was cut out first, in pixels of the parent as it lies, also if it was turned before.
        saved: the pixels given to the encoder.
        holds: version and area whose pixels it contains unchanged, as in `part`: inside the frame of a framed picture.
    """

    data: bytes
    parent: int | None
    edit: Edit | None
    part: tuple[int, Box]
    used: Box | None
    saved: bytes = b""
    holds: tuple[int, Box] | None = None

    @property
    def kind(self) -> str:
        return "original" if self.edit is None else self.edit.kind


def make_family(picture: Image.Image, other: Image.Image, n: int, generator: np.random.Generator) -> list[Version]:
    """The original, then edits, every parent before its children; the last version shows another picture."""
    whole = (0, 0, *picture.size)
    kind = generator.random()
    first = (
        written(picture, "jpeg", quality=int(generator.integers(88, 99)), subsampling=int(generator.choice([0, 2])))
        if kind < 0.45 else written(picture, "png") if kind < 0.9 else written(picture, "webp", lossless=True)
    )  # fmt: skip
    versions = [Version(first, None, None, (0, whole), None)]
    while len(versions) < n - 1:
        chosen = versions[int(generator.integers(len(versions)))]
        parent = 0 if generator.random() < FROM_ORIGINAL else int(generator.integers(len(versions)))
        edit, kind = draw_edit(generator), generator.random()
        if chosen.edit is not None and chosen.parent is not None and kind < NEIGHBOURS + NOISE_FIRST:
            parent, edit = chosen.parent, chosen.edit.neighbour(generator)
            if kind < NOISE_FIRST:
                noise = Edit(0, None, None, False, "noise", "png", "pillow", 0, "")
                versions.append(_made(versions, parent, noise, generator))
                parent, edit = len(versions) - 1, chosen.edit
        versions.append(_made(versions, parent, edit, generator))
    return [*versions[: n - 1], Version(written(other, "jpeg", quality=85), None, None, (n - 1, (0, 0, *other.size)), None)]


def _made(versions: list[Version], parent: int, edit: Edit, generator: np.random.Generator) -> Version:
    before = pixels(versions[parent].data)
    data, saved = make(before, edit, generator)
    used = _used_box(edit, before.size)
    root, (left, top, _, _) = versions[parent].part
    own = (len(versions), (0, 0, *saved.size))
    area = None if edit.turn else (root, _inside((left, top), used))
    part = area if area is not None and edit.is_exact else own
    holds = area if edit.change == "framed" and edit.is_lossless and not edit.scale else None
    return Version(data, parent, edit, part, used, saved.tobytes(), holds)


def _used_box(edit: Edit, size: tuple[int, int]) -> Box:
    """The area that an edit keeps, in pixels of its parent of this width and height."""
    width, height = size
    turned = turn_plane(np.arange(height * width).reshape(height, width), edit.turn)
    left, top, right, bottom = cut_box(edit, turned.shape[::-1])
    rows, columns = np.divmod(turned[top:bottom, left:right], width)
    return int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1


def _inside(first: tuple[int, int], box: Box) -> Box:
    """A box in a part, as a box in the whole; `first` is the left and top of the part in the whole."""
    return (first[0] + box[0], first[1] + box[1], first[0] + box[2], first[1] + box[3])


def judge_proof(versions: list[Version], planes: list[VersionPlanes], named: int, child: int) -> str:
    """Verdict on a proof: "right", "same pixels" or "wrong".

    A path to an ancestor gives the same bytes in one step if at most one of its edits is not plain.
    """
    parent, used = versions[child].parent, versions[child].used
    if parent is None:
        return "wrong"
    seen = any(turn_plane(planes[named].image.rgb, turn).tobytes() == versions[child].saved for turn in range(8))
    if seen and named != parent:
        return "same pixels"
    n_not_plain = _is_not_plain(versions[child])
    while n_not_plain <= 1:
        if named == parent:
            return "right"
        if _same_pixels(versions, planes, named, parent, used):
            return "same pixels"
        n_not_plain += _is_not_plain(versions[parent])
        above = versions[parent].parent
        if above is None:
            break
        parent, used = above, None
    return "wrong"


def _is_not_plain(version: Version) -> bool:
    return version.edit is None or not version.edit.is_plain


def _same_pixels(versions: list[Version], planes: list[VersionPlanes], named: int, parent: int, used: Box | None) -> bool:
    """Whether the named version holds, pixel for pixel, the area that was taken from the parent."""
    if any(np.array_equal(turn_plane(planes[named].image.rgb, turn), planes[parent].image.rgb) for turn in range(8)):
        return True
    root, box = versions[parent].part
    for other_root, around in filter(None, (versions[named].part, versions[named].holds)):
        if root == other_root and used is not None:
            wanted = _inside((box[0], box[1]), used)
            if wanted[0] >= around[0] and wanted[1] >= around[1] and wanted[2] <= around[2] and wanted[3] <= around[3]:
                return True
    return False
