"""Colours of single pixels and of squares of pixels. See model/kernels/__init__.py."""

import numpy as np

from genloss.model.kernels import uncompiled as cython

if not cython.compiled:
    from genloss.model.kernels.views import (
        Bytes1,
        Bytes2,
        Bytes3,
        Ints1,
        OutBytes2,
        OutBytes3,
        OutCodes1,
        OutReal3,
        OutWhole1,
        Real2,
        Whole1,
        float32,
        i8,
        int32,
        int64,
        rint,
        u4,
        uint32,
    )


@cython.ccall
def count_runs(red: Bytes1, green: Bytes1, blue: Bytes1, lengths: OutWhole1) -> i8:
    """Counts colours by the number of their pixels.

    Args:
        red, green, blue: (N,), N < 65536.
        lengths: (N + 1,) of zeros, filled: element k is the number of colours with k pixels.

    Returns:
        Number of grey pixels.
    """
    n = red.shape[0]
    codes: OutCodes1 = np.empty(n, np.uint32)
    ordered: OutCodes1 = np.empty(n, np.uint32)
    n_grey = int64(0)
    with cython.nogil:
        for i in range(n):
            codes[i] = uint32(red[i]) << uint32(16) | uint32(green[i]) << uint32(8) | uint32(blue[i])
            n_grey += int32((red[i] == green[i]) & (green[i] == blue[i]))
        _sort(codes, ordered, uint32(0))
        _sort(ordered, codes, uint32(12))
        run = 1
        for i in range(1, n):
            if codes[i] == codes[i - 1]:
                run += 1
            else:
                lengths[run] += 1
                run = 1
        lengths[run] += 1
    return n_grey


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _sort(codes: OutCodes1, ordered: OutCodes1, shift: u4) -> cython.void:
    """Stable counting sort by the twelve bits from `shift` on."""
    places = cython.declare(cython.int[4097])
    for digit in range(4097):
        places[digit] = 0
    for i in range(codes.shape[0]):
        places[((codes[i] >> shift) & uint32(4095)) + uint32(1)] += 1
    for digit in range(4096):
        places[digit + 1] += places[digit]
    for i in range(codes.shape[0]):
        key = (codes[i] >> shift) & uint32(4095)
        ordered[places[key]] = codes[i]
        places[key] += 1


@cython.ccall
def to_rgb(luma: Bytes1, cb: Bytes1, cr: Bytes1, factors: Ints1, rgb: OutBytes2) -> None:
    """Red, green and blue of stored pixels (model/images/jpeg_planes.py).

    Args:
        luma, cb, cr: (N,).
        factors: (4,) fixed-point factors of Cr in red, Cb and Cr in green, Cb in blue.
        rgb: (3, N), filled.
    """
    half = int32(1 << 15)
    red_cr, green_cb, green_cr, blue_cb = factors[0], factors[1], factors[2], factors[3]
    with cython.nogil:
        for i in range(luma.shape[0]):
            red = int32(luma[i]) + ((red_cr * (int32(cr[i]) - 128) + half) >> 16)
            rgb[0, i] = min(max(red, 0), 255)
        for i in range(luma.shape[0]):
            green = int32(luma[i]) + ((half - green_cb * (int32(cb[i]) - 128) - green_cr * (int32(cr[i]) - 128)) >> 16)
            rgb[1, i] = min(max(green, 0), 255)
        for i in range(luma.shape[0]):
            blue = int32(luma[i]) + ((blue_cb * (int32(cb[i]) - 128) + half) >> 16)
            rgb[2, i] = min(max(blue, 0), 255)


@cython.ccall
def to_luma(rgb: Bytes1, luma: OutBytes2) -> None:
    """Luma of pixels, as Pillow computes it (Convert.c, L24).

    Args:
        rgb: (3 N,), three bytes of each pixel.
        luma: (1, N), filled.
    """
    with cython.nogil:
        for i in range(luma.shape[1]):
            total = 19595 * int32(rgb[3 * i]) + 38470 * int32(rgb[3 * i + 1]) + 7471 * int32(rgb[3 * i + 2])
            luma[0, i] = (total + 32768) >> 16


@cython.ccall
def lay_over_white(rgba: Bytes1, rgb: OutBytes2) -> None:
    """Pixels with alpha over white, as Pillow computes them (AlphaComposite.c).

    Args:
        rgba: (4 N,), four bytes of each pixel.
        rgb: (1, 3 N), filled.
    """
    with cython.nogil:
        for i in range(rgba.shape[0] // 4):
            alpha = uint32(rgba[4 * i + 3])
            rgb[0, 3 * i] = _over_white(uint32(rgba[4 * i]), alpha)
            rgb[0, 3 * i + 1] = _over_white(uint32(rgba[4 * i + 1]), alpha)
            rgb[0, 3 * i + 2] = _over_white(uint32(rgba[4 * i + 2]), alpha)


@cython.cfunc
@cython.nogil
@cython.exceptval(check=False)
def _over_white(level: u4, alpha: u4) -> u4:
    total = uint32(128) * (alpha * level + uint32(255) * (uint32(255) - alpha) + uint32(128))
    return ((total >> uint32(8)) + total) >> uint32(15)


@cython.ccall
def pick_pixels(luma: Bytes2, cb: Bytes2, cr: Bytes2, places: Whole1, across: i8, down: i8, picked: OutBytes2) -> None:
    """Y, Cb and Cr of single pixels, chroma scaled up as libjpeg does it (model/images/jpeg_planes.py).

    Args:
        luma: (H, W).
        cb, cr: (h, w) as stored, w > 2.
        places: (N,) row * W + column.
        across, down: luma pixels per chroma pixel: 1 and 1, 2 and 1, or 2 and 2.
        picked: (3, N), filled.
    """
    height, width = int64(cb.shape[0]), int64(cb.shape[1])
    columns = int64(luma.shape[1])
    y, first, near_y, next_y = int64(0), -columns, int64(0), int64(0)
    with cython.nogil:
        for i in range(places.shape[0]):
            if not first <= places[i] < first + columns:  # another row; dividing takes longer than all the rest
                y = places[i] // columns
                first = y * columns
                near_y = y // down
                next_y = min(max(near_y + 2 * (y & 1) - 1, int64(0)), height - 1)
            x = places[i] - first
            picked[0, i] = luma[y, x]
            if across == 1:
                picked[1, i] = cb[near_y, x]
                picked[2, i] = cr[near_y, x]
                continue
            near, odd = x >> 1, x & 1
            beside = min(max(near + 2 * odd - 1, 0), width - 1)
            if down == 1:
                picked[1, i] = (3 * int32(cb[near_y, near]) + int32(cb[near_y, beside]) + 1 + odd) >> 2
                picked[2, i] = (3 * int32(cr[near_y, near]) + int32(cr[near_y, beside]) + 1 + odd) >> 2
            else:
                here = 3 * int32(cb[near_y, near]) + int32(cb[next_y, near])
                there = 3 * int32(cb[near_y, beside]) + int32(cb[next_y, beside])
                picked[1, i] = (3 * here + there + 8 - odd) >> 4
                here = 3 * int32(cr[near_y, near]) + int32(cr[next_y, near])
                there = 3 * int32(cr[near_y, beside]) + int32(cr[next_y, beside])
                picked[2, i] = (3 * here + there + 8 - odd) >> 4


@cython.ccall
def pick_squares(plane: Bytes2, top: Whole1, left: Whole1, across: i8, down: i8, squares: OutBytes3) -> None:
    """Squares of one chroma plane, scaled up as by pick_pixels.

    Args:
        plane: (h, w) as stored, w > 2.
        top, left: (N,) first pixels in the picture, even.
        across, down: as for pick_pixels.
        squares: (N, S, S), S even and at most 64, filled.
    """
    height, width, side = int64(plane.shape[0]), int64(plane.shape[1]), int64(squares.shape[1])
    line = cython.declare(cython.int[34])
    even, odd, shift = (8, 7, 4) if down == 2 else (1, 2, 2)
    with cython.nogil:
        for i in range(top.shape[0]):
            first, column = top[i], left[i]
            for y in range(side):
                if across == 1:
                    for x in range(side):
                        squares[i, y, x] = plane[first + y, column + x]
                    continue
                near_y = (first + y) // down
                next_y = min(max(near_y + 2 * (y & 1) - 1, 0), height - 1)
                for x in range(side // 2 + 2):
                    place = min(max(column // 2 + x - 1, 0), width - 1)
                    line[x] = plane[near_y, place]
                    if down == 2:
                        line[x] = 3 * line[x] + plane[next_y, place]
                for x in range(side // 2):
                    squares[i, y, 2 * x] = (3 * line[x + 1] + line[x] + even) >> shift
                    squares[i, y, 2 * x + 1] = (3 * line[x + 1] + line[x + 2] + odd) >> shift


@cython.ccall
def split_chroma(rgb: Bytes3, factors: Real2, full: OutReal3, centre: OutReal3, halved: OutReal3) -> None:
    """Cb and Cr of squares of 16x16 pixels: the four blocks, the block in the middle, and the square at half its size.

    Args:
        rgb: (3, N, 256).
        factors: (2, 3) factors of red, green and blue in Cb and Cr.
        full: (2, 4 N, 64), filled, rounded.
        centre: (2, N, 64), filled, rounded.
        halved: (2, N, 64), filled.
    """
    plane = cython.declare(cython.float[256])
    with cython.nogil:
        for i in range(rgb.shape[1]):
            for which in range(2):
                of_red, of_green, of_blue = factors[which, 0], factors[which, 1], factors[which, 2]
                for place in range(256):
                    plane[place] = (
                        float32(128) + of_red * float32(rgb[0, i, place]) + of_green * float32(rgb[1, i, place])
                        + of_blue * float32(rgb[2, i, place])
                    )  # fmt: skip
                for y in range(8):
                    for x in range(8):
                        at = 32 * y + 2 * x
                        total = (plane[at] + plane[at + 1]) + (plane[at + 16] + plane[at + 17])
                        halved[which, i, 8 * y + x] = total * float32(0.25)
                for place in range(256):
                    plane[place] = rint(plane[place])
                for y in range(8):
                    for x in range(8):
                        full[which, 4 * i, 8 * y + x] = plane[16 * y + x]
                        full[which, 4 * i + 1, 8 * y + x] = plane[16 * y + x + 8]
                        full[which, 4 * i + 2, 8 * y + x] = plane[16 * y + x + 128]
                        full[which, 4 * i + 3, 8 * y + x] = plane[16 * y + x + 136]
                        centre[which, i, 8 * y + x] = plane[16 * y + x + 68]
