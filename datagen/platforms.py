"""Treatments of uploads by sites and messengers, named after the kind of service and not after a company.

They follow what is publicly known of such services: a longest side, a resampling filter, a format and a narrow range of
qualities. Metadata is always removed.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Platform:
    """The treatment of one kind of service.

    Attributes:
        name: kind of the service.
        side_px: longest side; a larger picture is shrunk to it, a smaller one keeps its size.
        filter: ImageMagick's name of the resampling filter.
        sharpen_sigma: sigma of an unsharp mask after shrinking; 0 for none.
        image_format: "jpeg", "webp" or "avif".
        qualities: lowest and highest quality.
        sampling: chroma subsampling of its JPEG files.
        progressive: whether its JPEG files are progressive.
        tables: family of its quantisation tables.
    """

    name: str
    side_px: int
    filter: str
    sharpen_sigma: float
    image_format: str
    qualities: tuple[int, int]
    sampling: str = "4:2:0"
    progressive: bool = False
    tables: str = "annex_k"


PLATFORMS = (
    Platform("messenger", 1280, "triangle", 0.0, "jpeg", (78, 84), progressive=True),
    Platform("messenger_low_data", 800, "triangle", 0.0, "jpeg", (60, 68)),
    Platform("messenger_group", 1024, "box", 0.0, "jpeg", (70, 76)),
    Platform("messenger_sticker", 512, "lanczos", 0.0, "webp", (70, 80)),
    Platform("social_feed", 1080, "lanczos", 0.0, "jpeg", (70, 80), progressive=True),
    Platform("social_album", 960, "lanczos", 0.5, "jpeg", (68, 76), progressive=True),
    Platform("social_square", 640, "mitchell", 0.0, "jpeg", (72, 82)),
    Platform("microblog", 1200, "catrom", 0.0, "jpeg", (84, 86), progressive=True),
    Platform("microblog_small", 680, "catrom", 0.0, "jpeg", (84, 86), progressive=True),
    Platform("image_board", 850, "lanczos", 0.0, "jpeg", (87, 92)),
    Platform("board_thumbnail", 250, "lanczos", 0.0, "jpeg", (70, 85)),
    Platform("photo_share", 800, "mitchell", 0.7, "jpeg", (85, 90), sampling="4:4:4"),
    Platform("photo_share_small", 500, "mitchell", 0.7, "jpeg", (83, 88), sampling="4:4:4"),
    Platform("image_host", 1024, "lanczos", 0.0, "jpeg", (78, 84), progressive=True, tables="robidoux"),
    Platform("aggregator_preview", 640, "lanczos", 0.0, "webp", (65, 80)),
    Platform("link_preview", 480, "box", 0.0, "jpeg", (55, 72), progressive=True, tables="robidoux"),
    Platform("forum_attachment", 800, "triangle", 0.0, "jpeg", (74, 76)),
    Platform("shop", 600, "lanczos", 0.4, "webp", (75, 85)),
    Platform("search_preview", 474, "triangle", 0.0, "jpeg", (68, 78)),
    Platform("image_proxy", 900, "mitchell", 0.0, "avif", (45, 65)),
)
