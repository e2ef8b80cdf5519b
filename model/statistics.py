"""Whole-image measurements: spectra, block grids, resampling traces, quantisation lattices, colours.

Each function gives a fixed number of values for any picture of at least one 8x8 block, so that their
concatenation is the metadata branch's input. Values are logarithms or shares: scaling is the network's job.
"""

import numpy as np
from numpy.typing import NDArray

from model.blocks import block_entropy, split_blocks
from model.decode import DecodedImage
from model.facts import CHROMA_TABLE, ijg_table

Vector = NDArray[np.float32]

MAX_BLOCKS = 4096  # per plane; more changes the means by less than their noise
PROFILE_BLOCKS = 2048  # per grid, for calibrated profiles
LATTICE_BLOCKS = 1024  # per grid, for lattices
MAX_LINES = 384  # rows or columns looked at for spectra and resampling traces
LATTICE_QUALITIES = (10, 20, 30, 40, 50, 55, 60, 65, 70, 75, 80, 85, 90, 93, 95)
CHROMA_LATTICE_QUALITIES = (20, 40, 50, 60, 70, 75, 80, 85, 90, 95)
SEGMENT_PX = 256  # length of the spectra's windows
BANDS = 32
_EPSILON = 1e-3
# Just beside 1/2, which the coefficients of drawings often hit exactly: the last bit of a sum, which
# differs between processors, must not decide on which side they fall.
NEAR_ZERO = 0.499
HALF_STEP = 0.501


def _dct_matrix() -> NDArray[np.float32]:
    index = np.arange(8)
    matrix = np.cos((2 * index[None] + 1) * index[:, None] * np.pi / 16) / 2
    matrix[0] /= np.sqrt(2)
    return np.kron(matrix, matrix).T.astype(np.float32)


# Column 8u+v holds the orthonormal basis of frequency (u, v): blocks as rows of 64 times this is the DCT.
DCT_BASIS = _dct_matrix()
_FREQUENCY = np.add.outer(np.arange(8), np.arange(8)).ravel()
# The low AC frequencies, which survive quantisation often enough to show its lattice.
_LATTICE_INDEX = np.argsort(_FREQUENCY, kind="stable")[1:21]


def measure(image: DecodedImage) -> Vector:
    """All measurements of a picture, concatenated; (M,) float32, finite.

    Order and content are part of FEATURE_VERSION.
    """
    luma = image.ycbcr[..., 0]
    turned = np.ascontiguousarray(luma.T)
    parts = [
        colours(image.rgb),
        histogram(luma),
        entropies(luma),
        *(dct_profile(image.ycbcr[..., plane]) for plane in range(3)),
        block_energies(luma),
        grid_and_lattice(luma, turned),
        chroma_lattice(image.ycbcr[..., 1], image.ycbcr[..., 2]),
        resampling(luma),
        resampling(turned),
        spectrum(luma),
        spectrum(turned),
        noise(luma),
        edges(luma),
    ]
    values: Vector = np.concatenate(parts).astype(np.float32)
    np.nan_to_num(values, copy=False, nan=0.0, posinf=50.0, neginf=-50.0)
    return values


def block_dct(blocks: NDArray[np.uint8]) -> NDArray[np.float32]:
    """DCT coefficients of blocks, orthonormal scaling.

    Args:
        blocks: (N, 8, 8), pixel values in [0, 255].

    Returns:
        (N, 64) float32, frequency (u, v) at 8u+v; level-shifted by 128, so DC lies in [-1024, 1016].

    Source: ITU-T T.81, A.3.3.
    """
    n_blocks = len(blocks)
    # In portions of 64 blocks, which a BLAS library never shares out among threads: however many threads
    # it has, the sums are added in the same order and the same bytes give the same score.
    centred = np.zeros((-(-n_blocks // 64), 64, 64), dtype=np.float32)
    centred.reshape(-1, 64)[:n_blocks] = blocks.reshape(-1, 64)
    centred -= np.float32(128.0)
    return np.matmul(centred, DCT_BASIS).reshape(-1, 64)[:n_blocks]


def count_colours(rgb: NDArray[np.uint8]) -> int:
    """Number of distinct colours of (H, W, 3) pixels."""
    wide = rgb.astype(np.uint32)
    seen = np.zeros(1 << 24, dtype=bool)
    seen[(wide[..., 0] << 16 | wide[..., 1] << 8 | wide[..., 2]).ravel()] = True
    return int(np.count_nonzero(seen))


def colours(rgb: NDArray[np.uint8]) -> Vector:
    """Number of distinct colours: log2 of the count, log2 of the count per pixel; and share of greys. (3,)"""
    count = count_colours(rgb)
    grey = np.mean((rgb[..., 0] == rgb[..., 1]) & (rgb[..., 1] == rgb[..., 2]))
    return np.array([np.log2(count), np.log2(count / (rgb.size // 3)), grey], dtype=np.float32)


def histogram(luma: NDArray[np.uint8]) -> Vector:
    """Luma histogram: share of used levels, holes inside the range, comb strength, clipped shares, range. (7,)

    Holes and combs betray tone curves, posterising and small palettes.
    """
    counts = np.bincount(luma.ravel(), minlength=256) / luma.size
    used = np.flatnonzero(counts)
    low, high = used[0], used[-1]
    inside = counts[low : high + 1]
    comb = np.abs(counts[1:-1] - (counts[:-2] + counts[2:]) / 2).sum()
    entropy = -(counts[used] * np.log2(counts[used])).sum()
    return np.array(
        [used.size / 256, np.mean(inside == 0), comb, counts[0], counts[255], (high - low) / 255, entropy], np.float32
    )


def entropies(luma: NDArray[np.uint8]) -> Vector:
    """Deciles of log2(1 + block entropy) and the share of blocks of one colour. (10,)"""
    entropy = block_entropy(_some(split_blocks(luma), MAX_BLOCKS))
    deciles = np.quantile(np.log2(1.0 + entropy), np.linspace(0.1, 0.9, 9))
    return np.append(deciles, np.mean(entropy == 0)).astype(np.float32)


def dct_profile(plane: NDArray[np.uint8]) -> Vector:
    """Per frequency: mean of log2(|coefficient| + 1/4), share of coefficients below one half; and calibration. (256,)

    Calibration is the same on a grid shifted by (4, 4), subtracted: what differs was done by a codec
    working on this grid, not by the subject (Fridrich, "Feature-based steganalysis for JPEG images",
    2004).
    """
    aligned, shifted = (_profile(split_blocks(plane, origin, origin)) for origin in (0, 4))
    return np.concatenate([aligned, aligned - shifted])


def block_energies(luma: NDArray[np.uint8]) -> Vector:
    """How AC energy spreads over blocks: quantiles of low, middle and high frequencies, and their correlations. (24,)

    A codec empties the high frequencies of smooth blocks first; scaling and blurring thin them everywhere.
    """
    power = block_dct(_some(split_blocks(luma), MAX_BLOCKS)) ** 2
    groups = [(low <= _FREQUENCY) & (high > _FREQUENCY) for low, high in ((1, 4), (4, 7), (7, 15))]
    energies = np.stack([np.log2(power[:, group].mean(axis=1) + 0.02) for group in groups])
    quantiles = np.quantile(energies, [0.05, 0.15, 0.3, 0.5, 0.7, 0.85, 0.95], axis=1).T.ravel()
    centred = energies - energies.mean(axis=1, keepdims=True)
    scale = np.sqrt((centred**2).mean(axis=1)) + _EPSILON
    correlations = [(centred[i] * centred[j]).mean() / (scale[i] * scale[j]) for i, j in ((0, 1), (0, 2), (1, 2))]
    return np.concatenate([quantiles, correlations]).astype(np.float32)


def grid_and_lattice(luma: NDArray[np.uint8], turned: NDArray[np.uint8]) -> Vector:
    """Steps at each of the 8 column and row phases, and lattices on the aligned and the likeliest shifted grid.

    A JPEG leaves larger steps where its blocks meet (phase 7 when never cropped) and coefficients near
    multiples of its quantisation steps. The likeliest shifted grid is calibrated as in dct_profile.
    `turned` is the transposed plane. (8 + 8 + 2 + 2 * (15 + 2) + 128,)
    """
    across = _phase_steps(luma)
    down = _phase_steps(turned)
    # A step between pixels p and p+1 with p mod 8 = k belongs to the grid with origin (k + 1) mod 8.
    left, top = (int(np.argmax(steps)) + 1 for steps in (across, down))
    left, top = left % 8, top % 8
    shifted = (left, top) if (left, top) != (0, 0) else _second_grid(across, down)
    aligned = _lattice(luma, 0, 0)
    return np.concatenate(
        [
            across,
            down,
            [float(left == 0), float(top == 0)],
            aligned,
            _lattice(luma, *shifted),
            _profile(split_blocks(luma, *shifted)) - _profile(split_blocks(luma, (shifted[0] + 4) % 8, (shifted[1] + 4) % 8)),
        ]
    ).astype(np.float32)


def chroma_lattice(cb: NDArray[np.uint8], cr: NDArray[np.uint8]) -> Vector:
    """Lattice strengths of both chroma planes, full size and halved, against ten tables. (2 * 10,)"""
    result = []
    for halve in (False, True):
        total = np.zeros(len(CHROMA_LATTICE_QUALITIES))
        for plane in (cb, cr):
            values = plane.astype(np.float32)
            if halve:
                height, width = plane.shape[0] // 2 * 2, plane.shape[1] // 2 * 2
                values = values[:height, :width].reshape(height // 2, 2, width // 2, 2).mean(axis=(1, 3))
            blocks = _some(split_blocks(values), LATTICE_BLOCKS // 4)
            total += _lattice_strengths(block_dct(blocks), _CHROMA_STEPS) / 2
        result.append(total)
    return np.concatenate(result).astype(np.float32)


def resampling(luma: NDArray[np.uint8]) -> Vector:
    """Periodicity of the second difference along rows: peak over median in 16 frequency bands. (17,)

    Interpolated pixels depend on their neighbours with the period of the scaling factor (Popescu and
    Farid, "Exposing digital forgeries by detecting traces of resampling", 2005).
    """
    if luma.shape[1] < 34:
        return np.zeros(17, np.float32)
    lines = _some(luma, MAX_LINES).astype(np.float32)
    second = np.abs(lines[:, 2:] - 2 * lines[:, 1:-1] + lines[:, :-2])
    profile = np.log2(np.minimum(second, 40.0).mean(axis=0) + 0.1)
    smooth = np.convolve(np.pad(profile, 8, mode="reflect"), np.full(17, 1 / 17), mode="valid")
    power = np.abs(np.fft.rfft((profile - smooth) * np.hanning(profile.size))) + _EPSILON
    power = power[power.size // 16 :]
    bands = np.array([band.max(initial=_EPSILON) for band in np.array_split(power, 16)])
    place = float(np.argmax(power)) / power.size
    return np.append(np.log2(bands / np.median(power)), place).astype(np.float32)


def spectrum(luma: NDArray[np.uint8]) -> Vector:
    """Mean log2 power along rows in 32 bands from 0 to the Nyquist frequency, and where it falls off. (33,)

    An enlarged picture has nothing above the Nyquist frequency of the smaller one it came from.
    """
    length = min(SEGMENT_PX, 1 << (luma.shape[1].bit_length() - 1))
    lines = _some(luma, MAX_LINES).astype(np.float32)
    n_segments = lines.shape[1] // length
    segments = lines[:, : n_segments * length].reshape(-1, length)
    segments = segments - segments.mean(axis=1, keepdims=True)
    power = (np.abs(np.fft.rfft(segments * np.hanning(length), axis=1)) ** 2)[:, 1:] / length
    mean = np.log2(power.mean(axis=0) + _EPSILON)
    bands = np.interp((np.arange(BANDS) + 0.5) / BANDS, (np.arange(mean.size) + 0.5) / mean.size, mean)
    if mean.size >= 2 * BANDS:
        bands = mean.reshape(BANDS, -1).mean(axis=1)
    falling = bands[:-4] - bands[4:]
    return np.append(bands, np.argmax(falling[4:]) / BANDS).astype(np.float32)


def noise(luma: NDArray[np.uint8]) -> Vector:
    """Fine structure: moments and quantiles of the Laplacian, quiet areas, equal neighbours. (13,)"""
    lines = luma if luma.size < 2_000_000 else luma[: 2_000_000 // luma.shape[1]]
    values = lines.astype(np.int16)
    inner = values[1:-1, 1:-1]
    laplacian = np.abs(4 * inner - values[:-2, 1:-1] - values[2:, 1:-1] - values[1:-1, :-2] - values[1:-1, 2:])
    counts = np.bincount(np.minimum(laplacian.ravel(), 1020), minlength=1021)
    cumulative = np.cumsum(counts) / max(1, laplacian.size)
    quantiles = np.searchsorted(cumulative, [0.1, 0.25, 0.5, 0.75, 0.9, 0.97])
    across, down = np.diff(values, axis=1), np.diff(values, axis=0)
    equal = [np.mean(across == 0), np.mean(down == 0)]
    pairs = [np.mean(across[:, phase::2] == 0) if across.shape[1] > phase else 0.0 for phase in (0, 1)]
    return np.array(
        [
            *np.log2(quantiles + 0.5),
            np.log2(laplacian.astype(np.float32).var() + 0.1),
            np.log2(np.abs(across).mean() + 0.05),
            np.log2(np.abs(down).mean() + 0.05),
            *equal,
            abs(pairs[0] - pairs[1]),
            cumulative[2],
        ],
        dtype=np.float32,
    )


def edges(luma: NDArray[np.uint8]) -> Vector:
    """Share of the picture taken by a flat border at the top, bottom, left and right. (4,)"""
    corner = int(luma[0, 0])
    different = (luma > min(255, corner + 6)) | (luma < max(0, corner - 6))
    rows, columns = different.mean(axis=1) > 0.005, different.mean(axis=0) > 0.005
    shares = [np.argmax(line) / line.size if line.any() else 1.0 for line in (rows, rows[::-1], columns, columns[::-1])]
    return np.array(shares, dtype=np.float32)


def _some(items: NDArray, most: int) -> NDArray:
    """At most `most` items, evenly spaced over the whole picture, always the same ones."""
    if len(items) <= most:
        return items
    return items[np.linspace(0, len(items) - 1, most).astype(np.int64)]


def _profile(blocks: NDArray[np.uint8]) -> Vector:
    if not len(blocks):
        return np.zeros(128, np.float32)
    magnitude = np.abs(block_dct(_some(blocks, PROFILE_BLOCKS)))
    return np.concatenate([np.log2(magnitude + 0.25).mean(axis=0), (magnitude < NEAR_ZERO).mean(axis=0)]).astype(np.float32)


def _phase_steps(luma: NDArray[np.uint8]) -> NDArray[np.float64]:
    """How much larger the step after column p is than its neighbours, by p mod 8, over the mean step. (8,)"""
    lines = _some(luma, 1024).astype(np.int16)
    step = np.minimum(np.abs(np.diff(lines, axis=1)), 32).astype(np.float32)
    columns = step.mean(axis=0)
    excess = columns.copy()
    excess[1:-1] -= (columns[:-2] + columns[2:]) / 2
    excess[0] = excess[-1] = 0.0
    level = columns.mean() + 0.05
    # A plane of 8 pixels has 7 steps and none between blocks.
    return np.array([excess[phase::8].mean() / level if excess.size > phase else 0.0 for phase in range(8)])


def _second_grid(across: NDArray[np.float64], down: NDArray[np.float64]) -> tuple[int, int]:
    """The likeliest grid origin other than (0, 0), from the phase steps without phase 7."""
    best = int(np.argmax(across[:7])), int(np.argmax(down[:7]))
    return (best[0] + 1) % 8, (best[1] + 1) % 8


def _lattice(luma: NDArray[np.uint8], left_px: int, top_px: int) -> NDArray[np.float64]:
    """Strengths against 15 IJG luma tables, the best one's quality and its lead over the mean. (17,)"""
    coefficients = block_dct(_some(split_blocks(luma, left_px, top_px), LATTICE_BLOCKS))
    strengths = _lattice_strengths(coefficients, _LUMA_STEPS)
    best = int(np.argmax(strengths))
    return np.concatenate([strengths, [LATTICE_QUALITIES[best] / 100, strengths[best] - strengths.mean()]])


def _lattice_strengths(coefficients: NDArray[np.float32], steps: NDArray[np.float32]) -> NDArray[np.float64]:
    """Mean of cos(2 pi c / q) over low-frequency coefficients of at least q / 2, per table; 1 = on the lattice.

    Args:
        coefficients: (N, 64) float32.
        steps: (T, 20) float32 quantisation steps of the low frequencies.
    """
    if not len(coefficients):
        return np.zeros(len(steps))
    low = coefficients[None, :, _LATTICE_INDEX]
    ratio = low / steps[:, None, :]
    # Steps of 1 and 2 drown in the rounding of pixels to integers; they say nothing.
    counted = (np.abs(ratio) > HALF_STEP) & (steps[:, None, :] > 2.5)
    cosine = np.cos(2 * np.pi * ratio, dtype=np.float32)
    return (cosine * counted).sum(axis=(1, 2)) / (counted.sum(axis=(1, 2)) + 20.0)


_LUMA_STEPS = np.stack([ijg_table(quality).ravel()[_LATTICE_INDEX] for quality in LATTICE_QUALITIES]).astype(np.float32)
_CHROMA_STEPS = np.stack(
    [ijg_table(quality, CHROMA_TABLE).ravel()[_LATTICE_INDEX] for quality in CHROMA_LATTICE_QUALITIES]
).astype(np.float32)
