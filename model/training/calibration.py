"""Calibration: the slope that turns differences into probabilities, the calibration error, and accuracy over chains."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

CLOSE_CALLS = 0.1  # share of validation pairs, the least certain ones, that are called too close


@dataclass(frozen=True)
class JudgedChains:
    """Judgements of the chains of one split; the versions of each chain are in their true order.

    Attributes:
        log_odds: for each chain (V, V), that the row's version is worse than the column's.
        first: for each chain, the index of the version that was ranked first.
    """

    log_odds: list[NDArray[np.floating]]
    first: list[int]

    def margins(self) -> NDArray[np.float64]:
        """Margins of all ordered pairs, (P,); above 0 if the judgement is right."""
        parts = [one.T[np.triu_indices(len(one), 1)] for one in self.log_odds]
        return np.concatenate(parts).astype(np.float64)


def calibrate(validation: JudgedChains) -> dict[str, float]:
    """The slope of the probabilities, and the probability below which a comparison is too close to call."""
    margins = validation.margins()
    slope = fit_slope(margins)
    odds = 1.0 / (1.0 + np.exp(-slope * np.abs(margins)))
    return {"slope": slope, "close_call": float(np.quantile(odds, CLOSE_CALLS))}


def measure_accuracy(judged: JudgedChains, slope: float) -> dict[str, Any]:
    """Accuracy over pairs and chains; ties count half.

    Args:
        judged: any split.
        slope: slope from the validation split.
    """
    margins = judged.margins()
    long_chains = [first == 0 for first, one in zip(judged.first, judged.log_odds, strict=True) if len(one) > 3]
    return {
        "n_chains": len(judged.log_odds),
        "n_pairs": len(margins),
        "pair_accuracy": _share_right([margins]),
        "original_accuracy": _share_right([one[1:, 0] for one in judged.log_odds]),
        "neighbour_accuracy": _share_right([np.diag(one, -1) for one in judged.log_odds]),
        "top_1": float(np.mean(np.array(judged.first) == 0)),
        "top_1_of_4_or_more": float(np.mean(long_chains)),
        "calibration_error": calibration_error(margins, slope),
    }


def fit_slope(differences: NDArray[np.float64]) -> float:
    """The slope a for which sigmoid(a * difference) is the calibrated probability that the lower score is the better version.

    Maximum likelihood by Newton's method. A difference is the worse version's score minus the better version's.
    """
    slope = 10.0
    for _ in range(100):
        wrong = 1.0 / (1.0 + np.exp(np.clip(slope * differences, -500, 500)))
        gradient = float((differences * wrong).sum())
        curvature = float((differences**2 * wrong * (1.0 - wrong)).sum())
        slope = max(0.1, slope + float(np.clip(gradient / max(curvature, 1e-12), -slope / 2, slope)))
    return slope


def calibration_error(differences: NDArray[np.float64], slope: float, n_bins: int = 10) -> float:
    """Expected calibration error: mean over bins of |stated - observed|, weighted by count."""
    stated = 1.0 / (1.0 + np.exp(-slope * np.abs(differences)))
    right = (differences > 0) + 0.5 * (differences == 0)
    place = np.minimum(((stated - 0.5) * 2 * n_bins).astype(int), n_bins - 1)
    error = 0.0
    for index in range(n_bins):
        inside = place == index
        if inside.any():
            error += inside.mean() * abs(stated[inside].mean() - right[inside].mean())
    return float(error)


def _share_right(margins: list[NDArray]) -> float:
    found = np.concatenate(margins)
    return float(np.mean((found > 0) + 0.5 * (found == 0)))
