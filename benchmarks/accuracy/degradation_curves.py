"""Scores along known damage: JPEG qualities of one picture, and generations of recompressing and turning."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.stats import spearmanr

from genloss import Scorer

# The qualities of "Effects of Compression on Visual Representations", and the checkpoints of "Solving xkcd 1683".
QUALITIES = (100, 50, 20, 10, 5, 3, 1)
GENERATIONS = (0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1000)
GENERATION_QUALITY = 80


@dataclass(frozen=True)
class Curve:
    """One picture's scores along its damage.

    Attributes:
        name: of the picture.
        scores: generation loss at each step, least damage first.
    """

    name: str
    scores: NDArray[np.float64]

    @property
    def rising(self) -> bool:
        """Whether every step scores higher than the one before."""
        return bool((np.diff(self.scores) > 0).all())

    @property
    def spearman(self) -> float:
        """Rank correlation of damage and score."""
        return float(spearmanr(np.arange(len(self.scores)), self.scores).statistic)


def jpeg_sweep(scorer: Scorer, pictures: Sequence[tuple[str, Image.Image]]) -> list[Curve]:
    """Scores of each picture saved once at every quality of QUALITIES, best first."""
    return [
        Curve(name, np.array([scorer.score(saved_jpeg(picture, quality)).generation_loss for quality in QUALITIES]))
        for name, picture in pictures
    ]


def generations(scorer: Scorer, pictures: Sequence[tuple[str, Image.Image]]) -> list[Curve]:
    """Scores at GENERATIONS of each picture, turned by 90 degrees and saved again up to 1,000 times."""
    return [
        Curve(name, np.array([scorer.score(data).generation_loss for data in generation_files(picture)]))
        for name, picture in pictures
    ]


def generation_files(picture: Image.Image) -> list[bytes]:
    """A picture turned by 90 degrees and saved again up to 1,000 times: the files at GENERATIONS.

    The sides are cropped so that neither is a multiple of 16: every turn then moves the pixels on the block grid.
    """
    width, height = (side - 1 if side % 16 == 0 else side for side in picture.size)
    picture = picture.crop((0, 0, width, height))
    files = []
    for generation in range(GENERATIONS[-1] + 1):
        data = saved_jpeg(picture, 95 if generation == 0 else GENERATION_QUALITY)
        if generation in GENERATIONS:
            files.append(data)
        # The turn itself loses nothing, but moves the block grid.
        picture = Image.open(io.BytesIO(data)).convert("RGB").transpose(Image.Transpose.ROTATE_90)
    return files


def saved_jpeg(picture: Image.Image, quality: int) -> bytes:
    """A JPEG by Pillow."""
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=quality)
    return stream.getvalue()
