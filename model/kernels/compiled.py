"""The loops in the fastest form that runs here: compiled for AVX2, compiled for any processor, or as they are written.

Compiled ones raise ValueError or TypeError for arrays of another kind than their sources name.
"""

import multiprocessing
import warnings
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any, TypeVar

from genloss.model.kernels import blocks, codes, colours, derivations, filters, lattices, levels, lines, source_crc, warps

Kernel = TypeVar("Kernel", bound=Callable[..., Any])
_REMEDY = "install a wheel of genloss, or run ./setup.sh where there is a C compiler"


def load(names: tuple[str, ...] = ("_kernels", "_kernels_avx2")) -> ModuleType | None:
    """The compiled module that suits this processor best; None, with a warning, where there is none.

    Args:
        names: of the module for any processor and of that for AVX2.
    """
    try:
        found = import_module(f"{__package__}.{names[0]}")
    except ImportError as error:
        _warn(f"they are not compiled here ({error})")
        return None
    if found.source_crc() != source_crc():
        _warn(f"{found.__file__} was compiled from other sources")
        return None
    if found.has_avx2():
        try:
            faster = import_module(f"{__package__}.{names[1]}")
        except ImportError:  # it was built for another processor
            return found
        if faster.source_crc() == source_crc():
            return faster
    return found


def _warn(reason: str) -> None:
    if multiprocessing.parent_process() is None:  # once, not in every worker
        warnings.warn(
            f"genloss's measurements run as plain Python, with the same results but far slower: {reason}; {_REMEDY}",
            RuntimeWarning,
            stacklevel=3,
        )


_MODULE = load()
IS_COMPILED = _MODULE is not None


def has_avx2() -> bool:
    """Whether the form for AVX2 suits this processor."""
    return _MODULE is not None and _MODULE.has_avx2()


def _fastest(source: Kernel) -> Kernel:
    return getattr(_MODULE, source.__name__, source)


add_energies = _fastest(blocks.add_energies)
add_filter_equations = _fastest(filters.add_filter_equations)
add_normal_equations = _fastest(warps.add_normal_equations)
add_power = _fastest(lines.add_power)
add_steps = _fastest(lines.add_steps)
apply_curve = _fastest(derivations.apply_curve)
compare_levels = _fastest(derivations.compare_levels)
count_coefficients = _fastest(lattices.count_coefficients)
count_distances = _fastest(derivations.count_distances)
count_fine_structure = _fastest(levels.count_fine_structure)
count_flat_lines = _fastest(levels.count_flat_lines)
count_levels = _fastest(levels.count_levels)
count_multiples = _fastest(blocks.count_multiples)
count_on_grids = _fastest(lattices.count_on_grids)
count_runs = _fastest(colours.count_runs)
cut_windows = _fastest(lines.cut_windows)
find_ranks = _fastest(derivations.find_ranks)
measure_blocks = _fastest(filters.measure_blocks)
pick_pixels = _fastest(colours.pick_pixels)
pick_squares = _fastest(colours.pick_squares)
resample_lines = _fastest(warps.resample_lines)
split_chroma = _fastest(colours.split_chroma)
take_and_rank = _fastest(blocks.take_and_rank)
to_rgb = _fastest(colours.to_rgb)
transform = _fastest(blocks.transform)
transform_at = _fastest(blocks.transform_at)
walk_band = _fastest(codes.walk_band)
walk_blocks = _fastest(codes.walk_blocks)
weigh = _fastest(blocks.weigh)
