"""Whole-image measurements: colours, levels, blocks, grids, lattices, traces of resampling, spectra, noise.

Each function gives a fixed number of values for any picture of at least one 8x8 block, so that their
concatenation is the metadata branch's input. Values are logarithms or shares: scaling is the network's
job. Each looks at a bounded number of pixels spread over the whole picture.
"""

import numpy as np
from numpy.typing import NDArray

from model.blocks import BlockSample, block_places, spread
from model.compiled import (
    count_fine_structure,
    count_flat_lines,
    count_levels,
    count_runs,
    split_chroma,
)
from model.dct import block_dct, dct_at, energy_spread, profile
from model.decode import DecodedImage
from model.lattice import chroma_lattices, luma_lattices
from model.pixels import RgbPixels
from model.quantiles import quantiles
from model.requantised import earlier_saves
from model.spectra import likeliest_grid, line_traces

Vector = NDArray[np.float32]

LUMA_BLOCKS = 1536  # for coefficients on the usual grid
SHIFTED_BLOCKS = 768  # on each shifted one
CHROMA_PATCHES = 192  # of 16x16 pixels: four blocks each, or one of halved chroma
COLOUR_PIXELS = 1 << 15
NOISE_PIXELS = 1 << 18
EDGE_LINES = 256
_CHROMA_OF_RGB = np.array([[-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]], np.float32)  # ITU-T T.871
NOISE_BAND_PX = 16  # rows of a band looked at together


def measure(image: DecodedImage, sample: BlockSample) -> Vector:
    """All measurements of a picture, concatenated; (M,) float32, finite.

    Order and content are part of FEATURE_VERSION.

    Args:
        sample: blocks of the luma plane.
    """
    luma = image.luma
    chosen = spread(len(sample.blocks), LUMA_BLOCKS)
    coefficients = dct_at(luma, sample.top_px[chosen], sample.left_px[chosen])
    lattices, grid = luma_lattices(luma, sample, coefficients, image.luma_table)
    steps, resampled, spectra = line_traces(luma)
    usual = profile(coefficients)
    here = spread(len(sample.blocks), SHIFTED_BLOCKS)

    def moved(right: int, down: int) -> Vector:
        return profile(dct_at(luma, sample.top_px[here] + down, sample.left_px[here] + right))

    left, top = likeliest_grid(steps) if grid is None else grid
    parts: list[NDArray | list[float]] = [
        colours(image),
        histogram(luma),
        entropies(sample.entropy),
        usual,
        # Calibration: what differs from a grid shifted by (4, 4) was done by a codec working on this grid,
        # not by the subject (Fridrich, "Feature-based steganalysis for JPEG images", 2004).
        usual - moved(4, 4),
        *chroma(image),
        energy_spread(coefficients),
        steps,
        lattices,
        [float(left == 0), float(top == 0)],
        moved(left, top) - moved((left + 4) % 8, (top + 4) % 8),
        resampled,
        spectra,
        noise(luma),
        edges(luma),
        earlier_saves(sample.blocks, image.luma_table),
    ]
    values: Vector = np.concatenate(parts).astype(np.float32)
    np.nan_to_num(values, copy=False, nan=0.0, posinf=50.0, neginf=-50.0)
    return values


def count_colours(rgb: NDArray[np.uint8]) -> int:
    """Number of distinct colours of (H, W, 3) pixels."""
    seen = np.zeros(1 << 24, dtype=bool)
    seen[_packed(rgb.reshape(-1, 3))] = True
    return int(np.count_nonzero(seen))


def colours(image: DecodedImage) -> Vector:
    """Distinct colours among 32,768 pixels: log2 of the count, of the count per pixel; shares of greys, of the
    commonest 1, 16 and 256 colours, and of colours seen once. (7,)

    A palette leaves few colours, each seen often; a codec's rounding leaves many.
    """
    red, green, blue = np.ascontiguousarray(image.pixels.at(spread(image.luma.size, COLOUR_PIXELS)))
    lengths = np.zeros(len(red) + 1, np.int64)
    grey = count_runs(red, green, blue, lengths) / len(red)
    n_colours = int(lengths.sum())
    met = np.flatnonzero(lengths)[::-1]
    runs = np.repeat(met, np.minimum(lengths[met], 256))  # the longest first; of each length as many as can be asked for
    common = [runs[:n].sum() / len(red) for n in (1, 16, 256)]
    numbers = [np.log2(n_colours), np.log2(n_colours / len(red)), grey, *common, lengths[1] / n_colours]
    return np.array(numbers, dtype=np.float32)


def histogram(luma: NDArray[np.uint8]) -> Vector:
    """Luma histogram: share of used levels, holes inside the range, comb strength, clipped shares, range, entropy. (7,)

    Holes and combs betray tone curves, posterising and small palettes.
    """
    rows = spread(luma.shape[0], max(64, NOISE_PIXELS // luma.shape[1]))
    tables = np.zeros((4, 256), np.int64)
    count_levels(luma, rows, tables)
    counts = tables.sum(axis=0) / (len(rows) * luma.shape[1])
    used = np.flatnonzero(counts)
    low, high = used[0], used[-1]
    inside = counts[low : high + 1]
    comb = np.abs(counts[1:-1] - (counts[:-2] + counts[2:]) / 2).sum()
    entropy = -(counts[used] * np.log2(counts[used])).sum()
    return np.array(
        [used.size / 256, np.mean(inside == 0), comb, counts[0], counts[255], (high - low) / 255, entropy], np.float32
    )


def entropies(entropy: NDArray[np.int32]) -> Vector:
    """Deciles of log2(1 + block entropy) and the share of blocks of one colour. (10,)"""
    deciles = quantiles(np.log2(1.0 + np.sort(entropy.astype(np.int16))), np.linspace(0.1, 0.9, 9))
    return np.append(deciles, np.mean(entropy == 0)).astype(np.float32)


def chroma(image: DecodedImage) -> list[NDArray]:
    """Of Cb and Cr: coefficient profiles, the same less those of a shifted grid, lattices. (256,) twice, (20,)

    They are taken from RGB even where the file stores them: what other formats hold has been through RGB too.
    """
    height, width = image.luma.shape
    pixels = image.pixels
    if height < 16 or width < 16:
        pixels = RgbPixels(np.pad(image.rgb, ((0, max(0, 16 - height)), (0, max(0, 16 - width)), (0, 0)), mode="edge"))
    top, left = block_places(max(16, height), max(16, width), CHROMA_PATCHES, 16)
    squares = np.ascontiguousarray(pixels.squares(top, left, 16)).reshape(3, -1, 256)
    n = squares.shape[1]
    blocks, middle, half = (np.empty((2, each, 64), np.float32) for each in (4 * n, n, n))
    split_chroma(squares, _CHROMA_OF_RGB, blocks, middle, half)
    full, shifted, halved = ([block_dct(plane) for plane in planes] for planes in (blocks, middle, half))
    profiles = [profile(one) for one in full]
    beside = [profile(one) for one in shifted]
    lattices = chroma_lattices(full, halved)
    return [np.concatenate([usual, usual - other]) for usual, other in zip(profiles, beside, strict=True)] + [lattices]


def noise(luma: NDArray[np.uint8]) -> Vector:
    """Fine structure: moments and quantiles of the Laplacian, quiet areas, equal neighbours. (13,)"""
    height, width = min(NOISE_BAND_PX, luma.shape[0]), luma.shape[1]
    starts = spread(luma.shape[0] // height, max(4, NOISE_PIXELS // (height * width))) * height
    tables, sums = np.zeros((4, 4 * 255 + 1), np.int64), np.zeros(5, np.int64)
    count_fine_structure(luma, starts, height, tables, sums)
    counts = tables.sum(axis=0)[: max(256, np.flatnonzero(tables.any(axis=0))[-1] + 1)]
    levels = np.arange(counts.size)
    n_inner = len(starts) * (height - 2) * (width - 2)
    cumulative = np.cumsum(counts) / n_inner
    quantiles = np.searchsorted(cumulative, [0.1, 0.25, 0.5, 0.75, 0.9, 0.97])
    # From counts, which are exact: the variance does not depend on the order of any sum.
    mean = counts @ levels / n_inner
    variance = counts @ (levels - mean) ** 2 / n_inner
    across, down, n_even, n_odd, n_under = (int(one) for one in sums)
    n_across, n_down = len(starts) * height * (width - 1), len(starts) * (height - 1) * width
    size_even = len(starts) * height * (width // 2)
    pairs = [n_even / max(1, size_even), n_odd / max(1, n_across - size_even)]
    return np.array(
        [
            *np.log2(quantiles + 0.5),
            np.log2(variance + 0.1),
            np.log2(across / n_across + 0.05),
            np.log2(down / n_down + 0.05),
            (n_even + n_odd) / n_across,
            n_under / n_down,
            abs(pairs[0] - pairs[1]),
            cumulative[2],
        ],
        dtype=np.float32,
    )


def edges(luma: NDArray[np.uint8]) -> Vector:
    """Share of the picture taken by a flat border at the top, bottom, left and right. (4,)

    A border ends where a line has another colour than the corner's at more than one in 200 places.
    """
    height, width = luma.shape
    corner = int(luma[0, 0])
    low, high = max(0, corner - 6), min(255, corner + 6)
    across, down = spread(width, EDGE_LINES), spread(height, EDGE_LINES)
    rows = [count_flat_lines(luma, across, True, at, way, low, high) / height for at, way in ((0, 1), (height - 1, -1))]
    columns = [count_flat_lines(luma, down, False, at, way, low, high) / width for at, way in ((0, 1), (width - 1, -1))]
    return np.array(rows + columns, dtype=np.float32)


def _packed(pixels: NDArray[np.uint8]) -> NDArray[np.uint32]:
    wide = pixels.astype(np.uint32)
    return (wide[:, 0] << np.uint32(16)) | (wide[:, 1] << np.uint32(8)) | wide[:, 2]
