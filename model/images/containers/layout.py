"""What a container announces about its picture. The reader of each format fills it in."""

from dataclasses import dataclass

MAX_STEPS = 25_000  # what looking at one file may cost; about a fifth of a microsecond each


@dataclass
class Layout:
    """Structure of a file; fields are 0 or None if a damaged file does not say.

    Attributes:
        width_px: width of the largest picture announced; None if only the codec can tell.
        height_px: its height, likewise.
        n_frames: number of frames; 1 for formats whose frames are not counted.
        n_scans: number of scans of a JPEG.
        n_steps: number of pieces read, weighted by cost; reading stops above MAX_STEPS.
        metadata_bytes: size of everything but pixels; for EXIF and TIFF, the bytes that a reader of all entries would copy.
        missing_bytes: bytes that the pixels need at least, beyond the end of the file.
        is_closed: whether a GIF's trailer was met.
    """

    width_px: int | None = None
    height_px: int | None = None
    n_frames: int = 1
    n_scans: int = 0
    n_steps: int = 0
    metadata_bytes: int = 0
    missing_bytes: int = 0
    is_closed: bool = False

    def announce(self, width_px: int, height_px: int) -> None:
        """Keeps a size if it is the largest so far."""
        if self.width_px is None or self.height_px is None or width_px * height_px > self.width_px * self.height_px:
            self.width_px, self.height_px = width_px, height_px
