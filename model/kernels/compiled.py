"""The loops in the fastest form that runs here: compiled for AVX2, compiled for any processor, or uncompiled.

Compiled loops raise ValueError or TypeError for arrays of another type than their sources declare.
"""

import warnings
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from genloss.model.kernels import source_crc

__all__ = (
    "add_energies", "add_filter_equations", "add_normal_equations", "add_power", "add_steps", "apply_curve",
    "chain_codes", "compare_levels", "count_coefficients", "count_distances", "count_fine_structure",
    "count_flat_lines", "count_levels", "count_multiples", "count_on_grids", "count_runs", "cut_windows",
    "find_ranks", "lay_over_white", "measure_blocks", "pick_pixels", "pick_squares", "resample_lines", "split_chroma",
    "take_and_rank", "to_luma", "to_rgb", "transform", "transform_at", "undo_filters", "walk_band",
    "walk_blocks", "weigh",
)  # fmt: skip
_REMEDY = "install a wheel of genloss, or run ./setup.sh where there is a C compiler"


def load(names: tuple[str, ...] = ("_kernels", "_kernels_avx2")) -> ModuleType | None:
    """The best compiled module for this processor; None, with a warning, if there is none.

    Args:
        names: of the module for any processor, and of the module for AVX2.
    """
    try:
        found = import_module(f"{__package__}.{names[0]}")
    except ImportError as error:
        _warn(f"they are not compiled here ({error})")
        return None
    crc = source_crc()
    if found.source_crc() != crc:
        _warn(f"{found.__file__} was compiled from other sources")
        return None
    if found.has_avx2():
        try:
            faster = import_module(f"{__package__}.{names[1]}")
        except ImportError:  # it was built for another processor
            return found
        if faster.source_crc() == crc:
            return faster
    return found


def _warn(reason: str) -> None:
    import multiprocessing  # takes two milliseconds to load, for nothing where the loops are compiled

    if multiprocessing.parent_process() is None:  # once, not in every worker
        warnings.warn(
            f"genloss's measurements run as plain Python, with the same results but far slower: {reason}; {_REMEDY}",
            RuntimeWarning,
            stacklevel=3,
        )


_MODULE = load()
IS_COMPILED = _MODULE is not None


def has_avx2() -> bool:
    """Whether this processor has AVX2; always False if the loops are not compiled."""
    return _MODULE is not None and _MODULE.has_avx2()


if TYPE_CHECKING or _MODULE is None:  # the compiled loops have the same types
    from genloss.model.kernels.blocks import add_energies, count_multiples, take_and_rank, transform, transform_at, weigh
    from genloss.model.kernels.codes import chain_codes, walk_band, walk_blocks
    from genloss.model.kernels.colours import (
        count_runs,
        lay_over_white,
        pick_pixels,
        pick_squares,
        split_chroma,
        to_luma,
        to_rgb,
    )
    from genloss.model.kernels.derivations import apply_curve, compare_levels, count_distances, find_ranks
    from genloss.model.kernels.filters import add_filter_equations, measure_blocks
    from genloss.model.kernels.lattices import count_coefficients, count_on_grids
    from genloss.model.kernels.levels import count_fine_structure, count_flat_lines, count_levels
    from genloss.model.kernels.lines import add_power, add_steps, cut_windows
    from genloss.model.kernels.scanlines import undo_filters
    from genloss.model.kernels.warps import add_normal_equations, resample_lines
else:
    globals().update({name: getattr(_MODULE, name) for name in __all__})
