"""Whether two versions show the same picture: not two pictures, two pages of one layout, or two moments of one scene.

benchmarks/accuracy/same_picture.py measures both sides.
"""

from genloss.model.pairs.content import Content, compare_content
from genloss.model.pairs.laying import Sides, lay, laying_of
from genloss.model.pairs.matching import Match
from genloss.model.pairs.planes import LumaViews
from genloss.model.pairs.registration import Registration, register

LIKE_ENOUGH = 0.985  # likeness above which nothing differs that blocks could show
LEAST_OTHER = 0.012  # share of blocks with other content in both, below which nothing is claimed
_SAME = (Content.SAME, Content.OVER_FIRST, Content.OVER_SECOND, Content.PLAIN)


def show_same_picture(first: LumaViews, second: LumaViews, registration: Registration | None) -> bool:
    """Whether one of the two was made from the other, or both from a third, as far as all blocks of both tell.

    A version that was cropped, turned, framed, toned or lettered shows the same picture. Where both show something that the
    other lacks, they do not. Pictures too plain to tell count as the same.

    Args:
        first, second: the versions.
        registration: of the first on the second. If it is None, or if the blocks disagree, other ways to register them are
            tried.
    """
    if registration is not None:
        if registration.likeness > LIKE_ENOUGH:
            return True
        laid = laying_of(first, second, registration)
        if laid is not None and compare_content(laid) in _SAME:
            return True

    def known(one: LumaViews, other: LumaViews, match: Match) -> Registration | None:
        return registration if one is first and other is second else register(one, other, match)

    found = lay(Sides(first), Sides(second), known)
    if found is None:
        return False
    content = compare_content(found)
    return content in _SAME or (content is Content.ALTERNATE and found.blocks.both < LEAST_OTHER)
