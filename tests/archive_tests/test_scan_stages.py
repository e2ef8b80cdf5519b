"""The stages of a scan one by one: hashes, words, relations, groups."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from genloss.archive import candidates, word_pairs
from genloss.archive.candidates import pair_hashes
from genloss.archive.groups import Ranked, components, form_groups
from genloss.archive.local_words import N_FEATURES, N_TABLES, LocalWords, find_words
from genloss.archive.verify import Kind, PairRelation, relate
from genloss.archive.word_check import may_agree
from genloss.archive.word_pairs import pair_words
from genloss.model.pairs.content_boxes import find_boxes
from genloss.model.pairs.laying import Sides
from genloss.model.pairs.picture_hash import hash_plane, hash_turns
from genloss.model.pairs.placement import N_TURNS, turn_plane
from genloss.model.pairs.surroundings import Around
from tests.fixtures import ROOT

VERSION, ALTERNATE, NONE = PairRelation(Kind.VERSION), PairRelation(Kind.ALTERNATE), PairRelation(Kind.NONE)


@pytest.fixture(scope="module")
def cat():
    with Image.open(ROOT / "samples/cat/original.jpg") as opened:
        return np.asarray(opened.convert("L"))


def test_hashes_of_turned_pictures_are_known(cat):
    turns = hash_turns(hash_plane(cat)[None])
    for turn in range(N_TURNS):
        own = hash_plane(np.ascontiguousarray(turn_plane(cat, turn)))
        assert np.bitwise_count(own ^ turns[turn, 0]).sum() <= 4


@pytest.mark.parametrize("most_in_narrow", [candidates.MOST_IN_NARROW, 0])
def test_hashes_are_paired_in_every_turn_and_strangers_are_not(monkeypatch, most_in_narrow):
    """In bands of two bytes, and in those of three that many hashes have."""
    monkeypatch.setattr(candidates, "MOST_IN_NARROW", most_in_narrow)
    random = np.random.default_rng(1)
    hashes = random.integers(0, 256, (200, 1, 32), np.uint8)
    hashes[150] = hash_turns(hashes[3])[5]
    hashes[150, 0, ::5] ^= 1
    assert pair_hashes(list(hashes)).tolist() == [[3, 150]]
    assert pair_hashes(list(hashes), 4).tolist() == [[3, 150]]
    assert pair_hashes(list(hashes), 3).tolist() == []
    assert pair_hashes([]).tolist() == []


def test_wide_bands_find_most_copies_of_a_hash(monkeypatch):
    """With 20 of 256 bits wrong, anywhere in the hash."""
    monkeypatch.setattr(candidates, "MOST_IN_NARROW", 0)
    random = np.random.default_rng(2)
    hashes = random.integers(0, 256, (600, 1, 32), np.uint8)
    for number in range(300):
        wrong = np.zeros(256, np.uint8)
        wrong[random.permutation(256)[:20]] = 1
        hashes[300 + number] = hashes[number] ^ np.packbits(wrong)
    pairs = pair_hashes(list(hashes)).tolist()
    assert all(second == first + 300 for first, second in pairs)
    assert len(pairs) > 285


def test_words_find_a_mirrored_crop(cat):
    height, width = cat.shape
    crop = np.ascontiguousarray(cat[height // 5 : height * 4 // 5, width // 4 : width * 9 // 10][:, ::-1])
    noise = np.random.default_rng(2).integers(0, 256, cat.shape, np.uint8)
    pictures = [cat, noise, crop]
    aspects = [picture.shape[1] / picture.shape[0] for picture in pictures]
    assert pair_words(list(map(find_words, pictures)), aspects).tolist() == [[0, 2]]


def test_boxes_leave_bars_and_pages_out(cat):
    height, width = cat.shape
    page = np.full((height + 300, width + 200), 250, np.uint8)
    page[200 : 200 + height, 60 : 60 + width] = cat
    assert any(
        np.abs(np.subtract(box, (200, 60, 200 + height, 60 + width))).max() <= 6 for box in find_boxes(page)
    ), find_boxes(page)  # fmt: skip


def test_relations_say_which_shows_more(cat):
    height, width = cat.shape
    whole = Sides(cat)
    crop = relate(whole, Sides(np.ascontiguousarray(cat[: height * 3 // 4, width // 8 :])))
    assert (crop.kind, crop.around_first, crop.around_second) == (Kind.VERSION, Around.PICTURE, Around.NOTHING)
    assert crop.shared_first == pytest.approx(0.75 * 7 / 8, abs=0.02)
    deep = np.ascontiguousarray(cat[height // 3 : height * 2 // 3, width // 3 : width * 3 // 4])
    assert relate(whole, Sides(deep)).kind is Kind.CONTAINS
    assert relate(Sides(deep), whole).kind is Kind.PART_OF
    framed = np.pad(cat, 60)
    assert relate(whole, Sides(framed)).around_second is Around.FRAME
    flat = Sides(np.full(cat.shape, 90, np.uint8))
    assert relate(flat, flat).kind is Kind.PLAIN


def test_a_white_picture_on_a_white_screen_is_no_part_of_a_wider_picture(cat):
    """Nothing parts the two but that the screen has words and buttons, apart from the picture."""
    white = np.pad(np.where(cat > 170, 255, cat).astype(np.uint8), 12, constant_values=255)
    bare = np.pad(white, ((260, 300), (0, 0)), constant_values=255)
    with Image.fromarray(bare) as opened:
        draw = ImageDraw.Draw(opened)
        for line in range(3):
            draw.text((30, 30 + 60 * line), "12:48   a friend wrote to you", 0, font_size=34)
        screen = np.asarray(opened)
    shown = relate(Sides(white), Sides(screen))
    assert (shown.kind, shown.around_first, shown.around_second) == (Kind.VERSION, Around.NOTHING, Around.SCREEN)
    assert relate(Sides(white), Sides(bare)).around_second is not Around.SCREEN  # nothing tells


def test_two_walls_in_one_frame_are_too_plain_to_tell(cat):
    """Edges of the frame agree, which is no content."""
    noise = np.random.default_rng(5).normal(0, 1.5, (2, 200, 260))
    light, dark = (np.pad(np.clip(level + one, 0, 255).astype(np.uint8), 26) for level, one in zip((190, 110), noise))
    assert relate(Sides(light), Sides(dark)).kind is Kind.PLAIN
    framed = np.pad(cat, 26)
    shrunk = np.asarray(Image.fromarray(framed).resize((framed.shape[1] // 2, framed.shape[0] // 2)))
    assert relate(Sides(framed), Sides(shrunk)).kind is Kind.VERSION


def test_a_chart_in_other_colours_is_an_alternate():
    """All edges agree, for they are those of the black lines."""
    random = np.random.default_rng(6)
    charts = [np.kron(random.integers(90, 240, (6, 8)), np.ones((60, 60))).astype(np.uint8) for _ in range(2)]
    for chart in charts:
        for line in range(0, 480, 60):
            chart[:, max(0, line - 7) : line + 7] = chart[max(0, line - 7) : line + 7] = 0
    assert relate(*map(Sides, charts)).kind is Kind.ALTERNATE
    assert relate(Sides(charts[0]), Sides(np.clip(charts[0] * 1.05, 0, 255).astype(np.uint8))).kind is Kind.VERSION


def test_other_content_in_one_place_is_an_alternate(cat):
    other = cat.copy()
    height, width = cat.shape
    side = min(height, width) // 3
    other[-side:, -side:] = np.ascontiguousarray(cat[:side, :side][::-1, ::-1])
    assert relate(Sides(cat), Sides(other)).kind is not Kind.VERSION


def test_no_chain_over_a_file_that_is_no_version_of_the_kept_one():
    relations = {(0, 1): VERSION, (1, 2): VERSION, (2, 3): VERSION}
    asked = []

    def verify(first, second):
        asked.append((first, second))
        return NONE

    groups = form_groups([0, 1, 2, 3], relations, lambda members: Ranked(list(members), {}), verify)
    assert [group.order for group in groups] == [[0, 1], [2, 3]]
    assert (0, 2) in asked


def test_an_alternate_splits_a_group():
    relations = {(0, 1): VERSION, (0, 2): VERSION, (1, 2): ALTERNATE}
    groups = form_groups([0, 1, 2], relations, lambda members: Ranked(list(members), {}), lambda first, second: NONE)
    assert [group.order for group in groups] == [[0, 1]]
    assert components([1, 2], relations) == []


def test_two_screenshots_with_other_words_around_one_picture_stay_in_its_group():
    on_screen = PairRelation(Kind.VERSION, around_second=Around.SCREEN)
    for relation, order in ((on_screen, [0, 1, 2]), (VERSION, [0, 1])):
        relations = {(0, 1): on_screen, (0, 2): relation, (1, 2): ALTERNATE}
        groups = form_groups([0, 1, 2], relations, lambda members: Ranked(list(members), {}), lambda first, second: NONE)
        assert [group.order for group in groups] == [order]


def test_a_crowd_of_alike_pictures_is_paired_in_parts(monkeypatch):
    random = np.random.default_rng(3)
    keys = random.integers(1, 1 << 32, (2, N_FEATURES, N_TABLES), np.uint32)
    spots = random.integers(0, 1 << 16, (N_FEATURES, 4), np.uint16)
    spots[:, 3] %= 8
    crowd = [LocalWords(keys.copy(), spots) for _ in range(12)]
    for place, one in enumerate(crowd):
        one.keys[:, place::13] = random.integers(1, 1 << 32, one.keys[:, place::13].shape, np.uint32)
    whole = pair_words(crowd, [1.5] * len(crowd)).tolist()
    assert len(whole) == 12 * 11 // 2
    monkeypatch.setattr(word_pairs, "_MOST_MATCHES", 3000)
    assert pair_words(crowd, [1.5] * len(crowd)).tolist() == whole


def test_words_of_versions_agree_and_those_of_strangers_do_not(cat):
    height, width = cat.shape
    crop = np.ascontiguousarray(cat[height // 6 : height * 4 // 5, width // 4 : width * 9 // 10][:, ::-1])
    with Image.open(ROOT / "samples/drawing/original.png") as opened:
        drawing = np.asarray(opened.convert("L"))
    words = [find_words(picture) for picture in (cat, crop, drawing)]
    aspects = [picture.shape[1] / picture.shape[0] for picture in (cat, crop, drawing)]
    assert may_agree(words[0], words[1], (aspects[0], aspects[1]))
    assert may_agree(words[1], words[0], (aspects[1], aspects[0]))
    assert not may_agree(words[0], words[2], (aspects[0], aspects[2]))


def test_one_picture_on_two_screens_is_a_version_with_something_around_both(cat):
    tall = np.full((1170, 540), 255, np.uint8)
    wide = np.full((800, 1280), 20, np.uint8)
    for screen, top, left, width in ((tall, 400, 0, 540), (wide, 160, 60, 700)):
        shown = Image.fromarray(cat).resize((width, width * cat.shape[0] // cat.shape[1]))
        screen[top : top + shown.height, left : left + width] = np.asarray(shown)
        with Image.fromarray(screen) as opened:
            ImageDraw.Draw(opened).text((30, 30), "12:48   a friend", 255 - int(screen[0, 0]), font_size=30)
            screen[:] = np.asarray(opened)
    found = relate(Sides(tall), Sides(wide))
    assert found.kind is Kind.VERSION
    assert Around.NOTHING not in (found.around_first, found.around_second)
    assert found.placement is not None
    assert abs(found.placement.scale_x / (700 / 540) - 1) < 0.01


def test_a_page_with_another_number_is_an_alternate_and_one_with_a_note_is_written_on():
    lines = np.random.default_rng(8).integers(97, 123, (24, 40)).astype(np.uint8)

    def page(number, note=""):
        with Image.new("L", (600, 800), 255) as made:
            draw = ImageDraw.Draw(made)
            for row, letters in enumerate(lines):
                draw.text((40, 40 + 28 * row), letters.tobytes().decode(), 20, font_size=18)
            draw.text((290, 760), number, 20, font_size=18)
            draw.text((480, 760), note, 20, font_size=18)
            return Sides(np.asarray(made))

    assert relate(page("37"), page("52")).kind is Kind.ALTERNATE
    assert relate(page("37"), page("37")).kind is Kind.VERSION
    noted = relate(page("37"), page("37", "paid"))
    assert (noted.kind, noted.overlaid_first, noted.overlaid_second) == (Kind.VERSION, False, True)
