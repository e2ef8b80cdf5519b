"""How coarsely an AV1 picture is coded: its sequence header, and its first frame header up to the quantiser."""

from dataclasses import dataclass, field

from genloss.model.images.containers.av1 import SEQUENCE_HEADER, open_units

_FRAME_HEADER, _FRAME = 3, 6
_HEADER_BYTES = 256
_SELECT = 2  # AV1, 3: SELECT_SCREEN_CONTENT_TOOLS, SELECT_INTEGER_MV
_BT_709, _SRGB, IDENTITY, _UNSPECIFIED = 1, 13, 0, 2
_MOST_TILE_PX, _MOST_TILE_AREA_PX, _MOST_TILES = 4096, 4096 * 2304, 64


class UnusualHeaderError(Exception):
    """A header is truncated, or uses a feature that no encoder of still pictures writes."""


@dataclass(frozen=True)
class Coding:
    """How a picture is coded.

    Attributes:
        lossless: whether all coefficients are stored exactly (AV1, 7.12.2: CodedLossless).
        monochrome: whether there are no chroma planes.
        matrix: matrix coefficients (ITU-T H.273, table 4), 0 for RGB and 2 if unspecified.
        full_range: whether all 256 values of a sample are used.
        profile: 0 for 4:2:0, 1 for 4:4:4, 2 for 4:2:2 or twelve bits (AV1, A.2).
        quantiser: index of the steps, 0 to 255.
        quantiser_matrices: numbers of the quantiser matrices, as they are stored; None without matrices.
        may_restore: whether the filter that restores pictures after decoding may be used. Two codings that differ only in
            this are equal.
    """

    lossless: bool
    monochrome: bool
    matrix: int
    full_range: bool
    profile: int
    quantiser: int
    quantiser_matrices: int | None
    may_restore: bool = field(compare=False)


@dataclass(frozen=True)
class _Sequence:
    profile: int
    reduced: bool
    width_px: int
    height_px: int
    size_bits: tuple[int, int]
    frame_id_bits: int
    superblock_px: int
    screen_content: int
    integer_motion: int
    order_bits: int
    superres: bool
    may_restore: bool
    monochrome: bool
    matrix: int
    full_range: bool
    separate_deltas: bool


def read_coding(data: bytes, start: int, end: int) -> Coding:
    """The coding of the first frame of an item.

    Raises:
        UnusualHeaderError: the headers do not say.
        IndexError: the units are cut off.
    """
    sequence = None
    for kind, body, body_end in open_units(data, start, end):
        bits = _Bits(data[body : min(body_end, body + _HEADER_BYTES)])
        if kind == SEQUENCE_HEADER and sequence is None:
            sequence = _read_sequence(bits)
        elif kind in (_FRAME_HEADER, _FRAME) and sequence is not None:
            lossless, quantiser, matrices = _read_quantiser(bits, sequence)
            return Coding(
                lossless, sequence.monochrome, sequence.matrix, sequence.full_range, sequence.profile, quantiser, matrices,
                sequence.may_restore,
            )  # fmt: skip
    raise UnusualHeaderError


class _Bits:
    """Bits of a header, the highest first."""

    def __init__(self, header: bytes) -> None:
        self._value, self._left = int.from_bytes(header), 8 * len(header)

    def take(self, n_bits: int) -> int:
        self._left -= n_bits
        if self._left < 0:
            raise UnusualHeaderError
        return self._value >> self._left & (1 << n_bits) - 1

    def refuse(self) -> None:
        """Takes a flag that has to be 0."""
        if self.take(1):
            raise UnusualHeaderError


def _read_sequence(bits: _Bits) -> _Sequence:
    """AV1, 5.5.1 and 5.5.2."""
    take = bits.take
    profile, _, reduced = take(3), take(1), bool(take(1))
    if reduced:
        take(5)
    else:
        bits.refuse()  # timing information
        display_delay = take(1)
        for _ in range(take(5) + 1):
            take(12)
            if take(5) > 7:
                take(1)
            if display_delay and take(1):
                take(4)
    size_bits = take(4) + 1, take(4) + 1
    width_px, height_px = take(size_bits[0]) + 1, take(size_bits[1]) + 1
    frame_id_bits = 0
    if not reduced and take(1):
        frame_id_bits = take(4) + 2
        frame_id_bits += take(3) + 1
    superblock_px = 128 if take(1) else 64
    take(2)  # filters inside a frame
    screen_content = integer_motion = _SELECT
    order_bits = 0
    if not reduced:
        take(4)  # prediction between frames
        ordered = take(1)
        if ordered:
            take(2)
        if not take(1):
            screen_content = take(1)
        if screen_content and not take(1):
            integer_motion = take(1)
        if ordered:
            order_bits = take(3) + 1
    superres = bool(take(1))
    take(1)  # constrained directional enhancement
    may_restore = bool(take(1))
    monochrome, matrix, full_range, separate_deltas = _read_colours(bits, profile)
    return _Sequence(
        profile, reduced, width_px, height_px, size_bits, frame_id_bits, superblock_px, screen_content, integer_motion,
        order_bits, superres, may_restore, monochrome, matrix, full_range, separate_deltas,
    )  # fmt: skip


def _read_colours(bits: _Bits, profile: int) -> tuple[bool, int, bool, bool]:
    """Monochrome, matrix coefficients, full range, and whether both chroma planes have quantisers of their own."""
    take = bits.take
    deep = take(1)
    twelve = take(1) if profile == 2 and deep else 0
    monochrome = bool(take(1)) if profile != 1 else False
    primaries, transfer, matrix = (take(8), take(8), take(8)) if take(1) else (_UNSPECIFIED,) * 3
    if monochrome:
        return True, matrix, bool(take(1)), False
    if (primaries, transfer, matrix) == (_BT_709, _SRGB, IDENTITY):
        return False, matrix, True, bool(take(1))
    full_range = bool(take(1))
    across = down = profile == 0
    if profile == 2:
        across = bool(take(1)) if twelve else True
        down = bool(take(1)) if twelve and across else False
    if across and down:
        take(2)
    return False, matrix, full_range, bool(take(1))


def _read_quantiser(bits: _Bits, sequence: _Sequence) -> tuple[bool, int, int | None]:
    """Whether nothing is lost, the index of the steps, and the matrices.

    Source: AV1, 5.9.2 up to 5.9.14, for a frame that is decoded by itself and shown.
    """
    take = bits.take
    resized = 0
    if not sequence.reduced:
        bits.refuse()  # a frame shown again
        if take(2) or not take(1):  # not a key frame, or not shown
            raise UnusualHeaderError
    fixed_probabilities = take(1)
    screen_content = take(1) if sequence.screen_content == _SELECT else sequence.screen_content
    if screen_content and sequence.integer_motion == _SELECT:
        take(1)
    take(sequence.frame_id_bits)
    if not sequence.reduced:
        resized = take(1)
    take(sequence.order_bits)
    width_px, height_px = sequence.width_px, sequence.height_px
    if resized:
        width_px, height_px = (take(n_bits) + 1 for n_bits in sequence.size_bits)
    if sequence.superres:
        bits.refuse()  # a frame scaled up after decoding
    if take(1):
        take(32)  # the size to show it at
    if screen_content:
        take(1)
    if not sequence.reduced and not fixed_probabilities:
        take(1)
    _skip_tiles(bits, sequence.superblock_px, width_px, height_px)
    index = take(8)
    deltas = _read_delta(bits)
    if not sequence.monochrome:
        two_planes = take(1) if sequence.separate_deltas else 0
        for _ in range(4 if two_planes else 2):
            deltas |= _read_delta(bits)
    matrices = take(12 if sequence.separate_deltas else 8) if take(1) else None
    segmented = take(1)
    if index == 0 and not deltas and segmented:
        raise UnusualHeaderError  # a segment may have a quantiser of its own
    return index == 0 and not deltas, index, matrices


def _read_delta(bits: _Bits) -> bool:
    """Whether a difference from the quantiser is stored that is not 0 (AV1, 5.9.13)."""
    return bool(bits.take(7)) if bits.take(1) else False


def _skip_tiles(bits: _Bits, superblock_px: int, width_px: int, height_px: int) -> None:
    """AV1, 5.9.15, for tiles of one size."""
    columns, rows = (-(-(-(-side // 8) * 8) // superblock_px) for side in (width_px, height_px))
    least = _log2(_MOST_TILE_PX // superblock_px, columns)
    least_tiles = max(least, _log2(_MOST_TILE_AREA_PX // superblock_px**2, rows * columns))
    if not bits.take(1):
        raise UnusualHeaderError
    n_bits = 0
    for side, lowest in ((columns, least), (rows, None)):
        power = max(0, least_tiles - n_bits) if lowest is None else lowest
        while power < _log2(1, min(side, _MOST_TILES)) and bits.take(1):
            power += 1
        n_bits += power
    if n_bits:
        bits.take(n_bits + 2)


def _log2(block: int, target: int) -> int:
    """Smallest k with block * 2^k >= target."""
    return max(0, -(-target // block) - 1).bit_length()
