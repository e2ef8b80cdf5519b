"""The innermost loops of the measurements: Python that Cython compiles (build.py), and that also runs uncompiled.

Import them from compiled.py. Results are the same on every processor, compiled or not: sums are of whole numbers, or of real
numbers in the order written here. uncompiled.py defines Cython's words as Python, and views.py the types.
"""

from pathlib import Path
from zlib import crc32

SOURCES = (
    "_kernels.pyx", "blocks.py", "codes.py", "colours.py", "derivations.py", "filters.py", "lattices.py", "levels.py",
    "lines.py", "scanlines.py", "warps.py",
)  # fmt: skip


def source_crc() -> int:
    """Checksum of the loops' sources. A compiled module stores the checksum of the sources that it was compiled from."""
    return crc32(b"".join((Path(__file__).parent / name).read_bytes() for name in SOURCES))
