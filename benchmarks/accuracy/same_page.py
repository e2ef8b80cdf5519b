"""Pages that differ only in a number or word: how often they are told apart, and how often versions of one page are.

    python benchmarks/accuracy/same_page.py --seed 1 --pages 6

Needs no pictures. Two pages of one layout are told apart if a scan does not call them versions, or if `rank` says that they are
different pictures. A version of one page is right if no spot tells it from the page. Both files are saved in ways of
archive_kinds and in harder ones.
"""

import argparse
import io
from collections.abc import Callable, Iterator

import numpy as np
from archive_kinds import FONT, VERSIONS, Random, jpeg, save, scaled, sentence
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from genloss.archive.verify import Kind, relate
from genloss.model.images.decode import decode
from genloss.model.pairs.content import Content, compare_content, inside_frames
from genloss.model.pairs.laying import Sides, lay
from genloss.model.pairs.pages import compare_pages
from genloss.model.pairs.planes import LumaViews
from genloss.model.pairs.registration import register
from genloss.model.pairs.same_picture import show_same_picture
from genloss.model.pairs.spots import Spot, find_spot

Page = Callable[[Random, Random], Image.Image]
N_VERSIONS, N_OTHERS = 14, 4  # of each page, and of the page that differs from it
LIGHT = ("png_copy", "jpeg_92", "jpeg_70", "webp_60", "gif", "half", "chat", "grey")  # ways to save the other page
TITLES = (
    "pages", "versions", "split by a spot", "all versions", "split by `rank`", "other pages", "no version in a scan",
    "apart in `rank`",
)  # fmt: skip
UNSUITED = ("straightened",)  # turned pixels are not asked


def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONT), size)


def _number(random: Random, n_digits: int) -> str:
    return str(random.integers(10 ** (n_digits - 1), 10**n_digits))


def page(random: Random, other: Random) -> Image.Image:
    """A page of 0 to 34 rows and its number."""
    made = Image.new("RGB", (620, 877), "white")
    draw = ImageDraw.Draw(made)
    draw.text((60, 50), sentence(random, 3), "black", _font(24))
    for row in range(int(random.integers(0, 35))):
        draw.text((60, 110 + 21 * row), sentence(random, 7), "#1e1e1e", _font(14))
    draw.text((300, 840), _number(other, 2), "black", _font(14))
    return made


def form(random: Random, other: Random) -> Image.Image:
    """Ten fields, one of which differs."""
    made, chosen = Image.new("RGB", (800, 1000), "white"), int(random.integers(10))
    draw = ImageDraw.Draw(made)
    for row in range(10):
        draw.text((60, 120 + 80 * row), sentence(random, 2), "black", _font(20))
        draw.rectangle((340, 112 + 80 * row, 740, 152 + 80 * row), outline="#444444", width=2)
        draw.text((352, 118 + 80 * row), _number(other if row == chosen else random, 6), "#1a2a8a", _font(20))
    return made


def table(random: Random, other: Random) -> Image.Image:
    """80 numbers, one of which differs."""
    made, chosen = Image.new("RGB", (900, 700), "white"), int(random.integers(80))
    draw = ImageDraw.Draw(made)
    for cell in range(80):
        x, y = 50 + 160 * (cell % 5), 60 + 36 * (cell // 5)
        draw.rectangle((x, y, x + 160, y + 36), outline="#888888")
        draw.text((x + 14, y + 6), _number(other if cell == chosen else random, 5), "black", _font(18))
    return made


def slide(random: Random, other: Random) -> Image.Image:
    """White words on a dark ground, and a number in the corner."""
    made = Image.new("RGB", (1280, 720), tuple(int(level) for level in random.integers(0, 90, 3)))
    draw = ImageDraw.Draw(made)
    for row in range(5):
        draw.text((100, 80 + 110 * row), sentence(random, 5), "white", _font(32))
    draw.text((1190, 660), _number(other, 2), "white", _font(22))
    return made


def scan(random: Random, other: Random) -> Image.Image:
    """A page with uneven light and noise."""
    soft = page(random, other).resize((800, 1131)).filter(ImageFilter.GaussianBlur(0.6))
    levels = np.asarray(soft, np.float32) * 0.88 + 12 + random.normal(0, 2.5, (1131, 800, 1))
    return Image.fromarray(np.clip(levels + 8 * np.sin(np.arange(800) / 300)[None, :, None], 0, 255).astype(np.uint8))


PAGES: dict[str, Page] = {"page": page, "form": form, "table": table, "slide": slide, "scan": scan}


def _hard_ways(image: Image.Image, random: Random) -> dict[str, Callable[[], bytes]]:
    return {
        "quality 12": lambda: jpeg(image, 12)[0],
        "saved three times": lambda: jpeg(_again(_again(image, 70), 55), 85)[0],
        "blurred": lambda: jpeg(image.filter(ImageFilter.GaussianBlur(1.2)), 85)[0],
        "any size": lambda: jpeg(scaled(image, float(random.uniform(0.4, 1.3))), int(random.integers(40, 95)))[0],
        "8 colours": lambda: save(image.quantize(8), "gif")[0],
    }


def _again(image: Image.Image, quality: int) -> Image.Image:
    return Image.open(io.BytesIO(jpeg(image, quality)[0]))


def _versions(image: Image.Image, random: Random) -> Iterator[bytes]:
    hard = _hard_ways(image, random)
    for kind in random.permutation([*(kind for kind in VERSIONS if kind not in UNSUITED), *hard])[:N_VERSIONS]:
        yield hard[kind]() if kind in hard else VERSIONS[kind][1](image, random)[0]


def _is_split(first: Sides, second: Sides) -> tuple[bool, bool]:
    """Whether nothing but a spot may tell the two apart, and whether one does: letters on one of the two do not."""
    laid = lay(first, second)
    if laid is None or laid.turned_degrees or compare_content(inside_frames(laid) or laid) not in (Content.SAME, Content.PLAIN):
        return False, False
    return True, find_spot(first.views.stored_luma, second.views.stored_luma, laid.placement) is Spot.BOTH


def _is_split_by_rank(first: LumaViews, second: LumaViews) -> bool:
    registration = register(first, second)
    return registration is not None and compare_pages(first, second, registration).spot is Spot.BOTH


def _is_apart_in_rank(first: LumaViews, second: LumaViews) -> bool:
    return not show_same_picture(first, second, register(first, second)) or _is_split_by_rank(first, second)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pages", type=int, default=6, help="of each kind (default 6)")
    arguments = parser.parse_args()
    print(f"| {' | '.join(TITLES)} |\n|{'---|' * len(TITLES)}")
    for number, (name, make) in enumerate(PAGES.items()):
        splits: list[bool] = []
        splits_by_rank: list[bool] = []
        apart: list[tuple[bool, bool]] = []
        for index in range(arguments.pages):
            seed = [arguments.seed, number, index]
            one, other = (make(np.random.default_rng([*seed, 0]), np.random.default_rng([*seed, 1 + side])) for side in (0, 1))
            if np.array_equal(np.asarray(one), np.asarray(other)):
                continue
            random = np.random.default_rng([*seed, 9])
            views = _views(VERSIONS[str(random.choice(["png_copy", "jpeg_92", "jpeg_70", "enlarged"]))][1](one, random)[0])
            sides = Sides(views)
            for version in map(_views, _versions(one, random)):
                asked, split = _is_split(sides, Sides(version))
                splits += [split] if asked else []
                splits_by_rank.append(_is_split_by_rank(views, version))
            for kind in random.permutation(LIGHT)[:N_OTHERS]:
                page_views = _views(VERSIONS[kind][1](other, random)[0])
                is_apart = relate(sides, Sides(page_views)).kind is not Kind.VERSION
                apart.append((is_apart, _is_apart_in_rank(views, page_views)))
        in_scan, in_rank = 100 * np.mean(apart, axis=0)
        print(
            f"| {name} | {len(splits)} | {sum(splits)} | {len(splits_by_rank)} | {sum(splits_by_rank)} | {len(apart)} | "
            f"{in_scan:.1f} % | {in_rank:.1f} % |", flush=True,
        )  # fmt: skip


def _views(data: bytes) -> LumaViews:
    return LumaViews(decode(data).luma)


if __name__ == "__main__":
    main()
