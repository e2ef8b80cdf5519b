"""Walks through the Huffman codes of a JPEG to find codes that no encoder writes. See model/kernels/__init__.py.

A table is (512 + 65536,) uint16. The first part is indexed by the next 9 bits, the second by the next 16. An entry is
32 times the symbol plus the length of its code, or 0 without a code of at most that many bits. Eight bytes of ones are
appended to all coded data.
"""

import numpy as np

from genloss.model.kernels import uncompiled as cython

if not cython.compiled:
    from genloss.model.kernels.views import Bytes1, Counts2, OutBytes2, OutWhole1, Whole2, flag, i8, int64


@cython.ccall
def walk_blocks(coded: Bytes1, tables: Counts2, plan: Whole2, limits: Whole2, n_mcus: i8, found: OutWhole1) -> None:
    """Walks through the expected MCUs of an interval, and through any more MCUs in its data.

    Args:
        coded: (B + 8,), without stuffing.
        tables: (T, 66048).
        plan: (N, 3) for every block of an MCU: number of its component, its DC table, and its AC table or -1 for none.
        limits: (C, 64) for each component: the largest |DC|, then the bits of the largest coefficient at each place.
        n_mcus: number of expected MCUs.
        found: (2,), filled: number of whole MCUs, at most `n_mcus`, before the first error or the end of the data; number
            of further MCUs, or 0 unless the data ends behind them with an encoder's padding.
    """
    n_bits = 8 * (coded.shape[0] - 8)
    last: OutWhole1 = np.zeros(limits.shape[0], np.int64)
    with cython.nogil:
        at, mcu, is_good = int64(0), 0, True
        while is_good and (mcu < n_mcus or n_bits - at >= 8):
            for i in range(plan.shape[0]):
                component, ac = plan[i, 0], plan[i, 2]
                ahead = int64(coded[at >> 3]) << 16 | int64(coded[(at >> 3) + 1]) << 8 | int64(coded[(at >> 3) + 2])
                code = (ahead >> (8 - (at & 7))) & 0xFFFF
                entry = int64(tables[plan[i, 1], code >> 7])
                if entry == 0:
                    entry = int64(tables[plan[i, 1], 512 + code])
                size = entry >> 5
                at += entry & 31
                if entry == 0 or size > 11 or at > n_bits:
                    is_good = False
                    break
                if size:
                    ahead = int64(coded[at >> 3]) << 16 | int64(coded[(at >> 3) + 1]) << 8 | int64(coded[(at >> 3) + 2])
                    value = (ahead >> (24 - size - (at & 7))) & ((1 << size) - 1)
                    if value >> (size - 1) == 0:
                        value -= (1 << size) - 1
                    last[component] += value
                    at += size
                    if abs(last[component]) > limits[component, 0]:
                        is_good = False
                        break
                place = int64(1)
                while ac >= 0 and place < 64 and at <= n_bits:
                    ahead = int64(coded[at >> 3]) << 16 | int64(coded[(at >> 3) + 1]) << 8 | int64(coded[(at >> 3) + 2])
                    code = (ahead >> (8 - (at & 7))) & 0xFFFF
                    entry = int64(tables[ac, code >> 7])
                    if entry == 0:
                        entry = int64(tables[ac, 512 + code])
                    symbol = entry >> 5
                    at += (entry & 31) + (symbol & 15)
                    if entry == 0:
                        is_good = False
                        break
                    if symbol == 0:
                        break
                    place += (symbol >> 4) + 1
                    if place > 64 or (symbol & 15) > limits[component, place - 1]:
                        is_good = False
                        break
                if not is_good or at > n_bits:
                    is_good = False
                    break
            if is_good:
                mcu += 1
        found[0], found[1] = mcu, 0
        if mcu > n_mcus:
            padding = n_bits - at
            found[0] = n_mcus
            if is_good and (coded[coded.shape[0] - 9] & ((1 << padding) - 1)) == (1 << padding) - 1:
                found[1] = mcu - n_mcus


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
                ahead = int64(coded[at >> 3]) << 16 | int64(coded[(at >> 3) + 1]) << 8 | int64(coded[(at >> 3) + 2])
                code = (ahead >> (8 - (at & 7))) & 0xFFFF
                entry = int64(tables[0, code >> 7])
                if entry == 0:
                    entry = int64(tables[0, 512 + code])
                size, zeros = (entry >> 5) & 15, entry >> 9
                at += entry & 31
                if entry == 0 or at > n_bits:
                    return block
                if size == 0 and zeros < 15:  # this block and others end here
                    ahead = int64(coded[at >> 3]) << 16 | int64(coded[(at >> 3) + 1]) << 8 | int64(coded[(at >> 3) + 2])
                    run = (1 << zeros) + ((ahead >> (24 - zeros - (at & 7))) & ((1 << zeros) - 1))
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
                while is_refined and place <= last:
                    at += int64(met[block, place])
                    place += 1
                run -= 1
        return end if at <= n_bits else end - 1
