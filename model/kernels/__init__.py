"""The innermost loops of the measurements, in the part of Python that numba compiles; build.py does, once.

Nothing here is run as Python but by the tests, which hold what was compiled to it. Sums are of whole numbers, or of real
numbers in the order written here: they are the same on every processor.

Each module names its functions' arguments for numba in SIGNATURES: u1 is uint8, u2 uint16, i4 int32, i8 int64,
f4 float32, f8 float64, b1 a truth value, and the colons are the dimensions of an array in C order.
"""

from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Counts = NDArray[np.uint16]
Whole = NDArray[np.int64]
Real = NDArray[np.float32]


SOURCES = ("blocks.py", "codes.py", "colours.py", "derivations.py", "lattices.py", "levels.py", "lines.py", "warps.py")


def source_crc() -> int:
    """Checksum of the loops' sources; the compiled module carries that of the sources it was made from."""
    return crc32(b"".join((Path(__file__).parent / name).read_bytes() for name in SOURCES))
