"""Blocks, facts and statistics against independent implementations and known edits."""

import io

import numpy as np
import pytest
from PIL import Image
from scipy.fft import dctn

from genloss.model.images.decode import decode
from genloss.model.images.facts import read_facts
from genloss.model.images.jpeg_tables import CHROMA_TABLE, estimate_quality, ijg_table
from genloss.model.images.squares import take_squares
from genloss.model.measurements import colours, lattice
from genloss.model.measurements.blocks import rank_blocks, sample_blocks
from genloss.model.measurements.dct import block_dct, dct_at, profile
from genloss.model.measurements.features import FeatureConfig, extract, stack
from genloss.model.measurements.lattice import luma_lattices
from genloss.model.measurements.quantiles import quantiles
from genloss.model.measurements.spectra import line_traces, spectrum
from tests.fixtures import saved


def test_dct_equals_scipys(noise):
    blocks = sample_blocks(np.asarray(noise.convert("L"))).blocks
    expected = dctn(blocks.astype(float) - 128, axes=(1, 2), norm="ortho").reshape(-1, 64)
    assert np.abs(block_dct(blocks).T - expected).max() < 1e-3


def test_dct_anywhere_in_a_plane_equals_scipys(noise):
    luma = np.asarray(noise.convert("L"))
    top, left = np.array([0, 3, luma.shape[0] - 8, luma.shape[0] - 7]), np.array([luma.shape[1] - 8, 5, 0, 9])
    inside = [luma[y : y + 8, x : x + 8] for y, x in zip(top, left, strict=True)][:3]
    expected = dctn(np.stack(inside).astype(float) - 128, axes=(1, 2), norm="ortho").reshape(-1, 64)
    assert np.abs(dct_at(luma, top, left).T - expected).max() < 1e-3


@pytest.mark.parametrize("n", [1, 7, 8, 9, 100])
def test_the_profile_is_the_mean_logarithm_and_the_share_of_small_ones(n):
    coefficients = np.random.default_rng(n).normal(0, 300, (64, n)).astype(np.float32)
    coefficients[3] = 0
    means, shares = profile(coefficients).reshape(2, 64)
    assert means == pytest.approx(np.log2(np.abs(coefficients) + 0.25).mean(axis=1), abs=1e-5)
    assert np.array_equal(shares, (np.abs(coefficients) < 0.499).mean(axis=1).astype(np.float32))


@pytest.mark.parametrize("quality", range(1, 101))
def test_ijg_tables_equal_pillows(quality):
    image = decode(saved(Image.new("RGB", (16, 16)), "JPEG", quality=quality))
    assert np.array_equal(image.luma_table, ijg_table(quality))
    assert np.array_equal(image.chroma_table, ijg_table(quality, CHROMA_TABLE))
    assert estimate_quality(image.luma_table) == (quality, 0.0)


def test_a_foreign_table_is_called_non_standard():
    table = [[17] * 64, [20] * 64]
    facts = read_facts(decode(saved(Image.new("RGB", (16, 16)), "JPEG", qtables=table)))
    assert facts.jpeg_quality is not None
    assert not facts.standard_table


@pytest.mark.parametrize(("subsampling", "name"), [(0, "4:4:4"), (1, "4:2:2"), (2, "4:2:0")])
def test_chroma_subsampling_is_read(noise, subsampling, name):
    assert read_facts(decode(saved(noise, "JPEG", subsampling=subsampling))).sampling == name


def test_entropy_is_the_sum_of_neighbour_differences(noise):
    sample = sample_blocks(np.asarray(noise.convert("L")))
    blocks = sample.blocks
    expected = 0
    for row in range(8):
        for column in range(8):
            here = int(blocks[3, row, column])
            expected += abs(here - int(blocks[3, row, column + 1])) if column < 7 else 0
            expected += abs(here - int(blocks[3, row + 1, column])) if row < 7 else 0
    assert sample.entropy[3] == expected


def test_ranking_keeps_the_liveliest_blocks_in_increasing_order(cat):
    sample = sample_blocks(np.asarray(cat.convert("L")))
    kept = rank_blocks(sample.blocks, sample.entropy, 512)
    assert np.array_equal(sample_blocks(kept.reshape(-1, 8)).entropy, np.sort(sample.entropy)[-512:])


def test_large_pictures_are_sampled_all_over(cat):
    luma = np.asarray(cat.resize((2000, 1500)).convert("L"))
    sample = sample_blocks(luma)
    assert len(sample.blocks) == 8192
    assert sample.top_px.max() >= 1480
    assert sample.left_px.max() >= 1984
    assert np.array_equal(sample.blocks[77], luma[sample.top_px[77] :, sample.left_px[77] :][:8, :8])


def test_squares_over_the_edge_are_left_out(noise):
    taken = take_squares(np.asarray(noise), np.array([0, noise.height - 7]), np.array([0, 0]))
    assert np.array_equal(taken, np.asarray(noise)[None, :8, :8])


def test_one_block_is_enough():
    image = decode(saved(Image.new("RGB", (8, 8), "teal"), "PNG"))
    features = extract(image, FeatureConfig())
    assert features.blocks.shape == (1, 8, 8)
    assert np.isfinite(features.metadata).all()
    batch = stack([features], 512)
    assert batch.presence.sum() == 1
    assert batch.presence[0, 0] == 1


@pytest.mark.parametrize("size", [(8, 8), (9, 200), (200, 15), (31, 33), (640, 8)])
def test_measurements_have_one_length_and_are_finite(size, cat):
    picture = cat.resize(size)
    values = extract(decode(saved(picture, "PNG")), FeatureConfig()).metadata
    assert values.shape == extract(decode(saved(cat, "JPEG")), FeatureConfig()).metadata.shape
    assert np.isfinite(values).all()


def _lattices(picture):
    """Values and best shifted grid of a picture stored without loss."""
    image = decode(saved(picture, "PNG"))
    sample = sample_blocks(image.luma)
    return luma_lattices(image.luma, sample, block_dct(sample.blocks[:2048]), None)


def _pressed(picture, quality):
    return Image.open(io.BytesIO(saved(picture, "JPEG", quality=quality))).convert("RGB")


def test_an_earlier_jpeg_inside_a_png_shows_its_lattice(clean_cat):
    index = lattice.LATTICE_QUALITIES.index(50)
    before, _ = _lattices(clean_cat)
    after, _ = _lattices(_pressed(clean_cat, 50))
    assert after[index] > 0.8
    assert before[index] < 0.2


@pytest.mark.parametrize(("left", "top"), [(3, 5), (1, 7), (0, 4), (6, 0)])
@pytest.mark.parametrize("quality", [30, 60, 85])
def test_the_grid_of_an_earlier_jpeg_is_found_after_a_crop(clean_cat, quality, left, top):
    cropped = _pressed(clean_cat, quality).crop((left, top, clean_cat.width, clean_cat.height))
    assert _lattices(cropped)[1] == ((8 - left) % 8, (8 - top) % 8)


def test_no_shifted_grid_is_found_in_a_clean_picture(clean_cat):
    assert _lattices(clean_cat)[1] is None


def test_lattice_strengths_equal_the_mean_cosine_over_coefficients(clean_cat):
    coefficients = block_dct(sample_blocks(np.asarray(_pressed(clean_cat, 40).convert("L"))).blocks)
    steps = ijg_table(40).ravel()[lattice.LOW]
    low = coefficients[lattice.LOW].T
    ratio = low / steps
    counted = (np.abs(ratio) > 0.5) & (steps > lattice.LEAST_STEP) & (np.abs(low) < 200)
    expected = np.cos(2 * np.pi * ratio[counted]).sum() / (counted.sum() + 20)
    found = lattice.LUMA_TABLES.strengths(lattice.low_histograms([coefficients]))[0]
    assert found[lattice.LATTICE_QUALITIES.index(40)] == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize(("left", "top"), [(3, 5), (1, 7), (0, 0)])
def test_block_edges_show_the_grid_of_an_earlier_jpeg(cat, left, top):
    luma = np.asarray(_pressed(cat, 15).crop((left, top, cat.width, cat.height)).convert("L"))
    steps, _, _ = line_traces(luma)
    assert (int(np.argmax(steps[:8])) + 1) % 8 == (8 - left) % 8
    assert (int(np.argmax(steps[8:])) + 1) % 8 == (8 - top) % 8


def test_an_enlarged_picture_has_little_above_its_old_nyquist_frequency(clean_cat):
    luma = np.asarray(clean_cat.convert("L"))
    enlarged = clean_cat.resize((clean_cat.width * 2, clean_cat.height * 2), Image.Resampling.LANCZOS)
    before, after = spectrum(luma), spectrum(np.asarray(enlarged.convert("L")))
    assert after[20:30].mean() < before[20:30].mean() - 4


@pytest.mark.parametrize("size", [1, 2, 9, 1000])
def test_quantiles_are_numpys(size):
    values = np.random.default_rng(size).normal(size=(3, size))
    shares = np.linspace(0, 1, 12)
    assert np.array_equal(quantiles(np.sort(values, axis=1), shares), np.quantile(values, shares, axis=1).T)


def test_colour_count_is_exact():
    picture = Image.new("RGB", (16, 16), "white")
    for index in range(7):
        picture.putpixel((index, 0), (index, 2 * index, 3))
    assert 2 ** colours.colours(decode(saved(picture, "PNG")))[0] == pytest.approx(8)
