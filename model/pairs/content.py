"""Content of two registered pictures: the same, the same under an overlay, or different."""

from dataclasses import replace
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from genloss.model.pairs.block_evidence import BLOCK_PX, BlockEvidence, compare_blocks
from genloss.model.pairs.laying import Laying
from genloss.model.pairs.overlap import Overlap, Plane
from genloss.model.pairs.overlay import Side, find_drawn_side, take_difference
from genloss.model.pairs.planes import correlation
from genloss.model.pairs.smeared import find_smeared_side

_LEAST_BLOCKS, _LEAST_TEXTURED = 30, 0.025  # below, the two are too plain to tell
_CLEAN = (2, 0.01, 0.004, 0.004)  # blocks, share, largest region, share with other content in both
_ALIKE = 0.8
_ALIKE_TO_RELATE, _ALIKE_AS_WHOLES = 0.5, 0.4
_LEVELS_ALIKE = 0.85  # correlation; tone, filters and encoders leave 0.96 and more
_SHADED_ALIKE, _DETAIL_ALIKE = 0.6, 0.97  # of levels and of detail, where one has a vignette or light from one side
_TURNED_BOTH = 0.03
_LIKE_TEMPLATES = 0.7
_OVERLAY_ALIKE = 0.4
_FRAME_SPREAD = 5.0  # levels: of a frame's rows, with what a JPEG leaves, and between them
_NOISE, _COARSE_NOISE = 2.5, 5.5  # levels above which fine detail says less, and nothing
_COARSER, _COARSE_ALIKE = 3, 0.97  # how much smaller is compared then, and how much must agree where detail says a little
# Share of blocks that agree in detail below which the noise has to be of detail; and what is then left of it without detail.
_ALIKE_IN_DETAIL, _NOISE_LEFT = 0.65, 0.66


class Content(StrEnum):
    """Relation of two pictures' content where they overlap."""

    SAME = "same"
    OVER_FIRST = "over_first"  # the same, but for lettering, a mark, a sticker or a hidden place on the first
    OVER_SECOND = "over_second"
    ALTERNATE = "alternate"  # each shows something that the other lacks, on one template or of one scene
    PLAIN = "plain"  # too little to tell
    OTHER = "other"  # nothing in common


def compare_content(laid: Laying) -> Content:
    """Classifies the content of the overlap; tuned on archives of benchmarks/accuracy/archive.py."""
    blocks = laid.blocks
    if _is_plain(blocks):
        return Content.PLAIN
    if _is_clean(blocks):  # edges agree; of a chart in other colours they do, too
        alike = correlation(laid.overlap.first, laid.overlap.second)
        is_same = alike >= _LEVELS_ALIKE or (alike >= _SHADED_ALIKE and laid.detail_likeness >= _DETAIL_ALIKE)
        return Content.SAME if is_same else Content.ALTERNATE
    if laid.turned_degrees:  # turned pixels lie a little off, which is no lettering
        if blocks.alike > _ALIKE and blocks.both < _TURNED_BOTH:
            return Content.SAME
        return Content.ALTERNATE if blocks.alike >= _ALIKE_TO_RELATE else Content.OTHER
    difference = take_difference(laid.overlap.first, laid.overlap.second)
    # Two spots of one shape agree but for detail, too; what differs between them stays where detail goes.
    of_detail = blocks.alike >= _ALIKE_IN_DETAIL or _is_of_detail(laid.overlap, difference.noise)
    if difference.noise > _NOISE and of_detail and _agrees_coarsely(laid.overlap, difference.noise):
        return Content.SAME
    may_be_drawn = blocks.alike >= _OVERLAY_ALIKE and (of_detail or difference.noise <= _COARSE_NOISE)
    drawn = (find_smeared_side(difference) or find_drawn_side(difference)) if may_be_drawn else None
    if drawn is not None:
        return Content.OVER_FIRST if drawn is Side.FIRST else Content.OVER_SECOND
    whole = min(laid.placement.coverage, laid.placement.inverse.coverage) > 0.9
    if blocks.alike >= _ALIKE_TO_RELATE or (whole and (blocks.alike >= _ALIKE_AS_WHOLES or laid.likeness > _LIKE_TEMPLATES)):
        return Content.ALTERNATE
    return Content.OTHER


def inside_frames(laid: Laying) -> Laying | None:
    """Without the flat frame that both pictures have, for edges of one frame say nothing of two pictures.

    Returns:
        The same where they have none; None where hardly anything is inside.
    """
    first, second = laid.overlap.first, laid.overlap.second
    frame = shared_frame_px(first, second)
    if not frame.any():
        return laid
    top, left, bottom, right = (int(edge) and int(edge) + BLOCK_PX for edge in frame)
    height, width = first.shape
    if min(height - top - bottom, width - left - right) < 2 * BLOCK_PX:
        return None
    first, second = (plane[top : height - bottom, left : width - right] for plane in (first, second))
    return replace(laid, overlap=replace(laid.overlap, first=first, second=second), blocks=compare_blocks(first, second))


def shared_frame_px(first: Plane, second: Plane) -> NDArray[np.int64]:
    """(4,) how many rows and columns at top, left, bottom and right are a flat frame in both of two planes of one size."""
    return np.minimum(_frame_px(first), _frame_px(second))


def _frame_px(plane: Plane) -> NDArray[np.int64]:
    """(4,) how many rows and columns at top, left, bottom and right are flat and on the level of the outermost."""
    edges = np.zeros(4, np.int64)
    for axis in (0, 1):
        lines = plane if axis == 0 else plane[edges[0] : len(plane) - edges[2]].T
        flat, levels = lines.std(axis=1) < _FRAME_SPREAD, lines.mean(axis=1)
        for side in (axis, axis + 2):
            way = slice(None, None, 1 if side == axis else -1)
            same = flat[way] & (np.abs(levels[way] - levels[way][0]) < _FRAME_SPREAD)
            edges[side] = len(same) if same.all() else int(same.argmin())
        if edges[axis] + edges[axis + 2] >= len(lines):  # all of it
            edges[axis], edges[axis + 2] = len(lines), 0
            break
    return edges


def _is_plain(blocks: BlockEvidence) -> bool:
    return blocks.n_blocks < _LEAST_BLOCKS or blocks.textured < _LEAST_TEXTURED


def _is_clean(blocks: BlockEvidence) -> bool:
    """Whether all but a few blocks agree."""
    most_blocks, most_share, most_region, most_both = _CLEAN
    has_text = max(blocks.text_first, blocks.text_second) > 0.05
    return blocks.alike > _ALIKE and (
        blocks.n_differ <= most_blocks
        or (not has_text and blocks.differ <= most_share and blocks.largest <= most_region and blocks.both <= most_both)
    )


def _is_of_detail(overlap: Overlap, noise: float) -> bool:
    """Whether a difference all over vanishes with fine detail, as with dithering and coarse palettes."""
    return take_difference(*_smaller(overlap)).noise <= _NOISE_LEFT * noise


def _agrees_coarsely(overlap: Overlap, noise: float) -> bool:
    """Whether everything agrees except for detail that dithering and coarse palettes hide."""
    blocks = compare_blocks(*_smaller(overlap))
    return (blocks.n_differ == 0 and blocks.alike > _COARSE_ALIKE) or (noise > _COARSE_NOISE and _is_clean(blocks))


def _smaller(overlap: Overlap) -> tuple[Plane, Plane]:
    height, width = (max(2 * BLOCK_PX, side // _COARSER) for side in overlap.first.shape)
    first, second = (
        np.asarray(cv2.resize(plane, (width, height), interpolation=cv2.INTER_AREA), np.float32)
        for plane in (overlap.first, overlap.second)
    )
    return first, second
