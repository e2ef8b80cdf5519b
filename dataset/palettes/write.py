"""Writes a set with shared palettes, as index pictures with tables or as PNG files, and measures its size."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genloss.dataset.labelled import LabelledFiles
from genloss.dataset.palettes.bits import pack
from genloss.dataset.palettes.loader import INDICES, LAYOUT, MANIFEST
from genloss.dataset.palettes.tables import PALETTES, PICTURES, PictureRow, write_tables
from genloss.model.files import open_atomically, write_atomically
from genloss.model.images.reencoding import encode_palette_png

Quantised = Iterator[tuple[NDArray[np.uint8], int]]  # (H, W) indices of a picture, and the number of its palette


@dataclass(frozen=True)
class Sizes:
    """Sizes of a set in bytes.

    Attributes:
        pixels: all pixels at 24 bits.
        files: the source files.
        indices: all pixels at N bits, or all PNG files.
        rest: tables and palettes.
    """

    pixels: int
    files: int
    indices: int
    rest: int

    @property
    def saved(self) -> float:
        """Saved share of the pixels' bytes at 24 bits."""
        return 1 - (self.indices + self.rest) / self.pixels

    @property
    def saved_of_files(self) -> float:
        """Saved share of the source files' bytes; negative if the set is larger."""
        return 1 - (self.indices + self.rest) / self.files


def write_indices(
    out: Path, files: LabelledFiles, bits: int, palettes: Sequence[NDArray[np.uint8]], quantised: Quantised
) -> Sizes:
    """Writes indices.bin and the tables, then the manifest, which marks the set as finished."""
    rows: list[PictureRow] = []
    offset = n_pixels = 0
    with open_atomically(out / INDICES) as stream:
        for path, label, (indices, palette) in zip(files.paths, files.labels, quantised, strict=True):
            name = str(path.relative_to(files.root))
            height, width = indices.shape
            rows.append(PictureRow(name, files.classes[label], height, width, palette, offset))
            offset += stream.write(pack(indices, bits))
            n_pixels += indices.size
    write_tables(out, rows, palettes)
    rest = sum((out / name).stat().st_size for name in (PICTURES, PALETTES))
    sizes = Sizes(3 * n_pixels, _bytes_of(files), offset, rest)
    _write_manifest(out, files, bits, "indices", sizes)
    return sizes


def write_png_files(
    out: Path, files: LabelledFiles, bits: int, palettes: Sequence[NDArray[np.uint8]], quantised: Quantised
) -> Sizes:
    """Writes a PNG file for each picture, in the folders of the source."""
    taken: set[Path] = set()
    n_bytes = n_pixels = 0
    for path, (indices, palette) in zip(files.paths, quantised, strict=True):
        relative = path.relative_to(files.root)
        name = relative.with_suffix(".png")
        if name in taken:
            name = relative.with_name(f"{relative.name}.png")
        taken.add(name)
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        data = encode_palette_png(indices, palettes[palette])
        write_atomically(out / name, data)
        n_bytes += len(data)
        n_pixels += indices.size
    sizes = Sizes(3 * n_pixels, _bytes_of(files), n_bytes, 0)
    _write_manifest(out, files, bits, "png", sizes)
    return sizes


def _write_manifest(out: Path, files: LabelledFiles, bits: int, form: str, sizes: Sizes) -> None:
    manifest = {
        "layout": LAYOUT, "form": form, "bits": bits, "classes": files.classes, "n_pictures": len(files.paths),
        "bytes": asdict(sizes), "unreadable": files.unreadable,
    }  # fmt: skip
    write_atomically(out / MANIFEST, json.dumps(manifest, indent=1).encode("utf-8", "backslashreplace"))


def _bytes_of(files: LabelledFiles) -> int:
    return sum(path.stat().st_size for path in files.paths)
