"""Toned copies, screens of a chat and disputed versions in groups: the original stays, and a minority decides nothing."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from genloss.archive.catalog import CatalogFile
from genloss.archive.contents import Content
from genloss.archive.groups import Ranked, behind, form_groups
from genloss.archive.look import take_look
from genloss.archive.plan_groups import Limits, file_groups
from genloss.archive.rules import Rules
from genloss.archive.verify import Kind, PairRelation, relate
from genloss.model.images.decode import decode
from genloss.model.pairs.hues import take_hues
from genloss.model.pairs.laying import Sides
from genloss.model.pairs.surroundings import Around
from tests.fixtures import ROOT, saved

VERSION, ALTERNATE, NONE = PairRelation(Kind.VERSION), PairRelation(Kind.ALTERNATE), PairRelation(Kind.NONE)
TONED = replace(VERSION, toned=True)


def _cat():
    with Image.open(ROOT / "samples/cat/original.jpg") as opened:
        return opened.convert("RGB")


def _sides(picture, image_format="PNG", **options):
    image = decode(saved(picture, image_format, **options))
    return Sides(image.luma, image.alpha, take_hues(image), image.orientation)


def test_tones_are_told_from_what_encoders_do():
    cat = _cat()
    plain = _sides(cat)
    darker = Image.fromarray((255 * (np.asarray(cat) / 255) ** 1.5).astype(np.uint8))
    warmer = Image.fromarray((np.asarray(cat) * [1.0, 0.98, 0.7]).astype(np.uint8))
    assert relate(plain, _sides(darker, "JPEG", quality=90)).toned
    assert relate(plain, _sides(warmer, "JPEG", quality=90)).toned
    for copy in (_sides(cat, "JPEG", quality=20), _sides(cat.resize((200, 150)))):
        found = relate(plain, copy)
        assert found.kind is Kind.VERSION
        assert not found.toned
        assert not found.swapped.toned


def test_a_toned_copy_does_not_stay_in_place_of_one_that_most_others_are_like():
    relations = {(first, second): VERSION for first in range(3) for second in range(first + 1, 3)}
    toned = {(first, 3): TONED for first in range(3)}
    assert behind([0, 1, 2, 3], relations | toned, ()) == {3}
    assert behind([0, 1, 3], {(0, 1): VERSION, (0, 3): TONED, (1, 3): TONED}, ()) == set()  # two are no majority
    assert behind([0, 1, 2, 3], relations | {(0, 3): TONED}, ()) == set()  # of the others nothing is known


def _content(name, picture):
    data = saved(picture, "PNG")
    file = CatalogFile(Path(f"/{name}.png"), len(data), 0, 1, ord(name), 1, "png", name * 64, None, None, None)
    return Content((file,), take_look(data))


def test_of_two_files_of_other_tones_neither_is_put_away_without_a_third():
    cat = _cat()
    contents = [
        _content("a", cat),
        _content("b", cat.point(lambda level: level * 3 // 4)),
        _content("c", cat.resize((300, 200))),
    ]
    two = {(0, 1): TONED}
    for relations, odds, goes in ((two, 0.995, False), (two, 0.99999, True), (two | {(0, 2): VERSION}, 0.995, True)):
        order = sorted({place for pair in relations for place in pair})
        star = Ranked(order, dict.fromkeys(order, odds))
        (group,) = file_groups(contents[: len(order)], [star], relations, Limits(Rules(), 0.99))
        assert (group.members[1].action is not None) is goes


def test_a_version_stays_for_review_where_more_members_vouch_for_it_than_against_it():
    relations = {(0, 1): VERSION, (0, 2): VERSION, (0, 3): VERSION, (1, 2): VERSION, (1, 3): VERSION, (2, 3): ALTERNATE}
    (group,) = form_groups([0, 1, 2, 3], relations, lambda members: Ranked(list(members), {}), lambda first, second: NONE)
    assert group.order == [0, 1, 2, 3]
    assert group.disputed == {2, 3}


def test_a_picture_in_a_chat_is_on_a_screen():
    cat = _cat()
    screen = Image.new("RGB", (360, 740), "#0b141a")
    draw = ImageDraw.Draw(screen)
    for row, left in enumerate((10, 100, 10, 100, 100, 10, 100, 10, 10)):
        draw.rounded_rectangle((left, 50 + 75 * row, left + 250, 115 + 75 * row), 10, ("#005c4b", "#33454f")[left == 10])
        for line in (58, 84):
            draw.text((left + 8, line + 75 * row), "when do we meet again", "white", font_size=18)
    shown = cat.resize((280, 280 * cat.height // cat.width))
    draw.rectangle((40, 270, 332, 282 + shown.height), "#005c4b")
    screen.paste(shown, (46, 276))
    found = relate(_sides(cat), _sides(screen))
    assert (found.kind, found.around_second) == (Kind.VERSION, Around.SCREEN)


def test_a_picture_that_fills_most_of_a_collage_is_a_part_of_it():
    cat = _cat()
    with Image.open(ROOT / "samples/drawing/original.png") as opened:
        other = opened.convert("RGB").resize((cat.width // 2, cat.height))
    collage = Image.new("RGB", (cat.width + other.width, cat.height))
    collage.paste(cat, (0, 0))
    collage.paste(other, (cat.width, 0))
    assert relate(_sides(cat), _sides(collage)).kind is Kind.PART_OF
    wider = relate(_sides(cat.crop((0, 0, cat.width * 2 // 3, cat.height))), _sides(cat))
    assert (wider.kind, wider.around_second) == (Kind.VERSION, Around.PICTURE)
