"""Histograms of DCT coefficients, which quantising leaves near multiples of its steps. See model/kernels/__init__.py."""

import numpy as np

from genloss.model.kernels import Bytes, Counts, Real, Whole


def count_on_grids(
    plane: Bytes, top: Whole, left: Whole, weights: Real, odd_row: Whole, odd_column: Whole, bins: Bytes, counts: Counts
) -> None:
    """Histograms of |DCT coefficient| of the 64 blocks inside each of some patches of 15x15 pixels.

    A basis function is even or odd in both directions, so that pixels can be added or subtracted in fours first. All
    sums are exact: the weights are multiples of 2^-13.

    Args:
        plane: (H, W).
        top, left: (N,) first pixels of the patches, N < 65536.
        weights: (F, 16) basis functions on their upper left quarter.
        odd_row, odd_column: (F,) 1 where the basis function is odd in that direction.
        bins: (1024,) bin of each quarter step of |coefficient|.
        counts: (F, 64, 256) of zeros, filled; grid (left, top) is at 8 top + left.
    """
    columns = np.empty((2, 4, 15 * 8), np.float32)
    parts = np.empty((2, 2, 16, 64), np.float32)
    quarters = np.empty((len(weights), len(top), 64), np.int16)
    for i in range(len(top)):
        for y in range(15):
            row = plane[top[i] + y, left[i] : left[i] + 15]
            for x in range(4):
                even, odd = columns[0, x, 8 * y : 8 * y + 8], columns[1, x, 8 * y : 8 * y + 8]
                for right in range(8):
                    near, far = np.float32(row[x + right]), np.float32(row[7 - x + right])
                    even[right] = near + far
                    odd[right] = near - far
        for parity in range(2):
            for x in range(4):
                column = columns[parity, x]
                for y in range(4):
                    even, odd = parts[0, parity, 4 * y + x], parts[1, parity, 4 * y + x]
                    upper, lower = column[8 * y : 8 * y + 64], column[8 * (7 - y) : 8 * (7 - y) + 64]
                    for grid in range(64):
                        even[grid] = upper[grid] + lower[grid]
                        odd[grid] = upper[grid] - lower[grid]
        for f in range(len(weights)):
            part, w, into = parts[odd_row[f], odd_column[f]], weights[f], quarters[f, i]
            for grid in range(64):
                coefficient = (
                    w[0] * part[0, grid] + w[1] * part[1, grid] + w[2] * part[2, grid] + w[3] * part[3, grid]
                    + w[4] * part[4, grid] + w[5] * part[5, grid] + w[6] * part[6, grid] + w[7] * part[7, grid]
                    + w[8] * part[8, grid] + w[9] * part[9, grid] + w[10] * part[10, grid] + w[11] * part[11, grid]
                    + w[12] * part[12, grid] + w[13] * part[13, grid] + w[14] * part[14, grid] + w[15] * part[15, grid]
                )  # fmt: skip
                into[grid] = np.int16(min(abs(coefficient) * np.float32(4) + np.float32(0.25), np.float32(1023)))
    # One frequency after the other, whose counts stay in the processor's nearest cache.
    for f in range(len(weights)):
        found = counts[f]
        for i in range(len(top)):
            some = quarters[f, i]
            for grid in range(64):
                found[grid, bins[some[grid]]] += np.uint16(1)


def count_coefficients(coefficients: Real, chosen: Whole, bins: Bytes, counts: Counts) -> None:
    """Histograms of |coefficient| at some frequencies.

    Args:
        coefficients: (64, N), N < 65536.
        chosen: (F,) frequencies.
        bins: (1024,) as for count_on_grids.
        counts: (F, 256) of zeros, filled.
    """
    quarters = np.empty(coefficients.shape[1], np.int32)
    for f in range(len(chosen)):
        row = coefficients[chosen[f]]
        for i in range(len(row)):
            quarters[i] = np.int32(min(abs(row[i]) * np.float32(4) + np.float32(0.25), np.float32(1023)))
        for i in range(len(row)):
            counts[f, bins[quarters[i]]] += np.uint16(1)


SIGNATURES = {
    count_on_grids: "void(u1[:,::1],i8[::1],i8[::1],f4[:,::1],i8[::1],i8[::1],u1[::1],u2[:,:,::1])",
    count_coefficients: "void(f4[:,::1],i8[::1],u1[::1],u2[:,::1])",
}
