"""Shared by the trainings that add models to a bundle: the request, the splits and the observer.

Importing this module needs none of their libraries.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar

SPLITS = ("train", "validation", "test")

Settings = TypeVar("Settings")


@dataclass(frozen=True)
class AdditionRequest(Generic[Settings]):
    """What to train, and the data for it.

    Attributes:
        folders: folders written by datagen/make_pairs.py or datagen/make_families.py.
        bundle: bundle whose tower or judge is used, and whose networks are copied.
        out: folder of the new bundle.
        training: settings.
        corpus: description of the originals, for the model card.
        command: the command line, for the model card.
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
        """Called with the progress of a phase."""

    def phase(self, phase: str) -> None:
        """Called when a phase without steps begins."""
