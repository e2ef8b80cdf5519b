"""Encodes pictures with libwebp's lossy encoder, and reads how coarsely a lossy WebP is quantised."""

import io
import math
import struct

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Quantisers = tuple[int, ...]

_MAX_CHUNKS = 64
_STEEPEST, _FLATTEST = 0.5, 1.5  # of the exponents of segments
_USUAL_EXPONENT = 1.4465  # the most that libwebp uses


class _Bits:
    """The arithmetic decoder of VP8 for bits that are as often 0 as 1 (RFC 6386, 7.3)."""

    def __init__(self, data: bytes) -> None:
        self._data, self._position = data, 2
        self._value, self._range, self._n_shifted = int.from_bytes(data[:2], "big"), 255, 0

    def flag(self) -> bool:
        split = 1 + ((self._range - 1) * 128 >> 8)
        found = self._value >= split << 8
        if found:
            self._range -= split
            self._value -= split << 8
        else:
            self._range = split
        while self._range < 128:
            self._value <<= 1
            self._range <<= 1
            self._n_shifted += 1
            if self._n_shifted == 8:
                self._n_shifted = 0
                self._value |= self._data[self._position] if self._position < len(self._data) else 0
                self._position += 1
        return found

    def number(self, n_bits: int) -> int:
        found = 0
        for _ in range(n_bits):
            found = found * 2 + self.flag()
        return found

    def signed(self, n_bits: int) -> int:
        """0 where a flag says that nothing follows."""
        if not self.flag():
            return 0
        size = self.number(n_bits)
        return -size if self.flag() else size


def coded_frame(data: bytes) -> bytes | None:
    """The coded frame of a still lossy WebP, without metadata; None for other files."""
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        return None
    position = 12
    for _ in range(_MAX_CHUNKS):
        if position + 8 > len(data):
            return None
        kind, length = struct.unpack_from("<4sI", data, position)
        if kind in (b"ALPH", b"VP8L", b"ANMF"):
            return None
        if kind == b"VP8 ":
            return data[position + 8 : position + 8 + length]
        position += 8 + length + (length & 1)
    return None


def read_quantisers(frame: bytes) -> Quantisers | None:
    """Quantiser index, 0 to 127, of each of the four segments, or one index for all; None for a damaged frame.

    Source: RFC 6386, 9.2 to 9.6.
    """
    if len(frame) < 12 or frame[3:6] != b"\x9d\x01\x2a" or frame[0] & 1:
        return None
    bits = _Bits(frame[10:110])
    bits.number(2)  # colour space, clamping
    segments: list[int] | None = None
    absolute = True
    if bits.flag():
        has_map = bits.flag()
        if bits.flag():
            absolute = bits.flag()
            segments = [bits.signed(7) for _ in range(4)]
            for _ in range(4):
                bits.signed(6)  # loop filter
        if has_map:
            for _ in range(3):
                if bits.flag():
                    bits.number(8)
    bits.number(1 + 6 + 3)  # loop filter: kind, level, sharpness
    if bits.flag() and bits.flag():
        for _ in range(8):
            bits.signed(6)
    bits.number(2)  # partitions
    base = bits.number(7)
    if segments is None:
        return (base,)
    return tuple(one if absolute else base + one for one in segments)


def encode_frame(rgb: NDArray[np.uint8], quality: float, method: int = 4) -> bytes:
    """Encodes a picture as lossy WebP and returns the coded frame.

    Args:
        rgb: (H, W, 3).
        quality: 0 to 100.
        method: 0 to 6, the effort of the encoder.
    """
    stream = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(rgb)).save(stream, "WEBP", quality=quality, method=method)
    frame = coded_frame(stream.getvalue())
    assert frame is not None
    return frame


def decode_frame(frame: bytes) -> NDArray[np.uint8]:
    """Decodes a coded frame; (H, W, 3)."""
    padded = frame + b"\0" * (len(frame) & 1)
    data = b"RIFF" + struct.pack("<I", 12 + len(padded)) + b"WEBPVP8 " + struct.pack("<I", len(frame)) + padded
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGB"))


def estimate_webp_quality(quantisers: Quantisers, probe: tuple[int, Quantisers] | None = None) -> int:
    """The quality in [0, 100] that gives these quantisers.

    libwebp quantises busy segments more coarsely than calm ones: 1 - index / 127 is the picture's compression raised to an
    exponent that depends only on the segment. A probe with known quality gives the exponents.

    Args:
        quantisers: quantiser indices of the file.
        probe: a quality, and the quantiser indices that it gives for the same picture.

    Source: libwebp, src/enc/quant_enc.c, QualityToCompression and VP8SetSegmentParams.
    """
    if not any(quantisers):
        return 100
    exponents = [1.0 if len(quantisers) == 1 else _USUAL_EXPONENT]  # of the first, the busiest segment
    if probe is not None and len(probe[1]) == len(quantisers):
        exponents = _exponents(*probe)
    logs = [_log_fineness(index) / exponent for index, exponent in zip(quantisers, exponents, strict=False)]
    linear = math.exp(sum(logs) / len(logs)) ** 3
    return round(100 * min(1.0, max(0.0, linear * 1.5 if linear < 0.5 else (linear + 1) / 2)))


def expected_quantisers(quality: int, probe: tuple[int, Quantisers]) -> Quantisers:
    """Quantiser indices for another quality, exact to about 1, from a quality and the indices that it gives."""
    own = math.log(max(_compression(quality), 1e-3))
    return tuple(min(127, max(0, int(127 * (1 - math.exp(own * exponent))))) for exponent in _exponents(*probe))


def _exponents(quality: int, quantisers: Quantisers) -> list[float]:
    if not 0 < quality < 100:
        return [1.0] * len(quantisers)
    own = math.log(_compression(quality))
    return [min(_FLATTEST, max(_STEEPEST, _log_fineness(index) / own)) for index in quantisers]


def _log_fineness(index: int) -> float:
    return math.log(1 - min(index + 0.5, 126) / 127)  # indices are rounded down


def _compression(quality: int) -> float:
    share = quality / 100
    linear = share * 2 / 3 if share < 0.75 else 2 * share - 1
    return linear ** (1 / 3)
