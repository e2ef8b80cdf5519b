"""Kinds of degradation and their levels; imports no other module of genloss."""

from typing import Literal

Kind = Literal["jpeg", "webp", "avif", "palette", "scale"]

# Kind -> unit of the levels, usual levels, and (lowest, highest) level.
LEVELS: dict[Kind, tuple[str, tuple[int, ...], tuple[int, int]]] = {
    "jpeg": ("quality", (100, 50, 20, 10, 5, 3, 1), (1, 100)),
    "webp": ("quality", (100, 50, 20, 10, 5, 3, 1), (1, 100)),
    "avif": ("quality", (100, 50, 20, 10, 5, 3, 1), (1, 100)),
    "palette": ("colours", (256, 64, 32, 16, 8, 4, 2), (2, 256)),
    "scale": ("per cent", (75, 50, 35, 25, 15, 10, 5), (1, 100)),
}
AS_FOUND = 0  # level of unchanged files
SUBSAMPLINGS = ("4:4:4", "4:2:2", "4:2:0")
