"""The linear layer from a picture's evidence to the vector that the memory compares with its keys.

The evidence is the input of the pair judge: all whole-image measurements and the tower's summary of the blocks. One half of
the vector's squared length points to the key of a kind. The other half is the evidence, reduced to few dimensions of equal
strength, which can tell kinds apart that were not trained.
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
    """The fitted layer. Teaching a kind does not change it.

    Attributes:
        mean: (E,) float32, mean of the training evidence.
        deviation: (E,) float32, its standard deviation.
        weights: (E + 1, D) int8, the last row for a constant.
        scales: (D,) float32, size of a step of the weights.
        n_pointing: number of dimensions that point to keys; the others are the reduced evidence.
    """

    mean: Vectors
    deviation: Vectors
    weights: NDArray[np.int8]
    scales: Vectors
    n_pointing: int

    @classmethod
    def of_weights(cls, mean: NDArray, deviation: NDArray, weights: NDArray, n_pointing: int) -> "DamageLayer":
        """A layer with weights, (E + 1, D), rounded to 255 steps a dimension."""
        scales = np.maximum(np.abs(weights).max(axis=0), 1e-12) / _STEPS
        rounded = np.rint(weights / scales).astype(np.int8)
        return cls(mean.astype(np.float32), deviation.astype(np.float32), rounded, scales.astype(np.float32), n_pointing)

    @property
    def n_dimensions(self) -> int:
        """D."""
        return self.weights.shape[1]

    def vectors(self, evidence: NDArray) -> Vectors:
        """Vectors of length 1 with two parts of equal length; (N, D) float32.

        Args:
            evidence: (N, E), as Score.evidence.
        """
        columns = prepare(evidence, self.mean, self.deviation)
        found = (columns @ self.weights.astype(np.float32)) * self.scales
        parts = (found[:, : self.n_pointing], found[:, self.n_pointing :])
        return np.hstack([_half(part) for part in parts if part.shape[1]]).astype(np.float32)

    def strength(self, evidence: NDArray, keys: NDArray) -> Vectors:
        """Length of the output along the nearest of (K, D) keys, (N,); small for a picture of no kind.

        Unlike the cosine, it is also small if the whole output is small.
        """
        columns = prepare(evidence, self.mean, self.deviation)
        pointing = (columns @ self.weights[:, : self.n_pointing].astype(np.float32)) * self.scales[: self.n_pointing]
        reach: Vectors = (pointing @ to_unit(keys[:, : self.n_pointing]).T).max(axis=1).astype(np.float32)
        return reach


def prepare(evidence: NDArray, mean: NDArray, deviation: NDArray) -> Vectors:
    """Standardises (N, E) evidence, compresses large values, and appends a constant 1; (N, E + 1) float32."""
    apart = np.clip((np.asarray(evidence, np.float32) - mean) / deviation, -_MOST_DEVIATIONS, _MOST_DEVIATIONS)
    soft = apart / (1 + np.abs(apart) / _SOFT_DEVIATIONS)
    return np.hstack([soft, np.ones((len(soft), 1))]).astype(np.float32)


def pack_arrays(arrays: dict[str, NDArray]) -> bytes:
    """Packs arrays into an .npz file; equal arrays give equal bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in sorted(arrays):
            content = io.BytesIO()
            np.lib.format.write_array(content, np.ascontiguousarray(arrays[name]), allow_pickle=False)
            packed.writestr(zipfile.ZipInfo(f"{name}.npy"), content.getvalue(), zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def unpack_arrays(data: bytes, name: object) -> dict[str, NDArray]:
    """Unpacks the arrays of an .npz file.

    Args:
        data: content of the file.
        name: name of the file for errors.

    Raises:
        BundleError: the content is no .npz file.
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
