"""All measurements of one direction: how well a version explains another as its child.

Measured on the child's grid: only there an enlargement shows, and a JPEG has its bins.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray

from genloss.model.pairs.band_evidence import BandEvidence, block_coefficients, measure_bands
from genloss.model.pairs.bin_evidence import NO_BINS, BinEvidence, QuantisedChild
from genloss.model.pairs.chroma_evidence import ChromaEvidence, measure_chroma
from genloss.model.pairs.filter_evidence import FilterEvidence, measure_filter
from genloss.model.pairs.palette_evidence import PaletteEvidence, measure_palette
from genloss.model.pairs.placement import Placement
from genloss.model.pairs.planes import Plane, VersionPlanes
from genloss.model.pairs.refinement import covered_window
from genloss.model.pairs.resampling import BICUBIC, KERNELS, Kernel, Window, resample
from genloss.model.pairs.sampling import median_of
from genloss.model.pairs.tone_evidence import Levels, ToneEvidence, apply_tone, count_levels, measure_tone

WINDOW_PX = 448
LEAST_SIDE_PX = 32
REPLACED_LEVELS = 16.0  # of a block's mean: more than any quantisation leaves
_KERNEL_PX = 128
_CHROMA_PX = 256


@dataclass(frozen=True)
class Geometry:
    """How the parent lies on the child.

    Attributes:
        coverage: share of the child that the parent covers, in [0, 1].
        coverage_of_parent: share of the parent that the child shows.
        log_scale: log2 of child pixels per parent pixel, mean of both axes.
        squeeze: absolute difference of the two axes' log2 scales.
        whole_shift, whole_frame, turned: 1 if so, else 0.
        log_pixels: log2 of the child's number of pixels.
    """

    coverage: float
    coverage_of_parent: float
    log_scale: float
    squeeze: float
    whole_shift: float
    whole_frame: float
    turned: float
    log_pixels: float


@dataclass(frozen=True)
class Raw:
    """The child's pixels less the parent's as it lies there, nothing adapted: mean |difference| in levels, and shares of
    pixels that are equal, within one level, and within one level where the nearest common kernel was used."""

    mean: float
    equal: float
    within_one: float


@dataclass(frozen=True)
class Container:
    """How the child is stored.

    Attributes:
        jpeg, lossless: 1 if so, 0 if not or if the headers do not tell.
        log_step, log_chroma_step: log2 of the mean quantisation step of a JPEG, else NaN.
        subsampled: pixels of luma to one of chroma, 1 for all but JPEG.
        log_bits: log2 of bits per pixel.
    """

    jpeg: float
    lossless: float
    log_step: float
    log_chroma_step: float
    subsampled: float
    log_bits: float


@dataclass(frozen=True)
class Derivation:
    """Measurements of "the child was made from the parent".

    Attributes:
        bin_noise_levels: between the parent and what a JPEG's encoder saw, see QuantisedChild.noise_levels; NaN for others.
        replaced: share of the 8x8 blocks whose mean is not the parent's: lettering, logos, stickers.
        kernel: name of the kernel that explains the child best; None if nothing was scaled.
        bins, filtered_bins, chroma_bins: of a child that is a JPEG, from the parent as it lies there, from the parent with
            the child's tone and sharpness, and of both chroma planes.
    """

    geometry: Geometry
    raw: Raw
    tone: ToneEvidence
    filter: FilterEvidence
    bands: BandEvidence
    bins: BinEvidence
    filtered_bins: BinEvidence
    chroma_bins: BinEvidence
    chroma: ChromaEvidence
    palette: PaletteEvidence
    container: Container
    bin_noise_levels: float
    replaced: float
    kernel: str | None
    window: Window

    def vector(self) -> NDArray[np.float32]:
        """(N_MEASURES,) float32, in the order of measure_names(); NaN where something does not apply."""
        numbers: list[float] = []
        for part in _PARTS:
            measured = getattr(self, part)
            for field in fields(measured):
                value = getattr(measured, field.name)
                numbers.extend(value if isinstance(value, tuple) else (value,))
        return np.array(numbers, np.float32)


_PARTS = (
    "geometry", "raw", "tone", "filter", "bands", "bins", "filtered_bins", "chroma_bins", "chroma", "palette", "container",
)  # fmt: skip


def measure_derivation(parent: VersionPlanes, child: VersionPlanes, placement: Placement) -> Derivation | None:
    """Measures one direction.

    Args:
        placement: of the parent on the child.

    Returns:
        None if the parent covers too little of the child.
    """
    grid = _grid(child)
    window = covered_window(placement, WINDOW_PX, LEAST_SIDE_PX, grid) or covered_window(placement, WINDOW_PX, LEAST_SIDE_PX)
    if window is None:
        return None
    kernel = None if placement.is_whole_shift else nearest_kernel(parent, child, placement, window)
    chroma_at = cache(partial(_chroma_at, parent, placement, kernel or BICUBIC))
    lying = resample(parent.luma, placement, window, kernel or BICUBIC)
    stored = np.ascontiguousarray(child.stored_luma[window.slices])
    levels = count_levels(lying, stored)
    tone, curve = measure_tone(levels)
    filtered, fitted, changes = measure_filter(apply_tone(lying, curve), stored)
    coefficients = [block_coefficients(plane) for plane in (lying, stored, fitted)]
    bands = measure_bands(coefficients[0], coefficients[1], coefficients[2], (lying, stored.astype(np.float32)))
    bins = filtered_bins = chroma_bins = NO_BINS
    noise = float("nan")
    table = child.image.luma_table
    if table is not None and window.top_px % 8 == 0 and window.left_px % 8 == 0:
        quantised = QuantisedChild(coefficients[1], table)
        bins, filtered_bins = quantised.compare(coefficients[0]), quantised.compare(coefficients[2])
        noise = quantised.noise_levels(bins.within_50)
        chroma_bins = _chroma_bins(child, window, chroma_at)
    return Derivation(
        _geometry(placement), _raw(levels), tone, filtered, bands, bins, filtered_bins, chroma_bins,
        _chroma(child, window, chroma_at), measure_palette(parent, child, placement, window),
        _container(child), noise, float(np.mean(np.abs(changes) > REPLACED_LEVELS)), kernel.name if kernel else None, window,
    )  # fmt: skip


def nearest_kernel(parent: VersionPlanes, child: VersionPlanes, placement: Placement, window: Window) -> Kernel:
    """The kernel with the smallest mean difference in a small window."""
    small = _middle(window, _KERNEL_PX, 1)
    pixels = child.stored_luma[small.slices].astype(np.float32)
    errors = []
    for kernel in KERNELS:
        difference = pixels - resample(parent.luma, placement, small, kernel)
        difference -= np.float32(median_of(difference))
        errors.append(float(np.abs(difference, out=difference).mean()))
    return KERNELS[int(np.argmin(errors))]


@cache
def measure_names() -> tuple[str, ...]:
    """Names of the numbers of Derivation.vector."""
    kinds = (
        Geometry, Raw, ToneEvidence, FilterEvidence, BandEvidence, BinEvidence, BinEvidence, BinEvidence, ChromaEvidence,
        PaletteEvidence, Container,
    )  # fmt: skip
    names = []
    for part, kind in zip(_PARTS, kinds, strict=True):
        for field in fields(kind):
            several = range(6) if str(field.type).startswith("tuple") else (None,)
            names += [f"{part}.{field.name}" + ("" if number is None else f".{number}") for number in several]
    return tuple(names)


def _grid(child: VersionPlanes) -> int:
    return 8 * max(child.image.sampling) if child.is_jpeg and max(child.image.sampling) <= 2 else 8


def _geometry(placement: Placement) -> Geometry:
    height, width = placement.target
    logs = np.log2([placement.scale_y, placement.scale_x])
    return Geometry(
        placement.coverage, placement.inverse.coverage, float(logs.mean()), float(abs(logs[0] - logs[1])),
        float(placement.is_whole_shift), float(placement.is_whole_frame), float(placement.turn != 0),
        float(np.log2(height * width)),
    )  # fmt: skip


def _container(child: VersionPlanes) -> Container:
    image = child.image
    tables = (image.luma_table, image.luma_table if image.chroma_table is None else image.chroma_table)
    steps = [float("nan") if table is None else float(np.log2(table.mean())) for table in tables]
    bits = 8.0 * image.n_bytes / (child.size[0] * child.size[1])
    return Container(
        float(child.is_jpeg), float(bool(image.lossless)), steps[0], steps[1], float(image.sampling[0] * image.sampling[1]),
        float(np.log2(bits)),
    )  # fmt: skip


def _raw(levels: Levels) -> Raw:
    n = levels.n_pixels
    return Raw(levels.difference / n, levels.n_equal / n, levels.n_within_one / n)


def _chroma_at(parent: VersionPlanes, placement: Placement, kernel: Kernel, window: Window) -> Plane:
    """(2, h, w) the parent's Cb and Cr in a window of the child."""
    return np.stack([resample(plane, placement, window, kernel) for plane in parent.ycc[1:]])


def _chroma(child: VersionPlanes, window: Window, chroma_at: Callable[[Window], Plane]) -> ChromaEvidence:
    small = _middle(window, _CHROMA_PX, 1)
    stored = np.stack([plane[small.slices] for plane in child.ycc[1:]])
    return measure_chroma(chroma_at(small), stored.astype(np.float32))


def _chroma_bins(child: VersionPlanes, window: Window, chroma_at: Callable[[Window], Plane]) -> BinEvidence:
    """Bins of Cb and Cr together, from the parent's chroma averaged over the child's larger chroma pixels."""
    stored, across, down = child.stored_chroma, *child.image.sampling
    table = child.image.luma_table if child.image.chroma_table is None else child.image.chroma_table
    if stored is None or table is None or window.top_px % (8 * down) or window.left_px % (8 * across):
        return NO_BINS
    small = _middle(window, _CHROMA_PX, 8 * max(across, down))
    if min(small.height_px // down, small.width_px // across) < 8:
        return NO_BINS
    own = Window(small.top_px // down, small.left_px // across, small.height_px // down, small.width_px // across)
    found, expected = [], []
    for lying, plane in zip(chroma_at(small), stored, strict=True):
        expected.append(block_coefficients(_cells(lying, down, across)))
        found.append(block_coefficients(np.rint(plane[own.slices])))
    return QuantisedChild(np.hstack(found), table).compare(np.hstack(expected))


def _cells(plane: Plane, down: int, across: int) -> Plane:
    """Means of cells of so many pixels; a plane's sides are multiples of theirs."""
    if max(down, across) > 2:
        return plane.reshape(plane.shape[0] // down, down, plane.shape[1] // across, across).mean(axis=(1, 3))
    sums = plane if across == 1 else plane[:, ::2] + plane[:, 1::2]
    sums = sums if down == 1 else sums[::2] + sums[1::2]
    return sums / np.float32(down * across)


def _middle(window: Window, most_px: int, grid_px: int) -> Window:
    """The middle of a window, its first pixel and sides on a grid counted from the window's own first pixel."""
    sides = []
    for start, length in ((window.top_px, window.height_px), (window.left_px, window.width_px)):
        side = min(length, most_px) // grid_px * grid_px
        sides.append((start + (length - side) // 2 // grid_px * grid_px, side))
    return Window(sides[0][0], sides[1][0], sides[0][1], sides[1][1])
