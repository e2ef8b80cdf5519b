"""The Huffman codes of a JPEG, walked through to find those that no encoder writes. See model/kernels/__init__.py.

A table is (512 + 65536,) uint16: of the next 9 bits, and then of the next 16, 32 times the symbol, and the length of its
code; 0 where there is no such code, or none so short. Coded data ends with eight bytes of ones that are not its own.
"""

import numpy as np

from genloss.model.kernels import Bytes, Counts, Whole


def walk_blocks(coded: Bytes, tables: Counts, plan: Whole, limits: Whole, n_mcus: int, found: Whole) -> None:
    """Walks through the MCUs of an interval, and through those behind them that the data holds.

    Args:
        coded: (B + 8,), stuffing taken out.
        tables: (T, 66048).
        plan: (N, 3) of every block of an MCU: number of its component, its table for DC, its table for AC or -1 for none.
        limits: (C, 64) of each component: the largest DC, then the bits of the largest coefficient at each place.
        n_mcus: expected.
        found: (2,), filled: whole MCUs before the first wrong one or the end of the data; how many more the data holds that
            end as an encoder ends, 0 where what follows is something else.
    """
    n_bits = 8 * (len(coded) - 8)
    last = np.zeros(len(limits), np.int64)
    at, mcu, is_good = np.int64(0), 0, True
    while is_good and (mcu < n_mcus or n_bits - at >= 8):
        for i in range(len(plan)):
            component, ac = plan[i, 0], plan[i, 2]
            ahead = np.int64(coded[at >> 3]) << 16 | np.int64(coded[(at >> 3) + 1]) << 8 | np.int64(coded[(at >> 3) + 2])
            code = (ahead >> (8 - (at & 7))) & 0xFFFF
            entry = np.int64(tables[plan[i, 1], code >> 7])
            if entry == 0:
                entry = np.int64(tables[plan[i, 1], 512 + code])
            size = entry >> 5
            at += entry & 31
            if entry == 0 or size > 11 or at > n_bits:
                is_good = False
                break
            if size:
                ahead = np.int64(coded[at >> 3]) << 16 | np.int64(coded[(at >> 3) + 1]) << 8 | np.int64(coded[(at >> 3) + 2])
                value = (ahead >> (24 - size - (at & 7))) & ((1 << size) - 1)
                if value >> (size - 1) == 0:
                    value -= (1 << size) - 1
                last[component] += value
                at += size
                if abs(last[component]) > limits[component, 0]:
                    is_good = False
                    break
            place = np.int64(1)
            while ac >= 0 and place < 64 and at <= n_bits:
                ahead = np.int64(coded[at >> 3]) << 16 | np.int64(coded[(at >> 3) + 1]) << 8 | np.int64(coded[(at >> 3) + 2])
                code = (ahead >> (8 - (at & 7))) & 0xFFFF
                entry = np.int64(tables[ac, code >> 7])
                if entry == 0:
                    entry = np.int64(tables[ac, 512 + code])
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
        if is_good and (coded[len(coded) - 9] & ((1 << padding) - 1)) == (1 << padding) - 1:
            found[1] = mcu - n_mcus


def walk_band(
    coded: Bytes, tables: Counts, limits: Whole, first: int, last: int, is_refined: bool, met: Bytes, start: int, end: int
) -> int:
    """Walks through the blocks of one component in a scan of a progressive file that holds a band of coefficients.

    Args:
        coded: (B + 8,), stuffing taken out.
        tables: (1, 66048).
        limits: (1, 64) the bits of the largest coefficient at each place.
        first, last: of the band, at least 1.
        is_refined: whether it adds a bit to coefficients that were met before.
        met: (N, 64) places at which a block has a coefficient; gains those of this scan.
        start, end: blocks of the interval.

    Returns:
        The first wrong block; `end` where all are right.

    Source: ITU-T T.81, G.1.2.2 and G.1.2.3.
    """
    n_bits = 8 * (len(coded) - 8)
    at, run = np.int64(0), np.int64(0)
    for block in range(start, end):
        place = np.int64(first)
        while run == 0 and place <= last:
            if at > n_bits:
                return block
            ahead = np.int64(coded[at >> 3]) << 16 | np.int64(coded[(at >> 3) + 1]) << 8 | np.int64(coded[(at >> 3) + 2])
            code = (ahead >> (8 - (at & 7))) & 0xFFFF
            entry = np.int64(tables[0, code >> 7])
            if entry == 0:
                entry = np.int64(tables[0, 512 + code])
            size, zeros = (entry >> 5) & 15, entry >> 9
            at += entry & 31
            if entry == 0 or at > n_bits:
                return block
            if size == 0 and zeros < 15:  # this block and others end here
                ahead = np.int64(coded[at >> 3]) << 16 | np.int64(coded[(at >> 3) + 1]) << 8 | np.int64(coded[(at >> 3) + 2])
                run = (1 << zeros) + ((ahead >> (24 - zeros - (at & 7))) & ((1 << zeros) - 1))
                at += zeros
                if block + run > end:
                    return block
                break
            if is_refined and size > 1:
                return block
            at += size
            while is_refined and place <= last:  # zeros are counted, others have a bit each
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
                at += np.int64(met[block, place])
                place += 1
            run -= 1
    return end if at <= n_bits else end - 1


SIGNATURES = {
    walk_blocks: "void(u1[::1],u2[:,::1],i8[:,::1],i8[:,::1],i8,i8[::1])",
    walk_band: "i8(u1[::1],u2[:,::1],i8[:,::1],i8,i8,b1,u1[:,::1],i8,i8)",
}
