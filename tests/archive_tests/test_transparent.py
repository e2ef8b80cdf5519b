"""Graphics of the web: transparent icons, their copies on white, black or a colour, and what only looks alike."""

import hashlib

import numpy as np
import pytest
from PIL import Image, ImageDraw

import genloss
from genloss.archive.catalog import CatalogFile
from genloss.archive.groups import behind
from genloss.archive.look import take_look
from genloss.archive.plan import Relation
from genloss.archive.put_away import judge_version
from genloss.archive.report_pictures import Source, draw_member
from genloss.archive.rules import Rules, Treatment
from genloss.archive.verify import Kind, PairRelation, relate
from genloss.crops import save_crops
from genloss.model.images.decode import decode
from genloss.model.pairs.grounds import find_ground, lay_on
from genloss.model.pairs.hues import take_hues
from genloss.model.pairs.laying import Sides
from genloss.model.pairs.placement import whole_frame
from genloss.model.pairs.surroundings import Around
from tests.fixtures import saved

GROUNDS = {"white": (255, 255, 255), "black": (0, 0, 0), "blue": (51, 102, 153)}


def icon(colours=("#f57900", "#204a87", "#4e9a06"), side=160):
    """A transparent drawing with soft edges."""
    large = Image.new("RGBA", (640, 640))
    draw = ImageDraw.Draw(large)
    draw.rounded_rectangle((120, 60, 480, 580), 60, colours[0])
    draw.polygon([(200, 500), (330, 180), (420, 470)], colours[1])
    draw.ellipse((330, 330, 600, 600), colours[2], "black", 16)
    draw.text((160, 90), "web", colours[1], font_size=120)
    return large.resize((side, side), Image.Resampling.LANCZOS)


def flat(picture, ground):
    below = Image.new("RGBA", picture.size, GROUNDS[ground])
    below.alpha_composite(picture)
    return below.convert("RGB")


def sides(data):
    image = decode(data)
    return Sides(image.luma, image.alpha)


def with_hues(picture):
    image = decode(saved(picture, "PNG"))
    return Sides(image.luma, image.alpha, take_hues(image))


@pytest.fixture(scope="module")
def versions(tmp_path_factory):
    """Files of a folder with the icon, what a scan found of each."""
    folder = tmp_path_factory.mktemp("icons").resolve()
    root = folder / "icons"
    root.mkdir()
    (root / "icon.png").write_bytes(saved(icon(), "PNG"))
    (root / "blue.png").write_bytes(saved(flat(icon(), "blue"), "PNG"))
    (root / "black.jpg").write_bytes(saved(flat(icon(), "black"), "JPEG", quality=80))
    found = genloss.scan([root], folder / "catalog", isolated=False)
    return root, {file.path.name: file for file in found.files}


def test_flattened_copies_are_versions_behind_the_transparent_picture(versions):
    _, found = versions
    assert found["icon.png"].member.place == 1
    for name, file in found.items():
        if name != "icon.png":
            assert (file.member.relation, file.kept.name) == (Relation.VERSION, "icon.png"), name
            assert file.member.reasons[0] == "has a background where the kept one is transparent"
            assert not any("lettering" in reason or "quality speaks" in reason for reason in file.member.reasons), name
            assert file.member.odds >= 0.9, name


def test_find_says_what_is_transparent(versions):
    root, _ = versions
    found = genloss.find(root / "blue.png", folders=[root], catalog=root.parent / "catalog", isolated=False).found
    (clear,) = (one for one in found if one.file.path.name == "icon.png")
    assert "is transparent where the picture has a background" in clear.reasons
    assert clear.closer.value == "file"


def test_rank_puts_the_transparent_picture_first_and_proves_what_was_made_from_it(versions):
    root, _ = versions
    names = ["black.jpg", "blue.png", "icon.png"]
    ranked = genloss.rank([root / name for name in names])
    assert [(version.picture, names[version.index]) for version in ranked] == [
        (1, "icon.png"),
        (1, "blue.png"),
        (1, "black.jpg"),
    ]
    assert ranked[2].descent.proof is not None
    assert ranked[1].descent.changes == ("transparency removed", "saved as PNG")


def test_a_larger_flat_copy_is_not_put_behind_a_smaller_transparent_one():
    relation = relate(sides(saved(icon(), "PNG")), sides(saved(flat(icon(side=240), "black"), "PNG")))
    assert relation.kind is Kind.VERSION
    assert relation.flattened_second
    assert behind([0, 1], {(0, 1): relation}, ()) == set()
    assert behind([0, 1], {(0, 1): relate(sides(saved(icon(), "PNG")), sides(saved(flat(icon(), "black"), "PNG")))}, ()) == {1}


def test_a_small_icon_on_black_is_known_by_its_pixels():
    small, other = icon(side=48), icon(("#f57900", "#204a87", "#eeeeec"), 48)
    relation = relate(sides(saved(small, "PNG")), sides(saved(flat(small, "black"), "PNG")))
    assert (relation.kind, relation.flattened_second, relation.placement.is_whole_frame) == (Kind.VERSION, True, True)
    assert relate(sides(saved(small, "PNG")), sides(saved(flat(other, "black"), "PNG"))).kind is Kind.PLAIN


def test_two_icons_of_one_shape_on_black_are_no_versions():
    other = icon(("#204a87", "#f57900", "#eeeeec"))
    relation = relate(sides(saved(icon(), "PNG")), sides(saved(flat(other, "black"), "PNG")))
    assert relation.kind is not Kind.VERSION


def test_a_photograph_has_no_ground(cat):
    small = np.asarray(cat.resize((160, 160)))
    alpha = np.asarray(icon())[..., 3]
    assert find_ground(alpha, small) is None
    for name, colour in GROUNDS.items():
        assert tuple(find_ground(alpha, np.asarray(flat(icon(), name)))) == colour


def test_a_picture_over_white_is_laid_on_another_ground():
    white, alpha = np.asarray(flat(icon(), "white")), np.asarray(icon())[..., 3]
    made = lay_on(white, alpha, np.array(GROUNDS["blue"], np.uint8)).astype(int)
    assert np.abs(made - np.asarray(flat(icon(), "blue"))).max() <= 1


def test_a_white_logo_is_not_plain_and_is_known_again():
    large = Image.new("RGBA", (280, 280), (255, 255, 255, 0))
    draw = ImageDraw.Draw(large)
    for line in range(4):
        draw.text((20, 20 + 60 * line), f"{line} genloss", "white", font_size=56)
    smaller = large.resize((200, 200), Image.Resampling.LANCZOS)
    assert not take_look(saved(large, "PNG")).is_plain
    assert relate(sides(saved(large, "PNG")), sides(saved(smaller, "PNG"))).kind is Kind.VERSION


def test_opaque_pixels_with_an_alpha_channel_are_not_transparent(cat):
    opaque, plain = take_look(saved(cat.convert("RGBA"), "PNG")), take_look(saved(cat, "PNG"))
    assert not opaque.is_transparent
    assert opaque.pixels_sha256 == plain.pixels_sha256


def test_an_icon_of_another_colour_is_never_put_away(tmp_path):
    other = icon(("#4e9a06", "#204a87", "#f57900"))
    alike = icon(("#d6590a", "#1f3d6b", "#4e9a06"))
    relations = {name: relate(with_hues(icon()), with_hues(one)) for name, one in (("other", other), ("toned", alike))}
    assert relations["other"].recoloured
    assert not relations["toned"].recoloured
    shift = icon().resize((120, 120)).rotate(90)
    assert not relate(with_hues(icon()), with_hues(shift)).recoloured
    look = take_look(saved(flat(icon(), "white"), "PNG"))
    file = CatalogFile(tmp_path, 1, 0, 0, 0, 1, "png", "0" * 64, None, None, None)
    verdict = judge_version(file, look, look, PairRelation(Kind.VERSION, recoloured=True), 0.999, Rules(), 0.99)
    assert (verdict.treatment, verdict.reasons) == (Treatment.REVIEW, ("has other colours than the kept one",))
    framed = PairRelation(Kind.VERSION, around_first=Around.FRAME)
    reasons = judge_version(file, look, look, framed, 0.999, Rules(), 0.99).reasons
    assert reasons == ("the kept one has a frame or bars around it",)


def test_a_clear_margin_is_no_frame_and_no_screen():
    large = Image.new("RGBA", (240, 240))
    large.paste(icon(), (40, 40))
    for version in (large, flat(large, "black")):
        relation = relate(sides(saved(icon(), "PNG")), sides(saved(version, "PNG")))
        assert relation.kind is Kind.VERSION
        assert relation.around_first is Around.NOTHING
    assert relate(sides(saved(icon(), "PNG")), sides(saved(large, "PNG"))).around_second is Around.NOTHING


def test_one_frame_of_a_comic_strip_is_a_part_of_it():
    strip = Image.new("RGB", (900, 320), "white")
    draw = ImageDraw.Draw(strip)
    for number, words in enumerate(("Is it a bug?", "It is a feature.", "Ship it!")):
        left = 10 + number * 298
        draw.rectangle((left, 10, left + 284, 310), outline="black", width=4)
        for x, y in ((60, 150), (180, 140)):
            draw.ellipse((left + x, y, left + x + 60, y + 60), outline="black", width=4)
            draw.line((left + x + 30, y + 60, left + x + 30, 290), fill="black", width=5)
        draw.text((left + 20, 30), words, fill="black", font_size=24)
    one = strip.crop((306, 0, 604, 320))
    assert relate(sides(saved(one, "PNG")), sides(saved(strip, "PNG"))).kind is Kind.PART_OF


def test_the_report_shows_both_on_one_ground(tmp_path):
    sources = []
    for name, picture in (("icon", icon()), ("black", flat(icon(), "black"))):
        data = saved(picture, "PNG")
        (tmp_path / f"{name}.png").write_bytes(data)
        sources.append(Source(str(tmp_path / f"{name}.png"), hashlib.sha256(data).hexdigest()))
    _, pair = draw_member(sources[1], sources[0], whole_frame((160, 160), (160, 160)), 0.0, str(tmp_path / "drawn"), 10**6)
    assert pair.levels < 1


def test_crops_show_both_on_one_ground(tmp_path):
    images = [decode(saved(picture, "PNG")) for picture in (icon(), flat(icon(), "black"))]
    assert all(window.difference < 1 for window in save_crops(*images, tmp_path / "crops.png"))
