"""The models on registered versions: which of two is closer to the original, and which was made from which."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genloss.model.pairs.evidence import Rows, both_directions
from genloss.model.pairs.family_evidence import family_columns
from genloss.model.pairs.rivals import rival_columns
from genloss.model.scoring.bundle import CLOSER, FAMILY, PARENT, RIVAL, Bundle
from genloss.model.scoring.onnx_session import open_session


@dataclass(frozen=True)
class PairCalibration:
    """Turns the outputs of the models into probabilities.

    Attributes:
        judge_weight: weight of the pair judge's log odds.
        slope: the probability is sigmoid(slope * (judge_weight * judge + evidence)).
        alone_slope: the probability is sigmoid(alone_slope * judge) for pairs that could not be registered.
        parent_slope: the probability of a parent is sigmoid(parent_slope * output + parent_offset).
        parent_offset: see parent_slope.
        family_slope: the same for a parent in view of all versions.
        family_offset: see family_slope.
    """

    judge_weight: float
    slope: float
    alone_slope: float
    parent_slope: float
    parent_offset: float
    family_slope: float = 1.0
    family_offset: float = 0.0


class PairModels:
    """Runs the pair models of a bundle; threads may share it.

    Args:
        bundle: has pair models (`pairs` is not None).

    Raises:
        BundleError: ONNX Runtime cannot run the models.
    """

    def __init__(self, bundle: Bundle) -> None:
        assert bundle.pairs is not None
        self.calibration = PairCalibration(**bundle.pairs.calibration)
        self._closer = open_session(bundle.pairs.closer, bundle.folder / CLOSER)
        self._parent = open_session(bundle.pairs.parent, bundle.folder / PARENT)
        family = bundle.pairs.family
        self._family = None if family is None else open_session(family, bundle.folder / FAMILY)
        rival = bundle.pairs.rival
        self._rival = None if rival is None else open_session(rival, bundle.folder / RIVAL)

    def log_odds(self, forwards: Rows, backwards: Rows, judge: NDArray[np.floating]) -> NDArray[np.float64]:
        """Calibrated log odds that the first version is worse than the second, (N,); exactly antisymmetric.

        Args:
            forwards: (N, N_MEASURES) evidence that the second version was made from the first.
            backwards: (N, N_MEASURES) evidence that the first was made from the second.
            judge: (N,) the pair judge's log odds that the first is worse.
        """
        evidence = self._run(self._closer, both_directions(forwards, backwards))
        exchanged = self._run(self._closer, both_directions(backwards, forwards))
        found: NDArray[np.float64] = self.calibration.slope * (
            self.calibration.judge_weight * judge + (evidence - exchanged) / 2
        )
        return found

    def parent_log_odds(self, forwards: Rows, backwards: Rows, judge: NDArray[np.floating]) -> NDArray[np.float64]:
        """Log odds that the first version is the second's parent, (N,); arguments as in log_odds."""
        columns = np.hstack([both_directions(forwards, backwards), judge[:, None].astype(np.float32)])
        found: NDArray[np.float64] = (
            self.calibration.parent_slope * self._run(self._parent, columns) + self.calibration.parent_offset
        )
        return found

    def family_log_odds(self, parent: NDArray[np.floating], worse: NDArray[np.floating]) -> NDArray[np.float64]:
        """Log odds that the row's version is the column's parent, in view of all versions of a group, (V, V).

        Args:
            parent: (V, V) from parent_log_odds; -inf for pairs that were not compared, which stay ruled out.
            worse: (V, V) from log_odds, that the row's version is worse.

        Returns:
            `parent` itself if the bundle has no family model.
        """
        odds = np.asarray(parent, np.float64)
        if self._family is None:
            return odds
        columns = family_columns(odds, worse)
        found = self._run(self._family, columns.reshape(-1, columns.shape[-1])).reshape(odds.shape)
        return np.where(np.isfinite(odds), self.calibration.family_slope * found + self.calibration.family_offset, -np.inf)

    @property
    def compares_rivals(self) -> bool:
        """Whether the bundle has the model for `rival_log_odds`."""
        return self._rival is not None

    def rival_log_odds(self, one: tuple[Rows, Rows], other: tuple[Rows, Rows]) -> NDArray[np.float64]:
        """Log odds that a version was made from one rival rather than from the other, (N,); exactly antisymmetric.

        Args:
            one, other: as in rivals.rival_columns.
        """
        found: NDArray[np.float64] = (
            self._run(self._rival, rival_columns(one, other)) - self._run(self._rival, rival_columns(other, one))
        ) / 2
        return found

    def _run(self, session: object, columns: Rows) -> NDArray[np.float64]:
        if not len(columns):
            return np.zeros(0)
        (found,) = session.run(None, {"columns": np.ascontiguousarray(columns, dtype=np.float32)})  # type: ignore[attr-defined]
        return np.asarray(found[:, 0], np.float64)
