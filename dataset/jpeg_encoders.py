"""Finds the encoder family and the quality of a JPEG's quantisation tables."""

from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from genloss.model.images.jpeg_tables import CHROMA_TABLE, LUMA_TABLE

# Place in the 8x8 block of coefficient i of a stored table (ITU-T T.81, figure A.6).
_ZIGZAG = np.array(sorted(range(64), key=lambda at: (sum(divmod(at, 8)), (at // 8) * (-1) ** (sum(divmod(at, 8)) + 1))))
_ROBIDOUX = [
    16, 16, 16, 18, 25, 37, 56, 85, 16, 17, 20, 27, 34, 40, 53, 75, 16, 20, 24, 31, 43, 62, 91, 135,
    18, 27, 31, 40, 53, 74, 106, 156, 25, 34, 43, 53, 69, 94, 131, 189, 37, 40, 62, 74, 94, 124, 169, 238,
    56, 53, 91, 106, 131, 169, 226, 311, 85, 75, 135, 156, 189, 238, 311, 418,
]  # fmt: skip
_MS_SSIM = [
    12, 17, 20, 21, 30, 34, 56, 63, 18, 20, 20, 26, 28, 51, 61, 55, 19, 20, 21, 26, 33, 58, 69, 55,
    26, 26, 26, 30, 46, 87, 86, 66, 31, 33, 36, 40, 46, 96, 100, 73, 40, 35, 46, 62, 81, 100, 111, 91,
    46, 66, 76, 86, 102, 121, 120, 101, 68, 90, 90, 96, 113, 102, 105, 103,
]  # fmt: skip
_PSNR_HVS = [
    9, 10, 12, 14, 27, 32, 51, 62, 11, 12, 14, 19, 27, 44, 59, 73, 12, 14, 18, 25, 42, 59, 79, 78,
    17, 18, 25, 42, 61, 92, 87, 92, 23, 28, 42, 75, 79, 112, 112, 99, 40, 42, 59, 84, 88, 124, 132, 111,
    42, 64, 78, 95, 105, 126, 125, 99, 70, 75, 100, 102, 116, 100, 107, 98,
]  # fmt: skip
_DETECTION = [
    15, 11, 11, 12, 15, 19, 25, 32, 11, 13, 10, 10, 12, 15, 19, 24, 11, 10, 14, 14, 16, 18, 22, 27,
    12, 10, 14, 18, 21, 24, 28, 33, 15, 12, 16, 21, 26, 31, 36, 42, 19, 15, 18, 24, 31, 38, 45, 53,
    25, 19, 22, 28, 36, 45, 55, 65, 32, 24, 27, 33, 42, 53, 65, 77,
]  # fmt: skip
# mozjpeg's luma tables other than Annex K (mozjpeg, jcparam.c). Quality scales them as in libjpeg.
_MOZJPEG = {"Robidoux": _ROBIDOUX, "MS-SSIM": _MS_SSIM, "PSNR-HVS-M": _PSNR_HVS, "flat": [16] * 64, "detection": _DETECTION}
_LARGEST = {64: 255, 128: 32767}  # bytes of a stored table -> largest step


@dataclass(frozen=True)
class NamedTables:
    """Family and quality of a JPEG's quantisation tables.

    Attributes:
        luma_quality, chroma_quality: in [1, 100]; chroma_quality is None for grey pictures.
        standard: whether all tables equal libjpeg tables.
        family: "libjpeg", "mozjpeg (Robidoux)" and so on; "" for unknown tables.
    """

    luma_quality: int
    chroma_quality: int | None
    standard: bool
    family: str


@lru_cache(maxsize=4096)  # a data set has few different tables
def name_tables(luma: bytes, chroma: bytes | None) -> NamedTables:
    """Quality and family of the tables.

    Args:
        luma, chroma: as in a DQT segment: 64 bytes or 64 big-endian words, in zigzag order. chroma is None for grey.
    """
    luma_quality, chroma_quality = _exact("luma").get(luma), _exact("chroma").get(chroma or b"")
    if luma_quality is not None and chroma == _scaled(CHROMA_TABLE, luma_quality, len(chroma or b"") or 64):
        chroma_quality = luma_quality  # the coarsest qualities share a table
    if luma_quality is not None and chroma is None:
        return NamedTables(luma_quality, None, True, "libjpeg")
    if luma_quality is not None and chroma_quality is not None:
        family = "libjpeg" if luma_quality == chroma_quality else "libjpeg, luma and chroma apart"
        return NamedTables(luma_quality, chroma_quality, True, family)
    fitted = luma_quality or _least_squares(luma, LUMA_TABLE)
    fitted_chroma = None if chroma is None else chroma_quality or _least_squares(chroma, CHROMA_TABLE)
    if luma_quality is not None and chroma == luma:
        return NamedTables(luma_quality, fitted_chroma, False, "libjpeg's luma table for all")
    for name in _MOZJPEG:
        if luma in _exact(name):
            # Flat tables are not specific to mozjpeg.
            return NamedTables(fitted, fitted_chroma, False, name if name == "flat" else f"mozjpeg ({name})")
    return NamedTables(fitted, fitted_chroma, False, "")


@cache
def _exact(name: str) -> dict[bytes, int]:
    """Stored table -> quality for one base table; the highest quality if several share a table."""
    base = {"luma": LUMA_TABLE, "chroma": CHROMA_TABLE}.get(name)
    if base is None:
        base = np.array(_MOZJPEG[name]).reshape(8, 8)
    return {_scaled(base, quality, n_bytes): quality for n_bytes in _LARGEST for quality in range(1, 101)}


def _scaled(base: NDArray[np.int_], quality: int, n_bytes: int) -> bytes:
    scale = 5000 // quality if quality < 50 else 200 - 2 * quality
    table = np.clip((base * scale + 50) // 100, 1, _LARGEST[n_bytes])
    return table.ravel()[_ZIGZAG].astype(">u2" if n_bytes == 128 else np.uint8).tobytes()


def _least_squares(table: bytes, base: NDArray[np.int_]) -> int:
    """The quality whose libjpeg table has the least sum of squared differences from `table`."""
    steps = np.frombuffer(table, ">u2" if len(table) == 128 else np.uint8).astype(float)
    return 1 + int(np.argmin(((_libjpeg_tables(base is CHROMA_TABLE) - steps) ** 2).sum(axis=1)))


@cache
def _libjpeg_tables(is_chroma: bool) -> NDArray[np.float64]:
    """(100, 64) steps of qualities 1 to 100, in zigzag order."""
    base = CHROMA_TABLE if is_chroma else LUMA_TABLE
    tables = [np.frombuffer(_scaled(base, quality, 64), np.uint8) for quality in range(1, 101)]
    return np.stack(tables).astype(float)
