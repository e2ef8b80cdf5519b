"""Recipes survive JSON, know whether they can lose anything, and do what they say."""

import io
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from PIL import Image

from genloss.datagen.apply import apply_recipe, read_version
from genloss.datagen.draw_steps import DCTS
from genloss.datagen.magick import TABLES, pixels
from genloss.datagen.recipe import Recipe, from_json, is_lossy, names, step
from genloss.model.errors import RecipeError
from genloss.model.images.decode import decode
from genloss.model.images.facts import read_facts
from tests.fixtures import saved

PNG = step("save_png", compression_level=6, palette=False)
JPEG = step("save_jpeg", quality=63, sampling="4:2:0", progressive=False, tables="annex_k", dct="islow", optimised=True)


@pytest.fixture(scope="module")
def start(cat):
    return read_version(saved(cat, "PNG"), "png")


def _lossy(*steps, n_colours=10**6):
    return is_lossy(Recipe("x", steps), 100, 80, lambda: n_colours)


def _edited(start, *steps):
    return np.array(Image.open(io.BytesIO(apply_recipe(start, Recipe("x", (*steps, PNG))).data)).convert("RGB"))


def _saved_with(start, **options):
    return apply_recipe(start, Recipe("x", (step("save_jpeg", **{**dict(JPEG.parameters), **options}),)))


@pytest.mark.parametrize(
    "steps",
    [
        (PNG,),
        (step("crop", left_px=0, top_px=0, width_px=100, height_px=80), PNG),
        (step("shave", width_px=0, height_px=0), PNG),
        (step("save_webp", quality=90, lossless=True),),
        (step("gamma", gamma=1.0), step("saturation", percent=100.0), PNG),
        (step("rotate", degrees=90), step("crop", left_px=0, top_px=0, width_px=80, height_px=100), PNG),
        (step("border", width_px=3, height_px=2, colour="black"), step("scale", width_px=106, height_px=84), PNG),
    ],
)
def test_a_lossless_recipe_is_known(steps):
    assert not _lossy(*steps)


@pytest.mark.parametrize(
    "one",
    [
        step("crop", left_px=1, top_px=0, width_px=99, height_px=80),
        step("shave", width_px=1, height_px=0),
        step("resize", width_px=50, height_px=40, filter="lanczos", blur=1.0, linear_light=False),
        step("save_jpeg", quality=100, sampling="4:4:4", progressive=False, tables="annex_k", dct="islow", optimised=True),
        step("save_webp", quality=90, lossless=False),
        step("save_avif", quality=90),
        step("grain", sigma=2.0, coloured=False, seed=1),
        step("median", size_px=3),
    ],
)
def test_a_lossy_recipe_is_known(one):
    assert _lossy(one, PNG)


@pytest.mark.parametrize(
    ("one", "room"),
    [
        (step("quantise", n_colours=40, colourspace="undefined", dither="no"), 40),
        (step("save_gif"), 256),
        (step("save_png", compression_level=6, palette=True), 256),
    ],
)
def test_a_palette_loses_nothing_when_every_colour_has_room(one, room):
    assert not _lossy(one, PNG, n_colours=room)
    assert _lossy(one, PNG, n_colours=room + 1)


def test_a_recipe_answers_to_its_kind_its_steps_and_its_formats():
    recipe = Recipe("platform", (step("sharpen", sigma=1.0), step("save_webp", quality=70, lossless=False)))
    assert names(recipe) == {"platform", "sharpen", "save_webp", "webp"}


@pytest.mark.parametrize("sampling", ["4:4:4", "4:2:2", "4:2:0", "4:1:1", "4:4:0"])
@pytest.mark.parametrize("progressive", [True, False])
def test_jpeg_parameters_arrive_in_the_file(sampling, progressive, start):
    facts = read_facts(decode(_saved_with(start, sampling=sampling, progressive=progressive).data))
    assert (facts.jpeg_quality, facts.sampling, facts.progressive) == (63, sampling, progressive)
    assert facts.standard_table


def test_pixels_are_those_other_programs_save(start, cat):
    """ImageMagick left to itself transforms in a way of its own, and what is trained on that fails on others' files."""
    others = np.asarray(Image.open(io.BytesIO(saved(cat, "JPEG", quality=63, subsampling=2))))
    made = {dct: np.asarray(Image.open(io.BytesIO(_saved_with(start, dct=dct).data))) for dct in DCTS}
    assert np.array_equal(made["islow"], others)
    assert len({one.tobytes() for one in made.values()}) == 3


def test_a_file_without_tables_of_its_own_is_larger_and_shows_the_same(start):
    small, large = (_saved_with(start, optimised=optimised) for optimised in (True, False))
    assert len(small.data) < len(large.data)
    assert small.pixels == large.pixels


@pytest.mark.parametrize("family", sorted(path.stem for path in TABLES.glob("*.xml")))
@pytest.mark.parametrize("quality", [35, 80])
def test_table_families_arrive_in_the_file_scaled_as_ijg_scales(family, quality, start):
    luma, chroma = (
        np.array([int(value) for value in levels.text.split(",")]).reshape(8, 8)
        for levels in ElementTree.parse(TABLES / f"{family}.xml").iter("levels")
    )
    decoded = decode(_saved_with(start, quality=quality, tables=family).data)
    for found, base in ((decoded.luma_table, luma), (decoded.chroma_table, chroma)):
        scale = 5000 // quality if quality < 50 else 200 - 2 * quality
        assert (found == np.clip((base * scale + 50) // 100, 1, 32767)).all()


@pytest.mark.parametrize("dither", ["no", "floyd_steinberg", "riemersma"])
def test_a_palette_step_leaves_that_many_colours(dither, start):
    quantise = step("quantise", n_colours=16, colourspace="undefined", dither=dither)
    edited = _edited(start, quantise)
    assert 8 <= len(np.unique(edited.reshape(-1, 3), axis=0)) <= 16


def test_the_three_dithers_differ_and_dithering_keeps_local_colour(start):
    before = np.asarray(pixels(start.decoded), float)
    found = {}
    for dither in ("no", "floyd_steinberg", "riemersma"):
        found[dither] = _edited(start, step("quantise", n_colours=8, colourspace="undefined", dither=dither))
    blocks = lambda rgb: rgb[:240, :400].reshape(30, 8, 50, 8, 3).mean(axis=(1, 3))  # noqa: E731
    errors = {name: np.abs(blocks(rgb.astype(float)) - blocks(before)).mean() for name, rgb in found.items()}
    assert errors["floyd_steinberg"] < errors["no"]
    assert errors["riemersma"] < errors["no"]
    assert (found["floyd_steinberg"] != found["riemersma"]).any()


def test_a_dataset_palette_leaves_only_its_colours(start):
    colours = "000000ffffff808080c08040"
    edited = _edited(start, step("dataset_palette", colours=colours, dither="floyd_steinberg"))
    allowed = {tuple(bytes.fromhex(colours)[at : at + 3]) for at in range(0, 12, 3)}
    assert {tuple(colour) for colour in np.unique(edited.reshape(-1, 3), axis=0).tolist()} <= allowed


def test_ordered_dither_leaves_regular_levels(start):
    edited = _edited(start, step("ordered_dither", map="o4x4", levels=4))
    assert set(np.unique(edited).tolist()) <= {0, 85, 170, 255}


def test_grain_has_its_deviation_its_mean_and_its_seed(start):
    before = np.asarray(pixels(start.decoded), float)
    edited = _edited(start, step("grain", sigma=6.0, coloured=False, seed=9)).astype(float)
    middle = (before > 40) & (before < 215)
    assert abs((edited - before)[middle].std() - 6) < 0.2
    assert abs((edited - before)[middle].mean()) < 0.1
    grey = (edited - before)[middle.all(axis=-1)]
    assert (grey[:, 0] == grey[:, 1]).all()
    assert (edited == _edited(start, step("grain", sigma=6.0, coloured=False, seed=9))).all()
    assert (edited != _edited(start, step("grain", sigma=6.0, coloured=False, seed=10))).any()


def test_lettering_paints_only_where_it_should(start):
    lettering = step(
        "lettering", text="look at that", left_px=20, baseline_px=50, size_px=24,
        colour="white", outline="black", opacity=1.0, degrees=0.0,
    )  # fmt: skip
    changed = (_edited(start, lettering) != pixels(start.decoded)).any(axis=-1)
    rows, columns = np.nonzero(changed)
    assert changed.sum() > 500
    assert rows.min() >= 50 - 26
    assert rows.max() <= 50 + 10
    assert columns.min() >= 17
    faint = step("lettering", **{**dict(lettering.parameters), "opacity": 0.2, "outline": "none"})
    change = np.abs(_edited(start, faint).astype(float) - pixels(start.decoded))
    assert 0 < change.max() < 0.25 * 255


def test_saturation_zero_is_grey_and_contrast_spreads(start):
    grey = _edited(start, step("saturation", percent=0.0)).astype(int)
    assert np.abs(grey - grey[..., :1]).max() <= 1
    before = np.asarray(pixels(start.decoded), float)
    assert _edited(start, step("contrast", strength=4.0, midpoint=0.5)).std() > before.std()
    assert _edited(start, step("contrast", strength=-4.0, midpoint=0.5)).std() < before.std()


def test_a_lossless_save_keeps_the_pixels(start):
    for one in (PNG, step("save_webp", quality=90, lossless=True)):
        assert apply_recipe(start, Recipe("x", (one,))).pixels == start.pixels


def test_an_edit_leaves_its_input_as_it_was(start):
    before = start.decoded.make_blob("rgb")
    apply_recipe(start, Recipe("x", (step("blur", sigma=1.0), step("border", width_px=4, height_px=4, colour="red"), JPEG)))
    assert start.decoded.make_blob("rgb") == before


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not a recipe"),
        ('{"kind": "x", "steps": []}', "ends with a save"),
        ('{"kind": "x", "steps": [{"name": "melt"}]}', "unknown step"),
        ('{"kind": "x", "steps": [{"name": "rotate"}]}', "takes"),
    ],
)
def test_bad_recipes_are_refused(text, message):
    with pytest.raises(RecipeError, match=message):
        from_json(text)


def test_an_unreadable_file_is_a_recipe_error():
    with pytest.raises(RecipeError, match="cannot read"):
        read_version(b"\x89PNG\r\n\x1a\nrubbish", "png")


@pytest.mark.parametrize(
    ("one", "least", "most"),
    [
        (step("nlm", strength=6.0, search_px=11), 0.3, 8),
        (step("bilateral", size_px=7, strength=30.0, sigma=3.0), 0.3, 8),
        (step("wavelet", wavelet="sym4", levels=2, strength=8.0), 0.3, 8),
        (step("shrink", sigma=6.0), 0.3, 8),
        (step("recursive", strength=6.0), 0.3, 8),
        (step("variation", weight=5.0, rounds=20), 0.3, 8),
        (step("guided", radius_px=2, levels=8.0), 0.3, 8),
        (step("deblock_grid", strength=12.0, reach_px=2), 0.05, 4),
        (step("deblock_shifts", strength=10.0, n_shifts=4), 0.3, 8),
    ],
    ids=lambda one: getattr(one, "name", ""),
)
def test_smoothing_keeps_the_picture_and_loses_detail(one, least, most, start, cat):
    before, after = np.asarray(cat).astype(float), _edited(start, one).astype(float)
    assert least < np.abs(after - before).mean() < most
    assert np.abs(np.diff(after, axis=1)).mean() < np.abs(np.diff(before, axis=1)).mean()
    assert abs(after.mean() - before.mean()) < 1


@pytest.mark.parametrize(
    ("weak", "strong"),
    [
        (step("shrink", sigma=1.0), step("shrink", sigma=10.0)),
        (step("recursive", strength=1.5), step("recursive", strength=15.0)),
        (step("variation", weight=1.0, rounds=30), step("variation", weight=10.0, rounds=30)),
        (step("guided", radius_px=3, levels=2.0), step("guided", radius_px=3, levels=20.0)),
    ],
    ids=lambda one: getattr(one, "name", ""),
)
def test_stronger_smoothing_loses_more_and_edges_stay(weak, strong, start, cat):
    before = np.asarray(cat).astype(float)
    losses = [np.abs(_edited(start, one) - before).mean() for one in (weak, strong)]
    assert losses[0] < 2 < losses[1]
    edge = np.full((32, 32, 3), 40, np.uint8)
    edge[:, 16:] = 200
    made = _edited(read_version(saved(Image.fromarray(edge), "PNG"), "png"), strong)
    assert np.diff(made[16, :, 0].astype(int)).max() > 80


def test_deblocking_smooths_the_grid_alone(start):
    flat = np.full((32, 32, 3), 100, np.uint8)
    flat[:, 8:] += 6
    flat[:, 21:] += 6  # not on the grid
    made = _edited(read_version(saved(Image.fromarray(flat), "PNG"), "png"), step("deblock_grid", strength=10.0, reach_px=2))
    assert np.diff(made[0, 4:12, 0].astype(int)).max() < 6
    assert np.diff(made[0, 4:12, 0].astype(int)).min() >= 0
    assert np.array_equal(made[:, 18:24], flat[:, 18:24])


def test_scans_become_grey_white_and_two_levels(start):
    grey = _edited(start, step("grey"))
    assert (grey == grey[..., :1]).all()
    assert _edited(start, step("whiten", sigma=20.0, black=0.1)).mean() > grey.mean() + 30
    for one in (
        step("threshold", share=0.4, size_px=0), step("threshold", share=0.4, size_px=21), step("error_diffused", level=128.0),
    ):  # fmt: skip
        two = _edited(start, one)
        assert set(np.unique(two)) == {0, 255}
    page = Image.fromarray(np.where(np.arange(64 * 64).reshape(64, 64) % 9, 255, 0).astype(np.uint8))
    again = _edited(read_version(saved(page, "PNG"), "png"), step("threshold", share=0.4, size_px=0))
    assert np.array_equal(again[..., 0], np.asarray(page))
    assert abs(_edited(start, step("error_diffused", level=128.0)).mean() - grey.mean()) < 2


def test_tones_do_what_they_say(start, cat):
    stretched = _edited(start, step("auto_contrast", black=0.01, white=0.01, joint=True))
    assert (np.quantile(stretched, 0.005), np.quantile(stretched, 0.995)) == (0, 255)
    warm = _edited(start, step("white_balance", red=1.1, blue=0.9)).astype(float) - np.asarray(cat)
    assert warm[..., 0].mean() > 3
    assert warm[..., 2].mean() < -3
    assert not warm[..., 1].any()
    for one in (step("local_contrast", limit=2.0, tiles=5, strength=0.8), step("clarity", sigma=20.0, amount=0.4)):
        assert _edited(start, one).std() > np.asarray(cat).std()


def test_damaged_saves_are_damaged_and_answer_to_jpeg(start):
    usual = dict(JPEG.parameters)
    recipe = Recipe("damage", (step("save_overwritten", **usual, share=0.5, n_bytes=40, seed=4),))
    image = decode(apply_recipe(start, recipe).data)
    assert read_facts(image).damaged
    assert {"jpeg", "save_jpeg", "damage"} <= names(recipe)
    grey = decode(apply_recipe(start, Recipe("damage", (step("save_cut", **usual, share=0.5), PNG))).data)
    assert (grey.luma[-1] == 128).all()
    assert read_facts(grey).damaged
    with pytest.raises(RecipeError, match="cannot be decoded"):
        apply_recipe(start, Recipe("damage", (step("save_overwritten", **usual, share=1.0, n_bytes=4000, seed=1),)))
