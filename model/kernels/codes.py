"""Walks through the Huffman codes of a JPEG to find codes that no encoder writes. See model/kernels/__init__.py.

A table is (512 + 65536,) uint16. The first part is indexed by the next 9 bits, the second by the next 16. An entry is
32 times the symbol plus the length of its code, or 0 without a code of at most that many bits. Eight bytes of ones are
appended to all coded data.

A table of chains is (4096,) uint16, indexed by the next 12 bits. An entry stands for all AC symbols whose codes and values
these bits hold, the value of the last may go beyond them: number of bits, at most 31; plus 32 times the places they fill,
an end of the block counts as one; plus 4096 if they end the block. It is 0 where there is no such symbol.
"""

import numpy as np

from genloss.model.kernels import uncompiled as cython

if not cython.compiled:
    from genloss.model.kernels.views import (
        Bytes1,
        Counts2,
        OutBytes2,
        OutCounts2,
        OutWhole1,
        Whole1,
        Whole2,
        flag,
        i8,
        int32,
        int64,
        word_at,
    )


@cython.ccall
def chain_codes(tables: Counts2, most: Whole1, chains: OutCounts2) -> None:
    """Makes tables of chains.

    Args:
        tables: (T, 66048).
        most: (T,) most bits of a value in a chain; -1 for tables that need no chains.
        chains: (T, 4096), filled for those that do.
    """
    with cython.nogil:
        for table in range(tables.shape[0]):
            for window in range(4096 if most[table] >= 0 else 0):
                at, places, ends = int64(0), int64(0), int64(0)
                while ends == 0 and at < 12:
                    code = (int64(window) << (4 + at)) & 0xFFFF
                    entry = int64(tables[table, code >> 7])
                    if entry == 0:
                        entry = int64(tables[table, 512 + code])
                    length, size, zeros = entry & 31, (entry >> 5) & 15, entry >> 9
                    if entry == 0 or at + length > 12 or at + length + size > 31 or size > most[table] or places + zeros > 62:
                        break
                    at += length + size
                    ends = int64(size + zeros == 0)
                    places += zeros + 1
                chains[table, window] = at | places << 5 | ends << 12


@cython.ccall
def walk_blocks(
    coded: Bytes1, tables: Counts2, chains: Counts2, plan: Whole2, limits: Whole2, n_mcus: i8, found: OutWhole1
) -> None:
    """Walks through the expected MCUs of an interval, and through any more MCUs in its data.

    Args:
        coded: (B + 8,), without stuffing.
        tables: (T, 66048).
        chains: (T, 4096), without values of more bits than the limits of all components that use the table.
        plan: (N, 3) for every block of an MCU: number of its component, its DC table, and its AC table or -1 for none.
        limits: (C, 64) for each component: the largest |DC|, then the bits of the largest coefficient at each place.
        n_mcus: number of expected MCUs.
        found: (2,), filled: number of whole MCUs, at most `n_mcus`, before the first error or the end of the data; number
            of further MCUs, or 0 unless the data ends behind them with an encoder's padding.
    """
    n_bits = 8 * (coded.shape[0] - 8)
    last: OutWhole1 = np.zeros(limits.shape[0], np.int64)
    with cython.nogil:
        at, mcu, is_good = int64(0), int64(0), True
        while is_good and (mcu < n_mcus or n_bits - at >= 8):
            for i in range(plan.shape[0]):
                behind = _walk_block(coded, tables, chains, plan, i, limits, last, at)
                if not at <= behind <= n_bits:
                    is_good = False
                    break
                at = behind
            if is_good:
                mcu += 1
        found[0], found[1] = mcu, 0
        if mcu > n_mcus:
            padding = n_bits - at
            found[0] = n_mcus
            if is_good and (coded[coded.shape[0] - 9] & ((1 << padding) - 1)) == (1 << padding) - 1:
                found[1] = mcu - n_mcus


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _walk_block(
    coded: Bytes1, tables: Counts2, chains: Counts2, plan: Whole2, i: i8, limits: Whole2, last: OutWhole1, at: i8
) -> i8:
    """The first bit behind a block that begins at bit `at`; -1 if a code is wrong. Updates the last DC of the component."""
    component, dc, ac = plan[i, 0], plan[i, 1], plan[i, 2]
    word, left = word_at(coded, at >> 3), 64 - (at & 7)  # the last `left` bits of the word are to come
    end = at + left
    entry = int64(tables[dc, (word >> (left - 9)) & 511])
    if entry == 0:
        entry = int64(tables[dc, 512 + ((word >> (left - 16)) & 0xFFFF)])
    size = entry >> 5
    if entry == 0 or size > 11:
        return -1
    left -= (entry & 31) + size
    value = (word >> left) & ((1 << size) - 1)
    last[component] += value if value >= (1 << size) >> 1 else value - (1 << size) + 1
    if abs(last[component]) > limits[component, 0]:
        return -1
    place = int64(1 if ac >= 0 else 64)
    while place < 64:
        if left < 16:
            at = end - left
            if at > 8 * (coded.shape[0] - 8):
                return at
            word, left = word_at(coded, at >> 3), 64 - (at & 7)
            end = at + left
        chain = int64(chains[ac, (word >> (left - 12)) & 4095])
        if chain and place + ((chain >> 5) & 127) <= 64:
            left -= chain & 31
            place += (chain >> 5) & 127
            if chain >> 12:
                break
            continue
        entry = int64(tables[ac, 512 + ((word >> (left - 16)) & 0xFFFF)])
        size = (entry >> 5) & 15
        left -= (entry & 31) + size
        if entry >> 5 == 0:
            return end - left if entry else -1
        place += (entry >> 9) + 1
        if place > 64 or size > limits[component, place - 1]:
            return -1
    return end - left


@cython.ccall
def walk_band(
    coded: Bytes1, tables: Counts2, limits: Whole2, first: i8, last: i8, is_refined: flag, met: OutBytes2, start: i8, end: i8
) -> i8:
    """Walks through the blocks of one component in a scan of a progressive file that holds a band of coefficients.

    Args:
        coded: (B + 8,), without stuffing.
        tables: (1, 66048).
        limits: (1, 64) bits of the largest coefficient at each place.
        first, last: places of the band's ends, at least 1.
        is_refined: whether the scan adds a bit to coefficients of earlier scans.
        met: (N, 64) 1 where a block has a coefficient; coefficients of this scan are added.
        start, end: first block of the interval, and the block behind its last.

    Returns:
        The first wrong block; `end` if all are right.

    Source: ITU-T T.81, G.1.2.2 and G.1.2.3.
    """
    n_bits = 8 * (coded.shape[0] - 8)
    with cython.nogil:
        at, run = int64(0), int64(0)
        for block in range(start, end):
            place = int64(first)
            while run == 0 and place <= last:
                if at > n_bits:
                    return block
                word, left = word_at(coded, at >> 3), 64 - (at & 7)
                entry = int64(tables[0, (word >> (left - 9)) & 511])
                if entry == 0:
                    entry = int64(tables[0, 512 + ((word >> (left - 16)) & 0xFFFF)])
                length, size, zeros = entry & 31, (entry >> 5) & 15, entry >> 9
                at += length
                if entry == 0 or at > n_bits:
                    return block
                if size == 0 and zeros < 15:  # this block and others end here
                    run = (1 << zeros) + ((word >> (left - length - zeros)) & ((1 << zeros) - 1))
                    at += zeros
                    if block + run > end:
                        return block
                    break
                if is_refined and size > 1:
                    return block
                at += size
                while is_refined and place <= last:  # zeros are counted; each other coefficient has a bit
                    if met[block, place]:
                        at += 1
                    elif zeros == 0:
                        break
                    else:
                        zeros -= 1
                    place += 1
                place += 0 if is_refined else zeros
                if place > last or size > limits[0, place]:
                    return block
                if size:
                    met[block, place] = 1
                place += 1
            if run > 0:
                if is_refined:
                    n_met = int32(0)
                    for further in range(place, last + 1):
                        n_met += int32(met[block, further])
                    at += n_met
                run -= 1
        return end if at <= n_bits else end - 1
