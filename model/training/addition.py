"""What the trainings that add models to a bundle have in common: what is asked for, the splits, and who watches.

Importing this needs none of their libraries.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar

SPLITS = ("train", "validation", "test")

Settings = TypeVar("Settings")


@dataclass(frozen=True)
class AdditionRequest(Generic[Settings]):
    """What to train, and on what.

    Attributes:
        folders: written by datagen/make_pairs.py or datagen/make_families.py.
        bundle: whose tower or judge is asked and whose networks are copied.
        out: folder of the new bundle.
        training: settings.
        corpus: what the originals are, for the model card.
        command: what was typed, for the model card.
    """

    folders: tuple[Path, ...]
    bundle: Path
    out: Path
    training: Settings
    corpus: str = "not stated"
    command: str = ""


class Observer(Protocol):
    """Whoever watches."""

    def step(self, phase: str, done: int, total: int, **figures: float) -> None:
        """How far a phase is."""

    def phase(self, phase: str) -> None:
        """A phase without steps begins."""
