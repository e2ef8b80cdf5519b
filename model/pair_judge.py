"""The pair judge through ONNX Runtime: which of two versions of one picture is closer to the original."""

from collections.abc import Sequence

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from model.bundle import JUDGE, Bundle
from model.errors import BundleError


class PairJudge:
    """Compares versions by their evidence; safe to share between threads.

    Raises:
        BundleError: the bundle's judge cannot be run.
    """

    def __init__(self, bundle: Bundle) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # the same bits whatever the machine's load
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(bundle.judge, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime's own exceptions share no public base class
            raise BundleError(f"{bundle.folder / JUDGE} cannot be run: {error}") from error

    def log_odds(self, evidence: Sequence[NDArray[np.float32]]) -> NDArray[np.float64]:
        """(n, n) antisymmetric log odds that the row's version is worse than the column's, not yet calibrated.

        Args:
            evidence: of n versions of one picture, as their scores hold it.
        """
        n = len(evidence)
        matrix = np.zeros((n, n))
        one, other = np.triu_indices(n, 1)
        if len(one):
            stacked = np.stack(evidence)
            (found,) = self._session.run(["log_odds"], {"left": stacked[one], "right": stacked[other]})
            matrix[one, other] = found[:, 0]
        return matrix - matrix.T
