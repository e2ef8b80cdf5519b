"""The linear layer from a picture's evidence to the vector that the memory of damage is asked with.

The evidence is what the pair judge compares: all whole-image measurements and the tower's summary of the blocks. Half of
the vector's length points to the key of a kind; the other half is the evidence itself in few, equally strong dimensions, by
which kinds can be told that nobody trained for.
"""

import io
import zipfile
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genloss.model.errors import BundleError
from genloss.model.memory.keys import Vectors, to_unit

_MOST_DEVIATIONS, _SOFT_DEVIATIONS = 6.0, 3.0
_STEPS = 127


@dataclass(frozen=True)
class DamageLayer:
    """What is fitted once and never changes when a kind is taught.

    Attributes:
        mean, deviation: (E,) float32 of the training evidence.
        weights: (E + 1, D) int8, the last row for a constant.
        scales: (D,) float32, of a step of the weights.
        n_pointing: how many of the D dimensions point to keys; the others are the evidence in few dimensions.
    """

    mean: Vectors
    deviation: Vectors
    weights: NDArray[np.int8]
    scales: Vectors
    n_pointing: int

    @classmethod
    def of_weights(cls, mean: NDArray, deviation: NDArray, weights: NDArray, n_pointing: int) -> "DamageLayer":
        """The layer with its weights (E + 1, D) rounded to 255 steps a dimension."""
        scales = np.maximum(np.abs(weights).max(axis=0), 1e-12) / _STEPS
        rounded = np.rint(weights / scales).astype(np.int8)
        return cls(mean.astype(np.float32), deviation.astype(np.float32), rounded, scales.astype(np.float32), n_pointing)

    @property
    def n_dimensions(self) -> int:
        """D."""
        return self.weights.shape[1]

    def vectors(self, evidence: NDArray) -> Vectors:
        """(N, D) float32 of length 1, both parts equally long.

        Args:
            evidence: (N, E), as Score.evidence.
        """
        columns = prepare(evidence, self.mean, self.deviation)
        found = (columns @ self.weights.astype(np.float32)) * self.scales
        parts = (found[:, : self.n_pointing], found[:, self.n_pointing :])
        return np.hstack([_half(part) for part in parts if part.shape[1]]).astype(np.float32)

    def strength(self, evidence: NDArray, keys: NDArray) -> Vectors:
        """(N,): how far the output reaches towards the nearest of (K, D) keys; small where no kind is met.

        Unlike the cosine it also falls where the layer answers weakly at all.
        """
        columns = prepare(evidence, self.mean, self.deviation)
        pointing = (columns @ self.weights[:, : self.n_pointing].astype(np.float32)) * self.scales[: self.n_pointing]
        reach: Vectors = (pointing @ to_unit(keys[:, : self.n_pointing]).T).max(axis=1).astype(np.float32)
        return reach


def prepare(evidence: NDArray, mean: NDArray, deviation: NDArray) -> Vectors:
    """(N, E + 1) float32 from (N, E): in deviations from the mean, large ones drawn in, and a constant 1."""
    apart = np.clip((np.asarray(evidence, np.float32) - mean) / deviation, -_MOST_DEVIATIONS, _MOST_DEVIATIONS)
    soft = apart / (1 + np.abs(apart) / _SOFT_DEVIATIONS)
    return np.hstack([soft, np.ones((len(soft), 1))]).astype(np.float32)


def pack_arrays(arrays: dict[str, NDArray]) -> bytes:
    """The arrays as the bytes of an .npz file; equal arrays give equal bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in sorted(arrays):
            content = io.BytesIO()
            np.lib.format.write_array(content, np.ascontiguousarray(arrays[name]), allow_pickle=False)
            packed.writestr(zipfile.ZipInfo(f"{name}.npy"), content.getvalue(), zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def unpack_arrays(data: bytes, name: object) -> dict[str, NDArray]:
    """The arrays of an .npz file.

    Args:
        data: its bytes.
        name: what an error calls it.

    Raises:
        BundleError: it is none.
    """
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as stored:
            return {key: stored[key] for key in stored.files}
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise BundleError(f"{name} cannot be read: {error}") from error


def _half(part: NDArray) -> NDArray:
    """Every row with a length whose square is one half."""
    length = np.maximum(np.linalg.norm(part, axis=1, keepdims=True), 1e-12)
    return part / (length * np.sqrt(2))
