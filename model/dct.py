"""The block DCT of JPEG, and what a picture's coefficients look like on average."""

import numpy as np
from numpy.typing import NDArray

from model.quantiles import quantiles

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


def block_dct(blocks: NDArray[np.uint8]) -> NDArray[np.float32]:
    """DCT coefficients of blocks, orthonormal scaling.

    Args:
        blocks: (N, 8, 8), pixel values in [0, 255].

    Returns:
        (N, 64) float32, frequency (u, v) at 8u+v; level-shifted by 128, so DC lies in [-1024, 1016].

    Source: ITU-T T.81, A.3.3.
    """
    centred = in_portions(blocks)
    centred -= np.float32(128.0)
    return np.matmul(centred, DCT_BASIS).reshape(-1, 64)[: len(blocks)]


def in_portions(blocks: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Blocks as rows of 64 pixels in portions of 64 blocks, zeros at the end of the last: (P, 64, 64).

    A BLAS library never shares out so small a product among threads: however many threads it has, the sums are
    added in the same order and the same bytes give the same score.
    """
    portions = np.zeros((-(-len(blocks) // 64), 64, 64), dtype=np.float32)
    portions.reshape(-1, 64)[: len(blocks)] = blocks.reshape(-1, 64)
    return portions


def profile(coefficients: NDArray[np.float32]) -> NDArray[np.float32]:
    """Per frequency: mean of log2(|coefficient| + 1/4), share of coefficients below one half. (128,)

    Args:
        coefficients: (N, 64); zeros come back where N is 0.
    """
    if not len(coefficients):
        return np.zeros(128, np.float32)
    magnitude = np.abs(coefficients)
    near_zero = np.add.reduce((magnitude < NEAR_ZERO).view(np.uint8), axis=0, dtype=np.uint16) / len(magnitude)
    magnitude += np.float32(0.25)
    return np.concatenate([np.log2(magnitude, out=magnitude).mean(axis=0), near_zero]).astype(np.float32)


def energy_spread(coefficients: NDArray[np.float32]) -> NDArray[np.float32]:
    """How AC energy spreads over blocks: quantiles of low, middle and high frequencies, and their correlations. (24,)

    A codec empties the high frequencies of smooth blocks first; scaling and blurring thin them everywhere.
    """
    power = coefficients**2
    groups = [(low <= FREQUENCY) & (high > FREQUENCY) for low, high in ((1, 4), (4, 7), (7, 15))]
    energies = np.stack([np.log2(power[:, group].mean(axis=1) + 0.02) for group in groups])
    levels = quantiles(np.sort(energies, axis=1), np.array([0.05, 0.15, 0.3, 0.5, 0.7, 0.85, 0.95])).ravel()
    centred = energies - energies.mean(axis=1, keepdims=True)
    scale = np.sqrt((centred**2).mean(axis=1)) + 1e-3
    correlations = [(centred[i] * centred[j]).mean() / (scale[i] * scale[j]) for i, j in ((0, 1), (0, 2), (1, 2))]
    return np.concatenate([levels, correlations]).astype(np.float32)
