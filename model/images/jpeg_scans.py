"""The scans of a JPEG: frame header, tables and coded data."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from genloss.model.images.containers.jpeg import end_of_scan

BASELINE, PROGRESSIVE = (0xC0, 0xC1), (0xC2,)  # with Huffman codes
_LEAST_BYTES = 4
_RESTART = re.compile(rb"\xff([\xd0-\xd7])")
_STUFFED = re.compile(rb"\xff\0")  # three times as fast as bytes.replace


class Component(NamedTuple):
    """A component of the frame: identifier, sampling factors, quantisation steps in zigzag order, and size in blocks."""

    name: int
    across: int
    down: int
    steps: tuple[int, ...]
    n_columns: int
    n_rows: int


class Scan(NamedTuple):
    """A scan and its coded data.

    Attributes:
        components: components of the scan, each with its tables of DC and AC codes (BITS and HUFFVAL).
        first: first coefficient of the band, in zigzag order (Ss).
        last: last coefficient of the band (Se).
        earlier: bit position of the scan before (Ah); 0 for sequential files.
        bits: bit position of this scan (Al); 0 for sequential files.
        intervals: coded data between restart markers, without byte stuffing.
        markers: number of the restart marker before each interval but the first.
        restart_mcus: MCUs in an interval; 0 if there are no restart markers.
        is_progressive: whether the frame is progressive.
        width_px: width of the frame.
        height_px: height of the frame.
        max_across: largest horizontal sampling factor of the frame.
        max_down: largest vertical sampling factor.
    """

    components: tuple[tuple[Component, bytes, bytes], ...]
    first: int
    last: int
    earlier: int
    bits: int
    intervals: tuple[bytes, ...]
    markers: tuple[int, ...]
    restart_mcus: int
    is_progressive: bool
    width_px: int
    height_px: int
    max_across: int
    max_down: int

    @property
    def blocks(self) -> tuple[int, ...]:
        """Of each component in an MCU."""
        if len(self.components) == 1:
            return (1,)
        return tuple(component.across * component.down for component, _, _ in self.components)

    @property
    def mcus(self) -> tuple[int, int]:
        """MCUs in a row, and rows (ITU-T T.81, A.2)."""
        if len(self.components) == 1:
            only = self.components[0][0]
            return only.n_columns, only.n_rows
        return -(-self.width_px // (8 * self.max_across)), -(-self.height_px // (8 * self.max_down))


class _State:
    """Tables in force while segments are read."""

    def __init__(self) -> None:
        self.steps: dict[int, tuple[int, ...]] = {}
        self.codes: dict[int, bytes] = {}
        self.frame: dict[int, tuple[int, int, int]] = {}  # factors and number of the steps
        self.size = (0, 0)
        self.kind = 0
        self.restart_mcus = 0


def read_scans(data: bytes) -> Iterator[Scan]:
    """Scans in file order; none if the frame is damaged or of an unsupported kind.

    Args:
        data: the whole file.

    Raises:
        IndexError: a segment is too short, or names what does not exist.
        KeyError: a segment names a component or table that does not exist.
    """
    state, position = _State(), 2
    while position + _LEAST_BYTES <= len(data) and data[position] == 0xFF:
        marker = data[position + 1]
        if marker == 0xD9:
            return
        if marker in (0x00, 0x01, 0xFF) or 0xD0 <= marker <= 0xD8:
            position += 1 if marker == 0xFF else 2
            continue
        length = int.from_bytes(data[position + 2 : position + 4])
        body = data[position + 4 : position + 2 + length]
        position += 2 + length
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            if marker not in (*BASELINE, *PROGRESSIVE) or body[0] != 8:
                return
            state.kind, state.size = marker, (int.from_bytes(body[3:5]), int.from_bytes(body[1:3]))
            for one in range(body[5]):
                name, factors, steps = body[6 + 3 * one : 9 + 3 * one]
                state.frame[name] = factors >> 4, factors & 15, steps
        elif marker == 0xDA:
            end = end_of_scan(data, position)
            yield _scan(state, body, data[position:end])
            position = end
        else:
            _read_tables(state, marker, body)


def _read_tables(state: _State, marker: int, body: bytes) -> None:
    position = 0
    if marker == 0xDD:
        state.restart_mcus = int.from_bytes(body[:2])
    elif marker == 0xDB:
        while position < len(body):
            size, name = 1 + (body[position] >> 4), body[position] & 15
            values = body[position + 1 : position + 1 + 64 * size]
            state.steps[name] = tuple(int.from_bytes(values[size * one : size * one + size]) for one in range(64))
            position += 1 + 64 * size
    elif marker == 0xC4:
        while position < len(body):
            n_codes = sum(body[position + 1 : position + 17])
            state.codes[body[position]] = body[position + 1 : position + 17 + n_codes]
            position += 17 + n_codes


def _scan(state: _State, body: bytes, coded: bytes) -> Scan:
    width, height = state.size
    max_across = max(across for across, _, _ in state.frame.values())
    max_down = max(down for _, down, _ in state.frame.values())
    components = []
    for one in range(body[0]):
        name, codes = body[1 + 2 * one : 3 + 2 * one]
        across, down, steps = state.frame[name]
        columns, rows = -(-(width * across) // (8 * max_across)), -(-(height * down) // (8 * max_down))
        component = Component(name, across, down, state.steps[steps], columns, rows)
        components.append((component, state.codes.get(codes >> 4, b""), state.codes.get(16 | codes & 15, b"")))
    first, last, bits = body[1 + 2 * body[0] : 4 + 2 * body[0]]
    parts = _RESTART.split(coded) if state.restart_mcus else [coded]
    parts[:-1:2] = [part.rstrip(b"\xff") for part in parts[:-1:2]]  # a marker may begin with several
    intervals = tuple(_STUFFED.sub(b"\xff", part) if b"\xff" in part else part for part in parts[::2])
    return Scan(
        tuple(components), first, last, bits >> 4, bits & 15, intervals, tuple(part[0] & 7 for part in parts[1::2]),
        state.restart_mcus, state.kind in PROGRESSIVE, width, height, max_across, max_down,
    )  # fmt: skip
