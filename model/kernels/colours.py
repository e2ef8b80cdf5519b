"""Colours of single pixels and of squares of them. See model/kernels/__init__.py."""

import numpy as np
from numpy.typing import NDArray

from genloss.model.kernels import Bytes, Real, Whole


def count_runs(red: Bytes, green: Bytes, blue: Bytes, lengths: Whole) -> int:
    """How many colours occur how often.

    Args:
        red, green, blue: (N,), N < 65536.
        lengths: (N + 1,) of zeros, filled: element k is the number of colours that k pixels have.

    Returns:
        Number of pixels that are grey.
    """
    n = len(red)
    codes, ordered = np.empty(n, np.uint32), np.empty(n, np.uint32)
    low, high = np.zeros(4097, np.int32), np.zeros(4097, np.int32)
    n_grey = 0
    for i in range(n):
        r, g, b = np.uint32(red[i]), np.uint32(green[i]), np.uint32(blue[i])
        codes[i] = (r << np.uint32(16)) | (g << np.uint32(8)) | b
        n_grey += int((r == g) & (g == b))
    # Sorted by counting, twelve bits at a time.
    for i in range(n):
        low[(codes[i] & np.uint32(4095)) + np.uint32(1)] += np.int32(1)
        high[(codes[i] >> np.uint32(12)) + np.uint32(1)] += np.int32(1)
    for i in range(4096):
        low[i + 1] += low[i]
        high[i + 1] += high[i]
    for i in range(n):
        key = codes[i] & np.uint32(4095)
        ordered[low[key]] = codes[i]
        low[key] += np.int32(1)
    for i in range(n):
        key = ordered[i] >> np.uint32(12)
        codes[high[key]] = ordered[i]
        high[key] += np.int32(1)
    run = 1
    for i in range(1, n):
        if codes[i] == codes[i - 1]:
            run += 1
        else:
            lengths[run] += 1
            run = 1
    lengths[run] += 1
    return n_grey


def to_rgb(luma: Bytes, cb: Bytes, cr: Bytes, factors: NDArray[np.int32], rgb: Bytes) -> None:
    """Red, green and blue of stored pixels (model/images/jpeg_planes.py).

    Args:
        luma, cb, cr: (N,).
        factors: (4,) fixed-point factors of Cr in red, Cb and Cr in green, Cb in blue.
        rgb: (3, N), filled.
    """
    half = np.int32(1 << 15)
    red_cr, green_cb, green_cr, blue_cb = factors[0], factors[1], factors[2], factors[3]
    red, green, blue = rgb[0], rgb[1], rgb[2]
    for i in range(len(luma)):
        y, b, r = np.int32(luma[i]), np.int32(cb[i]) - np.int32(128), np.int32(cr[i]) - np.int32(128)
        red[i] = min(max(y + ((red_cr * r + half) >> 16), 0), 255)
        green[i] = min(max(y + ((half - green_cb * b - green_cr * r) >> 16), 0), 255)
        blue[i] = min(max(y + ((blue_cb * b + half) >> 16), 0), 255)


def pick_pixels(luma: Bytes, cb: Bytes, cr: Bytes, places: Whole, across: int, down: int, picked: Bytes) -> None:
    """Y, Cb and Cr of single pixels, chroma scaled up as libjpeg does it (model/images/jpeg_planes.py).

    Args:
        luma: (H, W).
        cb, cr: (h, w) as stored, w > 2.
        places: (N,) row * W + column.
        across, down: pixels of luma to one of chroma: 1 and 1, 2 and 1 or 2 and 2.
        picked: (3, N), filled.
    """
    height, width = cb.shape
    columns = luma.shape[1]
    line, first = luma[0], 0
    near_cb, next_cb, near_cr, next_cr = cb[0], cb[0], cr[0], cr[0]
    picked_y, picked_cb, picked_cr = picked[0], picked[1], picked[2]
    for i in range(len(places)):
        if i == 0 or not first <= places[i] < first + columns:  # another row; dividing takes longer than all the rest
            y = places[i] // columns
            first = y * columns
            near_y = y // down
            next_y = min(max(near_y + 2 * (y & 1) - 1, 0), height - 1)
            line, near_cb, next_cb, near_cr, next_cr = luma[y], cb[near_y], cb[next_y], cr[near_y], cr[next_y]
        x = places[i] - first
        picked_y[i] = line[x]
        if across == 1:
            picked_cb[i], picked_cr[i] = near_cb[x], near_cr[x]
            continue
        near, odd = x >> 1, x & 1
        beside = min(max(near + 2 * odd - 1, 0), width - 1)
        if down == 1:
            picked_cb[i] = (3 * np.int64(near_cb[near]) + np.int64(near_cb[beside]) + 1 + odd) >> 2
            picked_cr[i] = (3 * np.int64(near_cr[near]) + np.int64(near_cr[beside]) + 1 + odd) >> 2
        else:
            here, there = 3 * np.int64(near_cb[near]) + next_cb[near], 3 * np.int64(near_cb[beside]) + next_cb[beside]
            picked_cb[i] = (3 * here + there + 8 - odd) >> 4
            here, there = 3 * np.int64(near_cr[near]) + next_cr[near], 3 * np.int64(near_cr[beside]) + next_cr[beside]
            picked_cr[i] = (3 * here + there + 8 - odd) >> 4


def pick_squares(plane: Bytes, top: Whole, left: Whole, across: int, down: int, squares: Bytes) -> None:
    """Squares of one plane of chroma, scaled up in the same way.

    Args:
        plane: (h, w) as stored, w > 2.
        top, left: (N,) first pixels in the picture, even.
        across, down: as for pick_pixels.
        squares: (N, S, S), S even and at most 64, filled.
    """
    height, width = plane.shape
    side = squares.shape[1]
    line = np.empty(34, np.int32)
    for i in range(len(top)):
        for y in range(side):
            into = squares[i, y]
            if across == 1:
                for x in range(side):
                    into[x] = plane[top[i] + y, left[i] + x]
                continue
            near_y = (top[i] + y) // down
            next_y = min(max(near_y + 2 * (y & 1) - 1, 0), height - 1)
            for x in range(side // 2 + 2):
                place = min(max(left[i] // 2 + x - 1, 0), width - 1)
                line[x] = np.int32(plane[near_y, place])
                if down == 2:
                    line[x] = 3 * line[x] + np.int32(plane[next_y, place])
            even, odd, shift = (8, 7, 4) if down == 2 else (1, 2, 2)
            for x in range(side // 2):
                into[2 * x] = (3 * line[x + 1] + line[x] + even) >> shift
                into[2 * x + 1] = (3 * line[x + 1] + line[x + 2] + odd) >> shift


def split_chroma(rgb: Bytes, factors: Real, full: Real, centre: Real, halved: Real) -> None:
    """Cb and Cr of squares of 16x16 pixels: their four blocks, the block in the middle, and the square at half its size.

    Args:
        rgb: (3, N, 256).
        factors: (2, 3) of red, green and blue in Cb and Cr.
        full: (2, 4 N, 64), filled, rounded.
        centre: (2, N, 64), filled, rounded.
        halved: (2, N, 64), filled.
    """
    plane = np.empty(256, np.float32)
    for i in range(rgb.shape[1]):
        red, green, blue = rgb[0, i], rgb[1, i], rgb[2, i]
        for which in range(2):
            of_red, of_green, of_blue = factors[which, 0], factors[which, 1], factors[which, 2]
            for place in range(256):
                plane[place] = (
                    np.float32(128) + of_red * np.float32(red[place]) + of_green * np.float32(green[place])
                    + of_blue * np.float32(blue[place])
                )  # fmt: skip
            for y in range(8):
                for x in range(8):
                    place = 32 * y + 2 * x
                    halved[which, i, 8 * y + x] = (
                        (plane[place] + plane[place + 1]) + (plane[place + 16] + plane[place + 17])
                    ) * np.float32(0.25)
            for place in range(256):
                plane[place] = np.rint(plane[place])
            for y in range(8):
                for x in range(8):
                    full[which, 4 * i, 8 * y + x] = plane[16 * y + x]
                    full[which, 4 * i + 1, 8 * y + x] = plane[16 * y + x + 8]
                    full[which, 4 * i + 2, 8 * y + x] = plane[16 * y + x + 128]
                    full[which, 4 * i + 3, 8 * y + x] = plane[16 * y + x + 136]
                    centre[which, i, 8 * y + x] = plane[16 * y + x + 68]


SIGNATURES = {
    count_runs: "i8(u1[::1],u1[::1],u1[::1],i8[::1])",
    to_rgb: "void(u1[::1],u1[::1],u1[::1],i4[::1],u1[:,::1])",
    pick_pixels: "void(u1[:,::1],u1[:,::1],u1[:,::1],i8[::1],i8,i8,u1[:,::1])",
    pick_squares: "void(u1[:,::1],i8[::1],i8[::1],i8,i8,u1[:,:,::1])",
    split_chroma: "void(u1[:,:,::1],f4[:,::1],f4[:,:,::1],f4[:,:,::1],f4[:,:,::1])",
}
