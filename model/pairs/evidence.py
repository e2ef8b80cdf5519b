"""The numbers that the models of pairs are fitted on, in a fixed order."""

import numpy as np
from numpy.typing import NDArray

from genloss.model.pairs.derivation import Derivation, measure_names
from genloss.model.pairs.registration import Registration

NAMES: tuple[str, ...] = ("registration.likeness", *measure_names())
N_MEASURES = len(NAMES)

Rows = NDArray[np.float32]


def pair_vector(derivation: Derivation | None, registration: Registration) -> Rows:
    """(N_MEASURES,) float32 in the order of NAMES; NaN where something does not apply."""
    found = np.full(N_MEASURES, np.nan, np.float32)
    found[0] = registration.likeness
    if derivation is not None:
        found[1:] = derivation.vector()
    return found


def both_directions(forwards: Rows, backwards: Rows) -> Rows:
    """Input of the pair models: both directions and their difference.

    Args:
        forwards, backwards: (N, N_MEASURES) of "the second was made from the first", and the other way round.

    Returns:
        (N, 3 * N_MEASURES - 1) float32; exchanging the two versions exchanges the first two parts and negates the third.
    """
    return np.hstack([forwards, backwards[:, 1:], forwards - backwards])


def input_names() -> tuple[str, ...]:
    """Names of the columns of both_directions."""
    return (*NAMES, *(f"{name} backwards" for name in NAMES[1:]), *(f"{name} less backwards" for name in NAMES))
