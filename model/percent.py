"""Probabilities and shares as text, rounded down: none looks better than it is, and 100 % means all."""

import math

_ROUNDING = 1e-9  # of products such as 100 * 0.29, which lies just below 29


def percent(odds: float) -> str:
    """A probability as "74 %" or "99.3 %", as on the web page; "> 99.9 %" and "< 1 %" at the ends."""
    if odds > 0.999:
        return "> 99.9 %"
    if odds < 0.01:
        return "< 1 %"
    return percent_of_all(odds, 1 if odds >= 0.99 else 0)


def percent_of_all(share: float, digits: int = 1) -> str:
    """A share in [0, 1] as "99.9 %", with this number of digits behind the point."""
    scale = 10**digits
    return f"{math.floor(100 * scale * share + _ROUNDING) / scale:.{digits}f} %"
