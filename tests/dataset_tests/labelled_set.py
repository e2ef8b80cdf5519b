"""Labelled folders made for tests: stripes that run across, down or aslant, each picture other than the next."""

from pathlib import Path

import numpy as np

from genloss.model.images.reencoding import encode_png

CLASSES = ("across", "aslant", "down")


def stripes(kind: str, generator: np.random.Generator, side_px: int = 32) -> np.ndarray:
    """(S, S, 3) uint8: stripes of a random colour, width and phase under noise."""
    y, x = np.mgrid[:side_px, :side_px]
    along = {"across": y, "down": x, "aslant": (x + y) / np.sqrt(2)}[kind]
    wave = np.sin(along * generator.uniform(0.6, 1.2) + generator.uniform(0, 6))
    colour = generator.uniform(40, 90, 3)
    picture = generator.uniform(90, 160, 3) + wave[..., None] * colour + generator.normal(0, 25, (side_px, side_px, 3))
    return np.clip(picture, 0, 255).astype(np.uint8)


def make_set(root: Path, n_each: int, classes: tuple[str, ...] = CLASSES, side_px: int = 32) -> Path:
    """A folder of class folders with PNG files."""
    generator = np.random.default_rng(7)
    for kind in classes:
        (root / kind).mkdir(parents=True)
        for number in range(n_each):
            (root / kind / f"{number:03}.png").write_bytes(encode_png(stripes(kind, generator, side_px)))
    return root
