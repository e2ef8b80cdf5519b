"""Thousands of damaged and malicious files: each a score or a documented error, in time, and no worker dies."""

import math
import re
from collections import Counter

import pytest

from genloss.model.errors import DecodeCrashedError, DecodeTimeoutError, GenerationLossError, ImageError
from genloss.model.images.decode import decode
from genloss.model.images.guard import MAX_PIXELS
from genloss.model.parallel import in_order
from genloss.model.scoring.scorer import Score
from genloss.model.scoring.workers import ScoringWorkers
from tests.fixtures import LIMIT_SECONDS, ROOT
from tests.hostile import healthy_files, hostile_files


def _documented_codes() -> set[str]:
    """Of the first column of the table."""
    table = (ROOT / "docs/using/errors.md").read_text(encoding="utf-8")
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    return {code for cell in cells for code in re.findall(r"`(\w+)`", cell)}


@pytest.mark.parametrize(
    ("seed", "n_files", "max_pixels"),
    [(1, 500, 2_000_000), pytest.param(2, 20_000, MAX_PIXELS, marks=pytest.mark.slow)],
    ids=["some", "many"],
)
def test_any_bytes_give_a_score_or_a_documented_error(seed, n_files, max_pixels):
    documented = _documented_codes()
    n_scored = 0
    codes = set()
    # Files that do take too long are in test_scoring_workers.py.
    with ScoringWorkers(max_pixels=max_pixels, n_workers=2, deadline_seconds=LIMIT_SECONDS) as workers:
        for (name, _), future in in_order(lambda one: workers.submit(one[1]), hostile_files(seed, n_files), 64):
            error = future.exception()
            if error is None:
                n_scored += 1
                loss = future.result().generation_loss
                assert math.isfinite(loss), name
                assert 0.0 <= loss <= 1.0, name
                continue
            assert isinstance(error, ImageError), (name, repr(error))
            assert not isinstance(error, DecodeTimeoutError | DecodeCrashedError), (name, repr(error))
            assert error.code in documented, (name, error.code)
            assert "\n" not in str(error), name
            codes.add(error.code)
    assert n_scored > n_files / 10
    assert len(codes) >= 7


@pytest.mark.parametrize("name", ["RGB.jpeg", "P.png", "L.gif", "RGB.webp", "RGB.avif", "P.bmp", "RGB.tiff", "animation.png"])
def test_every_truncation_is_an_error(name):
    data = dict(healthy_files())[name]
    assert decode(data).rgb.size
    step = 7 if len(data) > 3000 else 1
    for n_bytes in [*range(0, len(data) - 40, step), *range(max(0, len(data) - 40), len(data))]:
        with pytest.raises(ImageError) as caught:
            decode(data[:n_bytes])
        if n_bytes > 64:  # before, there is no telling what it was
            assert caught.value.code in ("image_truncated", "image_corrupt"), n_bytes


@pytest.mark.parametrize(("name", "data"), healthy_files(), ids=[name for name, _ in healthy_files()])
def test_every_mode_of_every_format_is_scored(name, data, scorer):
    result = scorer.score(data)
    assert isinstance(result, Score)
    assert 0.0 <= result.generation_loss <= 1.0
    assert math.isfinite(result.generation_loss)


def test_the_generator_starts_from_every_format_in_many_modes():
    counts = Counter(name.rpartition(".")[2] for name, _ in healthy_files())
    assert {kind: count >= 6 for kind, count in counts.items()} == dict.fromkeys(
        ("jpeg", "png", "gif", "webp", "avif", "bmp", "tiff"), True
    )


def test_every_error_code_is_documented():
    def codes(kind: type) -> set[str]:
        return {kind.code}.union(*map(codes, kind.__subclasses__()))

    assert codes(GenerationLossError) - {"internal_error"} <= _documented_codes()
