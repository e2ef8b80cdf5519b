"""Rough placements of one version on another: whole frames in eight turns, shifts, and a match of local features."""

from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from genloss.model.pairs.matching import Match, Matches, match_features
from genloss.model.pairs.placement import N_TURNS, Placement, turn_matrix, turn_plane, turned_size, whole_frame
from genloss.model.pairs.planes import THUMBNAIL_PX, LumaViews, band_pass, correlation

ASPECTS = (0.7, 1.43)  # of the turned source to the target, for a whole frame
_LEAST_MATCHES = 8
_RANSAC_PX = 3.0
_CERTAIN = 100  # agreeing features above which the mirror image is not tried


def whole_frames(first: LumaViews, second: LumaViews) -> list[tuple[float, Placement]]:
    """The likeliest whole frame and a second one at least half as alike, each with its likeness in [-1, 1].

    Turns with a wrong aspect ratio are left out.
    """
    found = []
    for turn in range(N_TURNS):
        height, width = turned_size(first.size, turn)
        aspect = (width / height) / (second.size[1] / second.size[0])
        if ASPECTS[0] < aspect < ASPECTS[1]:
            likeness = correlation(turn_plane(first.square, turn), second.square)
            found.append((likeness, whole_frame(first.size, second.size, turn)))
    found.sort(key=lambda one: -one[0])
    return [one for one in found[:2] if one[0] >= found[0][0] / 2]


def shifted(first: LumaViews, second: LumaViews) -> Iterator[Placement]:
    """Placements at one scale, found by phase correlation; wrapped shifts too.

    Source: Kuglin and Hines, "The phase correlation image alignment method", 1975.
    """
    factor = min(1.0, 512 / max(*first.size, *second.size))
    planes = []
    for version in (first, second):
        size = (max(8, round(version.size[1] * factor)), max(8, round(version.size[0] * factor)))
        small = cv2.resize(version.stored_luma, size, interpolation=cv2.INTER_AREA) if factor < 1 else version.stored_luma
        planes.append(band_pass(small))
    height, width = (max(plane.shape[axis] for plane in planes) for axis in (0, 1))
    height, width = cv2.getOptimalDFTSize(height), cv2.getOptimalDFTSize(width)
    padded = [np.zeros((height, width), np.float32) for _ in planes]
    for into, plane in zip(padded, planes, strict=True):
        into[: plane.shape[0], : plane.shape[1]] = plane
    (across, down), _ = cv2.phaseCorrelate(padded[0], padded[1])
    for y in {down, down - height, down + height}:
        for x in {across, across - width, across + width}:
            if _overlap(planes[0].shape, planes[1].shape, y, x) > 0.15:
                yield Placement(0, first.size, second.size, 1.0, 1.0, y / factor, x / factor)


def shifted_as(first: LumaViews, second: LumaViews, placement: Placement) -> Iterator[Placement]:
    """Placements in the pose and scale of another placement, with shifts found by phase correlation of the thumbnails."""
    target = second.thumbnail
    down, across = target.shape[0] / second.size[0], target.shape[1] / second.size[1]
    height, width = placement.turned
    size = max(8, round(width * placement.scale_x * across)), max(8, round(height * placement.scale_y * down))
    if max(size) > 4 * THUMBNAIL_PX:
        return
    turned = np.ascontiguousarray(turn_plane(first.thumbnail, placement.turn).astype(np.uint8))
    views = LumaViews(np.asarray(cv2.resize(turned, size, interpolation=cv2.INTER_AREA), np.uint8))
    for found in shifted(views, LumaViews(target.astype(np.uint8))):
        yield replace(placement, shift_y_px=found.shift_y_px / down, shift_x_px=found.shift_x_px / across)


def by_features(first: LumaViews, second: LumaViews, match: Match = match_features) -> Placement | None:
    """The placement that most local features agree on, upright or mirrored; None if too few agree.

    Source: Rublee et al., "ORB: an efficient alternative to SIFT or SURF", 2011.
    """
    found = _agreed(match(first.keypoints, second.keypoints), max(second.size))
    if found is None or found[1] < _CERTAIN:
        mirrored = _agreed(match(first.mirrored_keypoints, second.keypoints), max(second.size))
        found = mirrored if found is None or (mirrored is not None and mirrored[1] > found[1]) else found
    return None if found is None else _nearest_turn(found[0], first, second)


def _agreed(matches: Matches, longest_px: int) -> tuple[NDArray[np.float64], int] | None:
    """The affine map of pixels that most matches agree on, and how many do."""
    if len(matches[0]) < _LEAST_MATCHES:
        return None
    cv2.setRNGSeed(0)
    tolerance = max(1.0, _RANSAC_PX * longest_px / 512)
    matrix, inliers = cv2.estimateAffine2D(*matches, method=cv2.RANSAC, ransacReprojThreshold=tolerance)
    if matrix is None or int(inliers.sum()) < _LEAST_MATCHES:
        return None
    return np.asarray(matrix, np.float64), int(inliers.sum())


def _nearest_turn(matrix: NDArray[np.float64], first: LumaViews, second: LumaViews) -> Placement | None:
    """The turn with scales and shifts that is nearest to an affine map of pixel coordinates."""
    best = None
    for turn in range(N_TURNS):
        whole = turn_matrix(first.size, turn)
        linear, offset = whole[:2, :2], whole[:2, 2]
        turned = matrix[:, :2] @ linear.T  # linear is orthogonal
        fit = float(np.trace(turned))
        if best is None or fit > best[0]:
            best = fit, turn, turned, matrix[:, 2] - turned @ offset
    assert best is not None
    _, turn, turned, shift = best
    scale_x, scale_y = float(turned[0, 0]), float(turned[1, 1])
    shear = max(abs(float(turned[0, 1])), abs(float(turned[1, 0])))
    if min(scale_x, scale_y) <= 0.02 or shear > 0.1 * min(scale_x, scale_y):
        return None
    return Placement(turn, first.size, second.size, scale_y, scale_x, float(shift[1]), float(shift[0]))


def _overlap(source: tuple[int, ...], target: tuple[int, ...], down: float, across: float) -> float:
    """Overlap as a share of the smaller plane."""
    rows = min(target[0], down + source[0]) - max(0.0, down)
    columns = min(target[1], across + source[1]) - max(0.0, across)
    return max(0.0, rows) * max(0.0, columns) / min(source[0] * source[1], target[0] * target[1])
