"""Two versions side by side: how one lies on the other, and how well each explains the other."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from genloss.model.pairs.derivation import Derivation, measure_derivation
from genloss.model.pairs.evidence import pair_vector
from genloss.model.pairs.planes import VersionPlanes
from genloss.model.pairs.registration import Registration, register


@dataclass(frozen=True)
class Comparison:
    """Measurements of two versions of one picture.

    Attributes:
        registration: how the first lies on the second.
        forwards: "the second was made from the first"; None where the first covers too little of the second.
        backwards: "the first was made from the second".
    """

    registration: Registration
    forwards: Derivation | None
    backwards: Derivation | None

    @property
    def swapped(self) -> "Comparison":
        """The same comparison with the versions exchanged."""
        return Comparison(self.registration.inverse, self.backwards, self.forwards)

    @cached_property
    def forwards_vector(self) -> NDArray[np.float32]:
        """(N_MEASURES,) of "the second was made from the first"; NaN where something does not apply."""
        return pair_vector(self.forwards, self.registration)

    @cached_property
    def backwards_vector(self) -> NDArray[np.float32]:
        """(N_MEASURES,) of "the first was made from the second"."""
        return pair_vector(self.backwards, self.registration)


def compare(first: VersionPlanes, second: VersionPlanes) -> Comparison | None:
    """Lays the first version on the second and measures both directions.

    Returns:
        None where no plausible way to lay them on each other was found.
    """
    registration = register(first, second)
    return None if registration is None else measure(first, second, registration)


def measure(first: VersionPlanes, second: VersionPlanes, registration: Registration) -> Comparison:
    """Measures both directions of two versions, the first of which lies on the second as registered."""
    placement = registration.placement
    return Comparison(
        registration,
        measure_derivation(first, second, placement),
        measure_derivation(second, first, placement.inverse),
    )
