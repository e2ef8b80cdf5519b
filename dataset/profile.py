"""profile.json: sizes, formats and JPEG settings of a set, for `make_pairs --profile`."""

import json
from collections import Counter
from pathlib import Path

from genloss.dataset.ledger import Ledger
from genloss.model.files import write_atomically

_SAMPLINGS = ("4:2:0", "4:4:4", "4:2:2", "4:4:0", "4:1:1")  # those that make_pairs can write
_N_QUANTILES = 11
_WHOLE = "broken = '' AND width_px"
_JPEG = f"{_WHOLE} AND format = 'jpeg' AND jpeg_quality IS NOT NULL"


def write_profile(ledger: Ledger, side: int, path: Path) -> bool:
    """Writes the profile of the undamaged pictures of a side.

    Quantiles are evenly spaced, from the minimum to the maximum. Lossless files are those whose headers say so.

    Returns:
        False if there are no such pictures; no profile is written then.
    """
    (n_whole, n_lossless), (n_jpegs, n_progressive) = (
        next(ledger.select(side, expressions, f"AND {condition}"))
        for expressions, condition in (
            ("COUNT(*), SUM(lossless)", _WHOLE),
            ("COUNT(*), SUM(coding = 'progressive')", _JPEG),
        )
    )
    if not n_whole:
        return False
    (n_pictures,) = next(ledger.select(side, "COUNT(*)"))
    qualities = ledger.counts(side, "jpeg_quality", _JPEG) or Counter({90: 1})
    counted = ledger.counts(side, "subsampling", _JPEG)
    samplings = Counter({name: counted[name] for name in _SAMPLINGS if counted[name]}) or Counter({"4:2:0": 1})
    sizes = "MAX(width_px, height_px)", "ROUND(1.0 * MAX(width_px, height_px) / MIN(width_px, height_px), 4)"
    longest, ratios = (_quantiles(ledger.counts(side, expression, _WHOLE)) for expression in sizes)
    profile = {
        "longest_side_px": longest,
        "aspect_ratio": ratios,
        "lossless_share": n_lossless / n_whole,
        "jpeg_quality": _quantiles(qualities),
        "sampling": {name: count / samplings.total() for name, count in sorted(samplings.items())},
        "progressive_share": (n_progressive or 0) / max(1, n_jpegs),
    }
    document = {"n_pictures": n_whole, "n_unreadable": n_pictures - n_whole, "profile": profile}
    write_atomically(path, (json.dumps(document, indent=1) + "\n").encode())
    return True


def _quantiles(counts: "Counter[float]") -> list[float]:
    """Evenly spaced quantiles of counted values, interpolated linearly as in numpy.quantile."""
    values = sorted(counts)
    ends: list[int] = []
    for value in values:
        ends.append((ends[-1] if ends else 0) + counts[value])

    def at(index: int) -> float:
        return next(value for value, end in zip(values, ends, strict=True) if index < end)

    quantiles = []
    for step in range(_N_QUANTILES):
        place = step / (_N_QUANTILES - 1) * (ends[-1] - 1)
        low, high = at(int(place)), at(min(int(place) + 1, ends[-1] - 1))
        quantiles.append(round(float(low + (high - low) * (place - int(place))), 4))
    return quantiles
