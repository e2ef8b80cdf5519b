"""Damage in the coded data of a JPEG: codes that no encoder writes, and too few or too many blocks.

libjpeg decodes most wrong data without a warning.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from genloss.model.images.jpeg_scans import Component, Scan, read_scans
from genloss.model.kernels.compiled import chain_codes, walk_band, walk_blocks

# Of a coefficient after dequantisation. Those of eight-bit pixels stay below 1024; encoders that let light and dark edges
# overshoot stay below half as much again, and the means of their blocks below a fifth.
MOST_LEVELS, MOST_MEAN_LEVELS = 1450, 1230
MOST_BLOCKS = 1 << 20  # of a component of a progressive file whose scans are remembered, 64 MiB
MOST_VISITS = 1 << 23  # of blocks, in all scans together: a file may have hundreds
SHORT = 9  # bits of the codes that are looked up first
CHAIN = 12  # bits in which several codes are looked up at once
_PADDING = b"\xff" * 8  # of coded data, as encoders pad
_Walk = Callable[[bytes, int, int], tuple[int, int]]
_Plan = tuple[NDArray[np.uint16], NDArray[np.uint16], NDArray[np.int64], NDArray[np.int64]]


class Damage(NamedTuple):
    """The damaged part of a picture.

    Attributes:
        start: where damage begins, as a share of the height in [0, 1]; None if unknown.
        share: damaged share of the area, in (0, 1]; None if unknown.
        is_filled: whether the damage is a grey area that comes from the missing end of an earlier file.
    """

    start: float | None = None
    share: float | None = None
    is_filled: bool = False


def find_damage(data: bytes) -> Damage | None:
    """Finds damage in the coded data of a JPEG; None if an encoder may have written every code.

    Damage begins at the first wrong code or a little above it. Each interval between restart markers is checked alone.

    Args:
        data: the whole file, which a decoder accepts.
    """
    found: list[Damage] = []
    met: dict[Component, NDArray[np.uint8]] = {}
    n_visits = 0
    try:
        for scan in read_scans(data):
            n_visits += scan.mcus[0] * scan.mcus[1] * sum(scan.blocks)
            if n_visits > MOST_VISITS:
                break
            damage = _damage_of_scan(scan, met)
            if damage is not None:
                found.append(damage)
    except (ArithmeticError, IndexError, KeyError, ValueError):  # headers that say something else than libjpeg made of them
        return None
    return min(found, key=lambda damage: 1.0 if damage.start is None else damage.start) if found else None


def _damage_of_scan(scan: Scan, met: dict[Component, NDArray[np.uint8]]) -> Damage | None:
    """The damage of one scan.

    Args:
        scan: of a file.
        met: (N, 64) of components of a progressive file, the places at which their blocks have coefficients; kept up.
    """
    columns, rows = scan.mcus
    total = columns * rows
    each = scan.restart_mcus or total
    walk = _walk_of_scan(scan, met)
    broken: list[tuple[int, int]] = []  # first MCU, and the one behind the last
    has_surplus = False
    for number, coded in enumerate(_expected_intervals(scan, -(-total // each))):
        start, end = number * each, min(total, (number + 1) * each)
        n_right, n_more = (0, 0) if coded is None else walk(coded, start, end)
        if n_right < end - start:
            broken.append((start + n_right, end))
        elif n_more and scan.restart_mcus:
            broken.append((start, end))
        has_surplus = has_surplus or n_more > 0
    if broken and broken[0][0] // columns < rows - 1:
        return Damage(broken[0][0] // columns / rows, sum(end - start for start, end in broken) / total)
    return Damage() if broken or has_surplus else None  # some blocks too few or too many, but nobody knows where


def _expected_intervals(scan: Scan, n_intervals: int) -> Iterator[bytes | None]:
    """The coded data of every interval there should be; None for those whose restart marker is missing."""
    found: dict[int, bytes | None] = dict.fromkeys(range(n_intervals))
    place = 0
    found[0] = scan.intervals[0]
    for marker, coded in zip(scan.markers, scan.intervals[1:], strict=True):
        place += 1 + (marker - place) % 8
        if place < n_intervals:
            found[place] = coded
    yield from found.values()


def _walk_of_scan(scan: Scan, met: dict[Component, NDArray[np.uint8]]) -> _Walk:
    """How an interval of a scan is walked through.

    Returns:
        A function of the coded data, the first MCU and the MCU behind the last. It gives the number of MCUs before the first
        wrong code, and how many MCUs there are too many.
    """
    if scan.is_progressive and scan.first:
        return _walk_of_band(scan, met)
    n_blocks = sum(scan.blocks)
    if scan.is_progressive and scan.earlier:  # a bit for each block
        return lambda coded, start, end: (min(end - start, 8 * len(coded) // n_blocks), 0)
    plan = _plan(scan)

    def walk(coded: bytes, start: int, end: int) -> tuple[int, int]:
        found = np.zeros(2, np.int64)
        walk_blocks(np.frombuffer(coded + _PADDING, np.uint8), *plan, end - start, found)
        if found[1] and coded.endswith(b"\0"):  # zeros are blocks where tables are made to measure
            walk_blocks(np.frombuffer(coded.rstrip(b"\0") + _PADDING, np.uint8), *plan, end - start, found)
        return int(found[0]), int(found[1])

    return walk


def _walk_of_band(scan: Scan, met: dict[Component, NDArray[np.uint8]]) -> _Walk:
    """As _walk_of_scan, for a band of coefficients of a progressive file.

    Raises:
        ValueError: there is no such band, or it is of several components. Decoders refuse such files.
    """
    if len(scan.components) != 1 or not scan.first <= scan.last <= 63:
        raise ValueError(f"a band of coefficients {scan.first} to {scan.last} of {len(scan.components)} components")
    component, _, ac = scan.components[0]
    n_blocks = component.n_columns * component.n_rows
    if n_blocks > MOST_BLOCKS:
        return lambda coded, start, end: (end - start, 0)
    if component not in met:
        met[component] = np.zeros((n_blocks, 64), np.uint8)
    places, limits, table = met[component], _limits(component.steps, scan.bits)[None], _lookup(ac)[None]

    def walk(coded: bytes, start: int, end: int) -> tuple[int, int]:
        bits = np.frombuffer(coded + _PADDING, np.uint8)
        wrong = walk_band(bits, table, limits, scan.first, scan.last, scan.earlier > 0, places, start, end)
        return wrong - start, 0

    return walk


def _plan(scan: Scan) -> _Plan:
    """Tables, chains, blocks of an MCU and limits, as walk_blocks takes them."""
    coded = tuple((component.steps, dc, ac) for component, dc, ac in scan.components)
    return _plan_of(coded, scan.blocks, scan.bits, scan.is_progressive)


@lru_cache(maxsize=16)  # files of one program have the same tables
def _plan_of(
    coded: tuple[tuple[tuple[int, ...], bytes, bytes], ...], blocks: tuple[int, ...], bits: int, is_progressive: bool
) -> _Plan:
    """The same of what files share.

    Args:
        coded: of each component its quantisation steps in zigzag order, and its tables of DC and AC codes.
        blocks, bits, is_progressive: of the scan.
    """
    tables: dict[bytes, int] = {}
    plan = []
    for number, ((_, dc, ac), n_blocks) in enumerate(zip(coded, blocks, strict=True)):
        places = tables.setdefault(dc, len(tables)), -1 if is_progressive else tables.setdefault(ac, len(tables))
        plan += [(number, *places)] * n_blocks
    limits = np.stack([_limits(steps, bits) for steps, _, _ in coded])
    most = dict.fromkeys(range(len(tables)), -1)
    for number, _, table in plan:
        if table >= 0:
            least = int(limits[number, 1:].min())
            most[table] = least if most[table] < 0 else min(most[table], least)
    return *_lookups(tuple(tables), tuple(most.values())), np.array(plan, np.int64), limits


@lru_cache(maxsize=64)
def _limits(steps: tuple[int, ...], bits: int) -> NDArray[np.int64]:
    """(64,) the largest DC, and the bits of the largest coefficient at each place, as an encoder rounds them.

    Args:
        steps: quantisation steps of a component, in zigzag order.
        bits: bit position of the scan (Al).
    """
    coded = np.maximum(1, np.array(steps, np.int64) << bits)
    limits = np.floor(np.log2(np.maximum(1, (2 * MOST_LEVELS + coded) // (2 * coded)))).astype(np.int64) + 1
    limits[0] = (2 * MOST_MEAN_LEVELS + coded[0]) // (2 * coded[0])
    return limits


@lru_cache(maxsize=16)
def _lookups(tables: tuple[bytes, ...], most: tuple[int, ...]) -> tuple[NDArray[np.uint16], NDArray[np.uint16]]:
    """(T, 66048) and (T, 4096) of several tables, as the kernels take them.

    Args:
        tables: BITS and HUFFVAL of each.
        most: most bits of a value in a chain; -1 for a table of DC.
    """
    found = np.stack([_lookup(table) for table in tables])
    chains = np.zeros((len(tables), 1 << CHAIN), np.uint16)
    chain_codes(found, np.array(most, np.int64), chains)
    return found, chains


@lru_cache(maxsize=16)
def _lookup(table: bytes) -> NDArray[np.uint16]:
    """(66048,) as the kernels take it: for the next 9 bits, then for the next 16.

    Args:
        table: BITS and HUFFVAL (ITU-T T.81, B.2.4.2).

    Raises:
        ValueError: there are more codes than bits can tell apart, or fewer symbols than codes.
    """
    lengths = np.repeat(np.arange(1, 17), list(table[:16]))
    symbols = np.frombuffer(table[16 : 16 + len(lengths)], np.uint8).astype(np.int64)
    entries = np.repeat((symbols << 5 | lengths).astype(np.uint16), 1 << (16 - lengths))
    if len(entries) > 1 << 16:
        raise ValueError("more codes than bits can tell apart")
    found = np.zeros((1 << SHORT) + (1 << 16), np.uint16)
    found[1 << SHORT :][: len(entries)] = entries
    found[: 1 << SHORT] = found[1 << SHORT :: 1 << (16 - SHORT)]
    found[: 1 << SHORT][found[: 1 << SHORT] & 31 > SHORT] = 0
    return found
