"""Content of a version that the first place lacks. Whoever discards such a version loses a part of the picture."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from genloss.model.pairs.changes import LETTERING
from genloss.model.pairs.genealogy import Descent
from genloss.model.pairs.placement import Placement
from genloss.model.scoring.ranked import RankedVersion

# Registration places edges within about a pixel, which is more than half a percent of a thumbnail.
WHOLE = 0.98
SHOWS_MORE = "it shows more of the picture than the first"
HAS_LETTERING = "it differs from the first in lettering or a logo"
HAS_FRAMES = "it has more frames than the first"
HAS_TRANSPARENCY = "it is transparent, the first is not"
HAS_PROFILE = "it has a colour profile, the first has not"
NOT_LAID = "it could not be laid on the first"


def own_content(ranked: Sequence[RankedVersion]) -> dict[int, str]:
    """Reasons to look at a version before it is discarded, even if it is surely worse than the first place.

    The better version may be a crop of the worse one, one frame of an animation, or a copy with a caption.

    Args:
        ranked: all places, from Ranker.rank.

    Returns:
        By input position, a few words for each version with content of its own.
    """
    by_index = {version.index: version for version in ranked}
    found = {}
    for picture in sorted({version.picture for version in ranked}):
        members = [version for version in ranked if version.picture == picture]
        first, were_laid = members[0], any(version.descent is not None for version in members)
        for version in members:
            if why := _own_content(version, first, by_index, were_laid):
                found[version.index] = why
    return found


def _own_content(
    version: RankedVersion, first: RankedVersion, by_index: Mapping[int, RankedVersion], were_laid: bool
) -> str | None:
    if version is first or version.same == "file":
        return None
    compared = first if version.same_as is None else by_index[version.same_as]
    if version.score.facts.n_frames > compared.score.facts.n_frames:
        return HAS_FRAMES
    if version.score.facts.transparent and not compared.score.facts.transparent:
        return HAS_TRANSPARENCY
    if version.score.facts.colour_space and not compared.score.facts.colour_space and version.same_as is not None:
        return HAS_PROFILE
    if version.same_as is not None or not were_laid:
        return None
    path = _path_to(version, by_index)
    if path is None:
        return NOT_LAID
    if any(LETTERING in descent.changes for descent in path):
        return HAS_LETTERING
    return SHOWS_MORE if _coverage([descent.placement for descent in path]) < WHOLE else None


def _path_to(version: RankedVersion, by_index: Mapping[int, RankedVersion]) -> list[Descent] | None:
    """The descents from the first place down to a version; None where its ancestors end elsewhere."""
    path: list[Descent] = []
    while version.descent is not None:
        path.insert(0, version.descent)
        version = by_index[version.descent.parent]
    return path if path and version.place == 1 else None


def _coverage(path: Sequence[Placement]) -> float:
    """Share of the last placement's target that the first one's source covers, in [0, 1]."""
    matrix: NDArray[np.float64] = np.eye(3)
    for placement in path:
        matrix = placement.matrix @ matrix
    height, width = path[0].source
    one, other = (matrix @ np.array([x, y, 1.0]) for x, y in ((0, 0), (width, height)))
    right, bottom = path[-1].target[1], path[-1].target[0]
    across = min(right, max(one[0], other[0])) - max(0.0, min(one[0], other[0]))
    down = min(bottom, max(one[1], other[1])) - max(0.0, min(one[1], other[1]))
    return float(max(0.0, across) * max(0.0, down) / (right * bottom))
