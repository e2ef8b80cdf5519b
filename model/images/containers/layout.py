"""What a container announces about its picture; filled by the file of its format."""

from dataclasses import dataclass

MAX_STEPS = 25_000  # what looking at one file may cost; about a fifth of a microsecond each


@dataclass
class Layout:
    """What was found; 0 or None where a damaged file does not say.

    Attributes:
        width_px, height_px: the largest picture announced, None where only the codec can tell.
        n_frames: pictures in the file, 1 for formats or pages that are not looked at.
        n_scans: scans of a JPEG.
        n_steps: pieces that were looked at, by their cost; above MAX_STEPS the reading ended.
        metadata_bytes: all that is not pixels, as stored; for EXIF and TIFF, what its entries would be copied to.
        missing_bytes: how much the file is surely too short for its pixels.
    """

    width_px: int | None = None
    height_px: int | None = None
    n_frames: int = 1
    n_scans: int = 0
    n_steps: int = 0
    metadata_bytes: int = 0
    missing_bytes: int = 0

    def announce(self, width_px: int, height_px: int) -> None:
        """Takes a size if it is the largest so far."""
        if self.width_px is None or self.height_px is None or width_px * height_px > self.width_px * self.height_px:
            self.width_px, self.height_px = width_px, height_px
