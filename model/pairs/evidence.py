"""The numbers that the models of pairs are fitted on, in a fixed order."""

import numpy as np
from numpy.typing import NDArray

from genloss.model.pairs.derivation import Derivation, measure_names
from genloss.model.pairs.registration import Registration

EVIDENCE_VERSION = 1  # of what is measured; a model fitted on another version is refused
NAMES: tuple[str, ...] = ("registration.likeness", *measure_names())
N_MEASURES = len(NAMES)


def pair_vector(derivation: Derivation | None, registration: Registration) -> NDArray[np.float32]:
    """(N_MEASURES,) float32 in the order of NAMES; NaN where something does not apply."""
    found = np.full(N_MEASURES, np.nan, np.float32)
    found[0] = registration.likeness
    if derivation is not None:
        found[1:] = derivation.vector()
    return found
