"""Whether two versions show the same picture: not two pictures, two pages of one layout, or two moments of one scene.

benchmarks/accuracy/same_picture.py measures both sides.
"""

from collections.abc import Callable

from genloss.model.pairs.content import Content, compare_content, inside_frames, shared_frame_px
from genloss.model.pairs.laying import Laying, Sides, lay, laying_of
from genloss.model.pairs.matching import Match
from genloss.model.pairs.planes import LumaViews, band_pass, correlation
from genloss.model.pairs.registration import Registration, register

LIKE_ENOUGH = 0.985  # likeness above which nothing differs that blocks could show
LEAST_OTHER = 0.012  # share of blocks with other content in both, below which nothing is claimed
_FLAT_LEVELS = 1.0  # standard deviation below which a picture shows nothing
# Of two plain pictures: standard deviation above which they have shades, and correlation that versions have. 96 versions of 16
# walls had 0.9 or more; of 64 strangers that were too plain to tell, all had 0.47 or less.
_SHADED_LEVELS, _SHADES_ALIKE = 2.0, 0.6
_SAME = (Content.SAME, Content.OVER_FIRST, Content.OVER_SECOND, Content.PLAIN)


def show_same_picture(
    first: LumaViews,
    second: LumaViews,
    registration: Registration | None,
    make_sides: Callable[[], tuple[Sides, Sides]] | None = None,
) -> bool:
    """Whether one of the two was made from the other, or both from a third, as far as all blocks of both tell.

    A version that was cropped, turned, framed, toned or lettered shows the same picture. Where both show something that the
    other lacks, they do not. Pictures too plain to tell count as the same.

    Args:
        first, second: the versions.
        registration: of the first on the second. If it is None, or if the blocks disagree, other ways to register them are
            tried.
        make_sides: makes both in the form that these other ways need, where the caller needs it, too.
    """
    if registration is not None:
        likely = registration.likeness > LIKE_ENOUGH
        if likely and not shared_frame_px(first.thumbnail, second.thumbnail).any():
            return True
        laid = laying_of(first, second, registration)
        if laid is not None and (_holds_the_same(laid) or (likely and _is_like_inside(laid))):
            return True

    def known(one: LumaViews, other: LumaViews, match: Match) -> Registration | None:
        return registration if one is first and other is second else register(one, other, match)

    sides = (Sides(first), Sides(second)) if make_sides is None else make_sides()
    found = lay(*sides, known)
    return found is not None and _holds_the_same(found, LEAST_OTHER)


def _holds_the_same(laid: Laying, least_other: float = 0.0) -> bool:
    """Whether both hold the same inside a frame that both may have: its edges agree, whatever it holds.

    Args:
        laid: the two, one on the other.
        least_other: share of blocks with other content in both, below which they count as the same, too.
    """
    inside = inside_frames(laid)
    if inside is None or _least_spread(inside) < _FLAT_LEVELS:
        inside = laid
    content = compare_content(inside)
    if content is Content.PLAIN and _differs_slowly(inside):
        return False
    if content is Content.PLAIN and inside is not laid:
        content = compare_content(laid)
    return content in _SAME or (content is Content.ALTERNATE and inside.blocks.both < least_other)


def _differs_slowly(part: Laying) -> bool:
    """Whether two plain pictures have shades, but not the same: a version of a wall keeps its shades in any encoding."""
    first, second = part.overlap.first, part.overlap.second
    return _least_spread(part) >= _SHADED_LEVELS and correlation(first, second) < _SHADES_ALIKE


def _least_spread(part: Laying) -> float:
    return min(float(part.overlap.first.std()), float(part.overlap.second.std()))


def _is_like_inside(laid: Laying) -> bool:
    """Whether nothing differs inside a frame that both have."""
    inside = inside_frames(laid)
    if inside is None:
        return False
    return correlation(band_pass(inside.overlap.first), band_pass(inside.overlap.second)) > LIKE_ENOUGH
