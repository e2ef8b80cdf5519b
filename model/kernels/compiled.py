"""The loops, compiled. They would take any memory for what they were compiled for: checked here."""

import re
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from genloss.model.kernels import blocks, codes, colours, derivations, lattices, levels, lines, source_crc, warps

Kernel = TypeVar("Kernel", bound=Callable[..., Any])
SIGNATURES = (
    blocks.SIGNATURES
    | codes.SIGNATURES
    | colours.SIGNATURES
    | derivations.SIGNATURES
    | lattices.SIGNATURES
    | levels.SIGNATURES
    | lines.SIGNATURES
    | warps.SIGNATURES
)
_DTYPES = {"u1": np.uint8, "u2": np.uint16, "i4": np.int32, "i8": np.int64, "f4": np.float32, "f8": np.float64}
_REMEDY = "run ./setup.sh, or install genloss again where there is a C compiler"

try:
    from genloss.model.kernels import _kernels
except ImportError as error:
    raise ImportError(f"genloss's measurements are not compiled here ({error}): {_REMEDY}") from error
if _kernels.source_crc() != source_crc():
    raise ImportError(f"{_kernels.__file__} was compiled from other sources than these: {_REMEDY}")


def _compiled(source: Kernel) -> Kernel:
    """The compiled function, with a TypeError for arrays that it would misread."""
    signature = SIGNATURES[source]
    function = getattr(_kernels, source.__name__)
    kinds = [
        (np.dtype(_DTYPES[dtype]), shape.count(",") + 1) if shape else None
        for dtype, shape in re.findall(r"(\w\d)(\[[:,1]+\])?", signature.partition("(")[2])
    ]

    def call(*arguments: Any) -> Any:
        for argument, kind in zip(arguments, kinds, strict=True):
            if kind and (argument.dtype != kind[0] or argument.ndim != kind[1] or not argument.flags.c_contiguous):
                raise TypeError(
                    f"{source.__name__}, {signature}: {argument.dtype} of {argument.shape} or its strides do not fit"
                )
        return function(*arguments)

    return call  # type: ignore[return-value]


add_energies = _compiled(blocks.add_energies)
add_filter_equations = _compiled(derivations.add_filter_equations)
add_normal_equations = _compiled(warps.add_normal_equations)
add_power = _compiled(lines.add_power)
add_steps = _compiled(lines.add_steps)
apply_curve = _compiled(derivations.apply_curve)
compare_levels = _compiled(derivations.compare_levels)
count_coefficients = _compiled(lattices.count_coefficients)
count_distances = _compiled(derivations.count_distances)
count_fine_structure = _compiled(levels.count_fine_structure)
count_flat_lines = _compiled(levels.count_flat_lines)
count_levels = _compiled(levels.count_levels)
count_multiples = _compiled(blocks.count_multiples)
count_on_grids = _compiled(lattices.count_on_grids)
count_runs = _compiled(colours.count_runs)
cut_windows = _compiled(lines.cut_windows)
find_ranks = _compiled(derivations.find_ranks)
measure_blocks = _compiled(derivations.measure_blocks)
pick_pixels = _compiled(colours.pick_pixels)
pick_squares = _compiled(colours.pick_squares)
resample_lines = _compiled(warps.resample_lines)
split_chroma = _compiled(colours.split_chroma)
take_and_rank = _compiled(blocks.take_and_rank)
to_rgb = _compiled(colours.to_rgb)
transform = _compiled(blocks.transform)
transform_at = _compiled(blocks.transform_at)
walk_band = _compiled(codes.walk_band)
walk_blocks = _compiled(codes.walk_blocks)
weigh = _compiled(blocks.weigh)
