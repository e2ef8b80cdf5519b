"""Whole-image measurements: colours, levels, blocks, grids, lattices, traces of resampling, spectra, noise.

Each function gives a fixed number of values for any picture of at least one 8x8 block, so that their
concatenation is the metadata branch's input. Values are logarithms or shares: scaling is the network's
job. Each looks at a bounded number of pixels spread over the whole picture.
"""

import numpy as np
from numpy.typing import NDArray

from model.blocks import BlockSample, block_places, spread, take_blocks
from model.dct import block_dct, energy_spread, profile
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
NOISE_BAND_PX = 16  # rows of a band looked at together


def measure(image: DecodedImage, sample: BlockSample) -> Vector:
    """All measurements of a picture, concatenated; (M,) float32, finite.

    Order and content are part of FEATURE_VERSION.

    Args:
        sample: blocks of the luma plane.
    """
    luma = image.luma
    chosen = spread(len(sample.blocks), LUMA_BLOCKS)
    coefficients = block_dct(sample.blocks[chosen])
    lattices, grid = luma_lattices(luma, sample, coefficients, image.luma_table)
    steps, resampled, spectra = line_traces(luma)
    usual = profile(coefficients)
    here = spread(len(sample.blocks), SHIFTED_BLOCKS)

    def moved(right: int, down: int) -> Vector:
        return profile(block_dct(take_blocks(luma, sample.top_px[here] + down, sample.left_px[here] + right)))

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
    red, green, blue = image.pixels.at(spread(image.luma.size, COLOUR_PIXELS)).astype(np.uint32)
    grey = np.count_nonzero((red == green) & (green == blue)) / len(red)
    codes = np.sort(red << np.uint32(16) | green << np.uint32(8) | blue)
    ends = np.append(np.flatnonzero(codes[1:] != codes[:-1]), codes.size - 1)
    runs = np.sort(np.diff(ends, prepend=-1).astype(np.uint16))[::-1]  # in 16 bits, which is sorted twice as quickly
    common = [runs[:n].sum() / codes.size for n in (1, 16, 256)]
    return np.array([np.log2(runs.size), np.log2(runs.size / codes.size), grey, *common, np.mean(runs == 1)], dtype=np.float32)


def histogram(luma: NDArray[np.uint8]) -> Vector:
    """Luma histogram: share of used levels, holes inside the range, comb strength, clipped shares, range, entropy. (7,)

    Holes and combs betray tone curves, posterising and small palettes.
    """
    values = luma[spread(luma.shape[0], max(64, NOISE_PIXELS // luma.shape[1]))]
    counts = _level_counts(values.ravel()) / values.size
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
    planes = _chroma_planes(pixels.squares(top, left, 16))
    quarters = planes.reshape(2, -1, 2, 8, 2, 8).swapaxes(3, 4).reshape(2, -1, 8, 8)
    # Added in the order of numpy's mean over both axes, which takes fourteen times as long.
    fours = planes.reshape(2, -1, 8, 2, 8, 2)
    halved = ((fours[..., 0, :, 0] + fours[..., 0, :, 1]) + (fours[..., 1, :, 0] + fours[..., 1, :, 1])) / 4
    full = [block_dct(np.rint(plane)) for plane in quarters]
    shifted = [block_dct(np.rint(plane)) for plane in planes[:, :, 4:12, 4:12]]
    profiles = [profile(one) for one in full]
    beside = [profile(one) for one in shifted]
    lattices = chroma_lattices(np.stack(full), np.stack([block_dct(plane) for plane in halved]))
    return [np.concatenate([usual, usual - other]) for usual, other in zip(profiles, beside, strict=True)] + [lattices]


def noise(luma: NDArray[np.uint8]) -> Vector:
    """Fine structure: moments and quantiles of the Laplacian, quiet areas, equal neighbours. (13,)"""
    values = _bands(luma).astype(np.int16)
    inner = values[:, 1:-1, 1:-1]
    laplacian = 4 * inner
    for beside in (values[:, :-2, 1:-1], values[:, 2:, 1:-1], values[:, 1:-1, :-2], values[:, 1:-1, 2:]):
        laplacian -= beside
    np.abs(laplacian, out=laplacian)
    counts = _level_counts(laplacian.astype(np.uint8).ravel()) if laplacian.max() < 256 else np.bincount(laplacian.ravel())
    levels = np.arange(counts.size)
    cumulative = np.cumsum(counts) / laplacian.size
    quantiles = np.searchsorted(cumulative, [0.1, 0.25, 0.5, 0.75, 0.9, 0.97])
    # From counts, which are exact: the variance does not depend on the order of any sum.
    mean = counts @ levels / laplacian.size
    variance = counts @ (levels - mean) ** 2 / laplacian.size
    across, down = np.abs(values[:, :, 1:] - values[:, :, :-1]), np.abs(values[:, 1:] - values[:, :-1])
    still = across == 0
    n_still, n_even = np.count_nonzero(still), np.count_nonzero(still[:, :, ::2])
    size_even = still.shape[0] * still.shape[1] * ((still.shape[2] + 1) // 2)
    pairs = [n_even / max(1, size_even), (n_still - n_even) / max(1, still.size - size_even)]
    return np.array(
        [
            *np.log2(quantiles + 0.5),
            np.log2(variance + 0.1),
            np.log2(_mean(across) + 0.05),
            np.log2(_mean(down) + 0.05),
            n_still / still.size,
            np.count_nonzero(down == 0) / down.size,
            abs(pairs[0] - pairs[1]),
            cumulative[2],
        ],
        dtype=np.float32,
    )


def edges(luma: NDArray[np.uint8]) -> Vector:
    """Share of the picture taken by a flat border at the top, bottom, left and right. (4,)"""
    height, width = luma.shape
    across, down = spread(width, EDGE_LINES), spread(height, EDGE_LINES)
    sides = [  # each as a line looks from that side, the border first
        _flat_lines(luma, across, range(height)),
        _flat_lines(luma, across, range(height - 1, -1, -1)),
        _flat_lines(luma.T, down, range(width)),
        _flat_lines(luma.T, down, range(width - 1, -1, -1)),
    ]
    return np.array(sides, dtype=np.float32)


def _flat_lines(luma: NDArray[np.uint8], places: NDArray[np.int64], lines: range) -> float:
    """Share of lines before the first with another colour than the corner's at more than one in 200 places; 1 without one."""
    corner = int(luma[0, 0])
    low, high = max(0, corner - 6), min(255, corner + 6)
    n_seen, portion = 0, 16
    while n_seen < len(lines):  # most pictures have no border: look at few lines first
        part = lines[n_seen : n_seen + portion]
        seen = luma[min(part) : max(part) + 1][:, places][:: part.step]
        busy = np.count_nonzero((seen > high) | (seen < low), axis=1) / len(places) > 0.005
        if busy.any():
            return (n_seen + int(np.argmax(busy))) / len(lines)
        n_seen, portion = n_seen + len(part), portion * 4
    return 1.0


def _chroma_planes(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Cb and Cr of (3, N, 16, 16) pixels, (2, N, 16, 16) in [0, 255]. Source: ITU-T T.871."""
    red, green, blue = rgb.astype(np.float32)
    cb = 128 - np.float32(0.168736) * red - np.float32(0.331264) * green + np.float32(0.5) * blue
    cr = 128 + np.float32(0.5) * red - np.float32(0.418688) * green - np.float32(0.081312) * blue
    return np.stack([cb, cr])


def _level_counts(values: NDArray[np.uint8]) -> NDArray[np.int64]:
    """How often each of the 256 levels occurs; two at a time, which halves the work."""
    even = values.size // 2 * 2
    counts = np.bincount(values[:even].view(np.uint16), minlength=1 << 16).reshape(256, 256)
    return counts.sum(axis=0) + counts.sum(axis=1) + np.bincount(values[even:], minlength=256)


def _bands(luma: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Bands of whole rows spread over the picture, about a quarter of a megapixel in all; (N, 8 to 16, W)."""
    height = min(NOISE_BAND_PX, luma.shape[0])
    starts = spread(luma.shape[0] // height, max(4, NOISE_PIXELS // (height * luma.shape[1]))) * height
    return luma[starts[:, None] + np.arange(height)]


def _mean(steps: NDArray[np.int16]) -> float:
    """Of (N, H, W) values in [0, 255]; in whole numbers, which is quicker and exact."""
    return int(np.add.reduce(steps, axis=(0, 1), dtype=np.int32).sum()) / steps.size


def _packed(pixels: NDArray[np.uint8]) -> NDArray[np.uint32]:
    wide = pixels.astype(np.uint32)
    return (wide[:, 0] << np.uint32(16)) | (wide[:, 1] << np.uint32(8)) | wide[:, 2]
