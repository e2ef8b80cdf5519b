"""Damages a JPEG as a bad disk or a broken transfer does; nothing here is random."""

import numpy as np

from genloss.datagen.recipe import Step
from genloss.model.errors import ImageError, RecipeError
from genloss.model.images.decode import decode

END_OF_IMAGE = b"\xff\xd9"


def overwrite(data: bytes, step: Step) -> bytes:
    """Overwrites some bytes of the coded pixels.

    Raises:
        RecipeError: the damaged file can no longer be decoded.
    """
    start = data.index(b"\xff\xda") + 14
    at = start + int(step["share"] * max(0, len(data) - start - step["n_bytes"] - 2))
    wrong = np.random.default_rng(step["seed"]).integers(0, 256, step["n_bytes"], np.uint8).tobytes()
    damaged = data[:at] + wrong + data[at + len(wrong) :]
    try:
        decode(damaged)
    except ImageError as error:
        raise RecipeError(f"the damaged file cannot be decoded: {error}") from error
    return damaged


def cut(data: bytes, step: Step) -> bytes:
    """Keeps the first part of the coded pixels and appends an end of image. Programs decode the missing part as grey."""
    start = data.index(b"\xff\xda") + 14
    return data[: start + int(step["share"] * (len(data) - start))] + END_OF_IMAGE
