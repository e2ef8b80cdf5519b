"""The block DCT of JPEG, and statistics of a picture's coefficients."""

import numpy as np
from numpy.typing import NDArray

from genloss.model.kernels.compiled import add_energies, transform, transform_at, weigh
from genloss.model.measurements.quantiles import quantiles

# Just beside 1/2, which the coefficients of drawings often hit exactly: the last bit of a sum, which
# differs between processors, must not decide on which side they fall.
NEAR_ZERO = 0.499


def _dct_matrix() -> NDArray[np.float32]:
    index = np.arange(8)
    matrix = np.cos((2 * index[None] + 1) * index[:, None] * np.pi / 16) / 2
    matrix[0] /= np.sqrt(2)
    return np.kron(matrix, matrix).T.astype(np.float32)


# Column 8u+v holds the orthonormal basis of frequency (u, v): blocks as rows of 64 times this is the DCT.
DCT_BASIS = _dct_matrix()
FREQUENCY = np.add.outer(np.arange(8), np.arange(8)).ravel()
# Low, middle and high frequencies; the mean belongs to none.
_GROUP = np.searchsorted([1, 4, 7], FREQUENCY, side="right") - 1
_GROUP_SIZES = np.bincount(_GROUP[1:]).astype(np.float32)


def block_dct(blocks: NDArray) -> NDArray[np.float32]:
    """DCT coefficients of blocks, orthonormal scaling.

    Args:
        blocks: (N, 8, 8) or (N, 64), pixel values in [0, 255].

    Returns:
        (64, N) float32, frequency (u, v) in row 8u+v; level-shifted by 128, so DC lies in [-1024, 1016].

    Source: ITU-T T.81, A.3.3.
    """
    coefficients = np.empty((64, len(blocks)), np.float32)
    transform(blocks.astype(np.float32, order="C", copy=False).reshape(-1, 64), coefficients)
    return coefficients


def dct_at(plane: NDArray[np.uint8], top_px: NDArray[np.int64], left_px: NDArray[np.int64]) -> NDArray[np.float32]:
    """DCT coefficients of the blocks at given places of an (H, W) plane; blocks that extend beyond it are left out."""
    inside = (top_px + 8 <= plane.shape[0]) & (left_px + 8 <= plane.shape[1])
    if not inside.all():
        top_px, left_px = top_px[inside], left_px[inside]
    coefficients = np.empty((64, len(top_px)), np.float32)
    transform_at(np.ascontiguousarray(plane), top_px, left_px, coefficients)
    return coefficients


def profile(coefficients: NDArray[np.float32]) -> NDArray[np.float32]:
    """For each frequency the mean of log2(|coefficient| + 1/4) and the share of coefficients below one half; (128,).

    Args:
        coefficients: (64, N); if N is 0, the result is zeros.
    """
    n = coefficients.shape[1]
    if not n:
        return np.zeros(128, np.float32)
    # The logarithm of a product is the sum of logarithms: fewer of them. Eight numbers of at most 2048 do not overflow.
    products, n_small = np.empty((64, -(-n // 8)), np.float32), np.empty(64, np.int64)
    weigh(coefficients, NEAR_ZERO, products, n_small)
    means = np.log2(products, out=products).sum(axis=1) / n
    return np.concatenate([means, n_small / n]).astype(np.float32)


def energy_spread(coefficients: NDArray[np.float32]) -> NDArray[np.float32]:
    """Distribution of AC energy over blocks: quantiles of low, middle and high frequencies, and their correlations; (24,).

    A codec first removes the high frequencies of smooth blocks. Scaling and blurring weaken them in all blocks.

    Args:
        coefficients: (64, N).
    """
    energies = np.zeros((3, coefficients.shape[1]), np.float32)
    add_energies(coefficients, _GROUP, energies)
    energies /= _GROUP_SIZES[:, None]
    energies += np.float32(0.02)
    np.log2(energies, out=energies)
    levels = quantiles(np.sort(energies, axis=1), np.array([0.05, 0.15, 0.3, 0.5, 0.7, 0.85, 0.95])).ravel()
    centred = energies - energies.mean(axis=1, keepdims=True)
    scale = np.sqrt((centred**2).mean(axis=1)) + 1e-3
    correlations = [(centred[i] * centred[j]).mean() / (scale[i] * scale[j]) for i, j in ((0, 1), (0, 2), (1, 2))]
    return np.concatenate([levels, correlations]).astype(np.float32)
