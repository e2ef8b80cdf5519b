"""JPEG encoders whose DCT computes with real numbers: which of a file's blocks they make of given pixels."""

import numpy as np
from numpy.typing import NDArray

# Levels of a coefficient by which real-valued DCTs may differ: libjpeg's in single precision differed by up to 0.002 in 60
# saves of qualities 30 to 97. Its accurate one in whole numbers differs by up to 0.3.
_EDGE = 0.005
# Levels of a pixel between the inverse DCT in real numbers and the decoder's whole pixel: at most 0.6 in 15 saves.
_ROUNDED = 0.62


def _matrix() -> NDArray[np.float64]:
    """(64, 64) that maps the pixels of a block to its coefficients, both in natural order (ITU-T T.81, A.3.3)."""
    place, frequency = np.arange(8), np.arange(8)[:, None]
    lines = np.sqrt((1 + (frequency > 0)) / 8) * np.cos((2 * place + 1) * frequency * np.pi / 16)
    return np.kron(lines, lines)


_DCT = _matrix()


def gives_blocks(
    blocks: NDArray[np.uint8], stored: NDArray[np.uint8], table: NDArray[np.uint16]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether a real-valued DCT, quantised, gives the stored blocks, and for which blocks this is certain.

    Args:
        blocks: (N, 64), luma given to the encoder.
        stored: (N, 64), luma decoded from the file.
        table: (8, 8) quantisation steps in natural order.

    Returns:
        gives: (N,).
        certain: (N,) False where a coefficient lies at the edge between two multiples of its step, within 0.005 levels:
            it may become either.
    """
    steps = table.reshape(64).astype(np.float64)
    # Not by "@": a BLAS library would share so small a product out among threads, which takes longer than the product.
    wanted = np.einsum("nk,jk->nj", blocks.astype(np.float64) - 128, _DCT) / steps
    multiples = np.rint(wanted)
    certain = np.all((0.5 - np.abs(wanted - multiples)) * steps > _EDGE, axis=1)
    decoded = np.clip(np.einsum("nj,jk->nk", multiples * steps, _DCT) + 128, 0, 255)
    return np.all(np.abs(decoded - stored) <= _ROUNDED, axis=1), certain
