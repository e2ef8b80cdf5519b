"""Thumbnails of whole chains. ImageMagick makes them, in child processes."""

from dataclasses import dataclass
from pathlib import Path

from genloss.datagen.ledger import ChainRecord
from genloss.datagen.magick import open_image, thumbnail
from genloss.model.errors import RecipeError
from genloss.model.parallel import Failure, run_in_processes

SIDE_PX = 150
_DEADLINE_SECONDS = 30.0


@dataclass(frozen=True)
class ChainPictures:
    """A chain and a small JPEG of each version; empty bytes if a version could not be drawn."""

    record: ChainRecord
    thumbnails: tuple[bytes, ...]


def draw_contact_sheet(out: Path, records: list[ChainRecord], n_workers: int) -> list[ChainPictures]:
    """Draws thumbnails of these chains, in order."""
    by_chain = {}
    for record, made in run_in_processes(_thumbnails, out, records, n_workers, _DEADLINE_SECONDS):
        by_chain[record.chain] = (b"",) * len(record.versions) if isinstance(made, Failure) else made
    return [ChainPictures(record, by_chain[record.chain]) for record in records]


def _thumbnails(out: Path, record: ChainRecord) -> tuple[bytes, ...]:
    return tuple(_thumbnail(out / version["path"], version["image_format"]) for version in record.versions)


def _thumbnail(path: Path, image_format: str) -> bytes:
    try:
        with open_image(path.read_bytes(), image_format) as image:
            return thumbnail(image, SIDE_PX)
    except (OSError, RecipeError):
        return b""
