"""The innermost loops of the measurements: Python that Cython compiles (build.py), and that runs as it is where it is not.

Import them from compiled.py. Sums are of whole numbers, or of real numbers in the order written here: they are the same on
every processor, compiled or not. uncompiled.py says what Cython's words mean as Python, views.py what the types are.
"""

from pathlib import Path
from zlib import crc32

SOURCES = (
    "_kernels.pyx", "blocks.py", "codes.py", "colours.py", "derivations.py", "filters.py", "lattices.py", "levels.py",
    "lines.py", "warps.py",
)  # fmt: skip


def source_crc() -> int:
    """Checksum of the loops' sources; the compiled modules carry that of the sources they were made from."""
    return crc32(b"".join((Path(__file__).parent / name).read_bytes() for name in SOURCES))
