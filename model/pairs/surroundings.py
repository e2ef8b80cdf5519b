"""What lies around the part that two pictures share: a frame, a screen or page, or more of the picture."""

from enum import StrEnum

from genloss.model.pairs.overlap import Outside

_NO_OUTSIDE = 0.02
_FRAME_FLAT, _BLURRED, _SEAM = 0.97, 0.25, 2.0
# Least shares of a screen on its commonest level, and on its three commonest. Bubbles of a chat leave less of the ground; other
# pictures of a collage have more levels, even if they are on white.
_SCREENS = (0.5, 0.7), (0.35, 0.8)
# A page without a seam, where picture and page share one level: least share of that level next to the picture, least share
# of the three commonest levels on the page, and range of the share drawn on it.
_PAGE_RING, _PAGE_FEW, _PAGE_DRAWN = 0.97, 0.93, (0.003, 0.19)

# A strip of comics around one of its frames: largest seam, least detail, largest share of its ground next to the frame.
_DRAWING = 4.0, 0.6, 0.9


class Around(StrEnum):
    """Kind of the surroundings: the part of a picture that the other picture lacks."""

    NOTHING = "nothing"
    PICTURE = "picture"
    FRAME = "frame"
    SCREEN = "screen"


def name_surroundings(outside: Outside) -> Around:
    """The kind of what a picture shows beyond the other."""
    if outside.share < _NO_OUTSIDE:
        return Around.NOTHING
    if outside.seam < _SEAM and _is_page(outside):
        return Around.SCREEN
    if outside.seam < _SEAM and outside.flat < _FRAME_FLAT:
        return Around.PICTURE
    if outside.flat >= _FRAME_FLAT or outside.detail < _BLURRED:
        return Around.FRAME if outside.seam >= _SEAM else Around.PICTURE
    is_drawn = any(outside.flat >= flat and outside.few_levels >= few for flat, few in _SCREENS)
    return Around.SCREEN if is_drawn and not _goes_on(outside) else Around.PICTURE


def _goes_on(outside: Outside) -> bool:
    """Whether the surroundings are more of a drawing: as detailed as it, and beginning with no more than a thin line."""
    seam, detail, ring = _DRAWING
    return outside.seam < seam and outside.detail > detail and outside.ring < ring


def _is_page(outside: Outside) -> bool:
    """Whether the surroundings are a page: one level with lettering and buttons. A plain margin of a wider picture has none."""
    least, most = _PAGE_DRAWN
    drawn = least <= 1 - outside.flat <= most
    return drawn and outside.ring >= _PAGE_RING and outside.few_levels >= _PAGE_FEW
