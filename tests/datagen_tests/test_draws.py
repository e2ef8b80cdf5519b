"""What is drawn: every kind applies and repeats, originals are as the profile says, held-out names stay out."""

import json
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest

from genloss.datagen.apply import apply_recipe, read_version
from genloss.datagen.draw import draw_edit, draw_kind
from genloss.datagen.draw_original import DEFAULT_PROFILE, draw_original
from genloss.datagen.draw_steps import DCTS, FILTERS, MAX_PIXELS, SAMPLINGS, TABLES
from genloss.datagen.kinds import KIND_WEIGHTS
from genloss.datagen.magick import TABLES as TABLE_FILES
from genloss.datagen.platforms import PLATFORMS
from genloss.datagen.profiles import Profile, load, measure
from genloss.datagen.recipe import from_json, names, to_json
from genloss.model.errors import DatagenError
from genloss.model.images.decode import decode
from genloss.model.images.facts import read_facts
from tests.fixtures import ROOT, saved

PALETTES = ("000000ffffff", "0000ff00ff00ff0000808080")


@pytest.mark.parametrize("kind", sorted(KIND_WEIGHTS))
def test_drawn_edits_apply_survive_json_and_repeat_byte_for_byte(kind, cat):
    start = read_version(saved(cat, "PNG"), "png")
    generator = np.random.default_rng(11)
    for _ in range(5):
        recipe = draw_kind(generator, kind, start.width_px, start.height_px, 85, PALETTES)
        again = from_json(to_json(recipe))
        assert again == recipe
        edited = apply_recipe(start, recipe)
        assert edited.data == apply_recipe(start, again).data
        assert edited.width_px * edited.height_px <= MAX_PIXELS * 1.2
        assert decode(edited.data).rgb.shape[:2] == (edited.height_px, edited.width_px)


def test_everything_the_house_knows_is_drawn_sooner_or_later():
    generator = np.random.default_rng(3)
    seen: dict[str, set] = {}
    for _ in range(12_000):
        for one in draw_edit(generator, 640, 480, 85, PALETTES).steps:
            for key, value in one.parameters:
                seen.setdefault(f"{one.name}.{key}", set()).add(value)
    assert seen["resize.filter"] == set(FILTERS)
    assert seen["save_jpeg.sampling"] == set(SAMPLINGS)
    assert seen["save_jpeg.tables"] == set(TABLES)
    assert seen["save_jpeg.dct"] == set(DCTS)
    assert seen["quantise.dither"] == {"no", "floyd_steinberg", "riemersma"}
    assert seen["dataset_palette.colours"] == set(PALETTES)
    assert seen["save_jpeg.progressive"] == seen["save_jpeg.optimised"] == seen["resize.linear_light"] == {True, False}
    assert set(range(8)) == {left % 8 for left in seen["crop.left_px"]}  # on the 8x8 grid and off it
    assert min(seen["save_jpeg.quality"]) <= 10
    assert max(seen["save_jpeg.quality"]) == 100
    assert len({name.split(".")[0] for name in seen}) >= 38


def test_table_families_and_their_files_agree():
    assert {path.stem for path in TABLE_FILES.glob("*.xml")} == (set(TABLES) | {one.tables for one in PLATFORMS}) - {"annex_k"}


@pytest.mark.parametrize("held_out", [["webp"], ["screenshot"], ["grain"], ["jpeg", "generation"], ["resize", "avif", "gif"]])
def test_held_out_names_appear_in_no_edit(held_out):
    generator = np.random.default_rng(4)
    for _ in range(400):
        assert not names(draw_edit(generator, 640, 480, 85, PALETTES, frozenset(held_out))) & set(held_out)


def test_holding_out_everything_is_an_error():
    with pytest.raises(DatagenError, match="leaves no edit"):
        draw_edit(np.random.default_rng(0), 640, 480, 85, (), frozenset(KIND_WEIGHTS))


@pytest.mark.parametrize("lossy", [True, False])
@pytest.mark.parametrize("size", [(451, 300), (2400, 1600), (300, 900), (5000, 4000)])
def test_originals_are_never_lossy_files_encoded_again_at_full_size(size, lossy):
    generator = np.random.default_rng(2)
    for _ in range(60):
        recipe = draw_original(generator, DEFAULT_PROFILE, *size, lossy)
        if recipe is None:
            assert lossy
            assert size[0] * size[1] <= MAX_PIXELS
            continue
        crops = [one for one in recipe.steps if one.name == "crop"]
        resizes = [one for one in recipe.steps if one.name == "resize"]
        width, height = (crops[-1]["width_px"], crops[-1]["height_px"]) if crops else size
        if lossy:
            assert resizes
        if resizes:
            shrunk = resizes[-1]["width_px"], resizes[-1]["height_px"]
            assert width / shrunk[0] >= (1.45 if lossy else 1.0)
            assert abs(shrunk[0] / shrunk[1] / (width / height) - 1) < 0.02  # not distorted
        assert recipe.steps[-1].name in ("save_png", "save_jpeg")


def test_originals_follow_a_profile():
    profile = Profile((700.0, 720.0), (1.5, 1.5), 0.0, (90.0, 94.0), {"4:2:2": 1.0}, 1.0)
    generator = np.random.default_rng(5)
    for _ in range(50):
        recipe = draw_original(generator, profile, 3000, 2000, False)
        saved_jpeg = recipe.steps[-1]
        assert (saved_jpeg["sampling"], saved_jpeg["progressive"]) == ("4:2:2", True)
        assert 90 <= saved_jpeg["quality"] <= 94
        sizes = [one for one in recipe.steps if one.name in ("crop", "resize")]
        assert 690 <= max(sizes[-1]["width_px"], sizes[-1]["height_px"]) <= 730


def test_a_profile_says_what_the_files_are(cat):
    files = [
        saved(cat, "JPEG", quality=90, subsampling="4:2:0"),
        saved(cat, "JPEG", quality=70, subsampling="4:4:4", progressive=True),
        saved(cat, "PNG"),
        saved(cat.crop((0, 0, 100, 200)), "PNG"),
    ]
    profile = measure([read_facts(decode(data)) for data in files])
    assert profile.lossless_share == 0.5
    assert profile.sampling == {"4:2:0": 0.5, "4:4:4": 0.5}
    assert profile.progressive_share == 0.5
    assert (profile.jpeg_quality[0], profile.jpeg_quality[-1]) == (70, 90)
    assert (profile.longest_side_px[0], profile.longest_side_px[-1]) == (200, max(cat.size))
    assert profile.aspect_ratio[-1] == 2


def test_a_photograph_is_no_profile_and_its_bytes_are_not_printed():
    with pytest.raises(DatagenError, match="is not a profile") as raised:
        load(ROOT / "samples/cat/original.jpg")
    assert len(str(raised.value)) < 400


def test_the_profile_command_writes_what_make_pairs_reads(tmp_path):
    out = tmp_path / "profile.json"
    command = [sys.executable, "datagen/collection_profile.py", "samples", "--out", out]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stderr
    assert "longest_side_px" in result.stdout
    profile = load(out)
    counted = Counter(path.suffix for path in (ROOT / "samples").glob("*/*.*"))
    assert json.loads(out.read_text())["n_pictures"] == sum(counted.values())
    assert 0 < profile.lossless_share < 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "is not a profile"),
        ("{", "is not a profile"),
        (json.dumps({"profile": {**DEFAULT_PROFILE.__dict__, "lossless_share": 2}}), "must lie in"),
        (json.dumps({"profile": {**DEFAULT_PROFILE.__dict__, "jpeg_quality": []}}), "must lie in"),
        (json.dumps({"profile": {**DEFAULT_PROFILE.__dict__, "sampling": {"9:9:9": 1.0}}}), "sampling must give"),
    ],
)
def test_bad_profiles_are_refused(tmp_path, text, message):
    path = tmp_path / "profile.json"
    path.write_text(text)
    with pytest.raises(DatagenError, match=message):
        load(path)


@pytest.mark.parametrize("words", [["/nonexistent"], ["requirements"]])
def test_a_folder_without_pictures_is_one_clear_line(words, tmp_path):
    command = [sys.executable, "datagen/collection_profile.py", *words, "--out", tmp_path / "p.json"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert result.returncode == 2
    assert len(result.stderr.splitlines()) == 1
    assert not (tmp_path / "p.json").exists()
