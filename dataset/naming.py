"""Names pictures with a trained classifier, and teaches its memory names or makes it forget them, without training."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genloss.dataset.labelled import to_square
from genloss.dataset.networks.classifier import outputs_of, side_of
from genloss.dataset.sweep.trained import MEMORY, find_classifier, load_trained
from genloss.model.errors import ImageError
from genloss.model.files import write_atomically
from genloss.model.images.decode import decode
from genloss.model.images.reading import read_file
from genloss.model.memory.explicit_memory import KeyBits, Measure, Memory


@dataclass(frozen=True)
class Named:
    """What is said of a file.

    Attributes:
        path: of the file.
        name: of the nearest key; empty where the file cannot be read.
        similarity: with it, in [-1, 1].
        known: whether that is near enough; otherwise it is none of the names.
        error: code and reason where the file cannot be read.
    """

    path: str
    name: str = ""
    similarity: float = float("nan")
    known: bool = False
    error: str = ""


class Namer:
    """A classifier with its memory.

    Args:
        folder: the results of a sweep, or the folder of one of its classifiers.

    Raises:
        DatasetError: the folder holds no classifier.
        NamesError: the memory is damaged.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = find_classifier(folder)
        classifier = load_trained(self._folder)
        self._network, self.memory = classifier.network, classifier.memory

    def name(self, paths: Sequence[str], by: Measure = "cosine") -> list[Named]:
        """What is said of each file, in order; files that cannot be read are said to be so."""
        pictures, found = [], []
        for path in paths:
            try:
                pictures.append(self._read(path))
                found.append(Named(path))
            except ImageError as error:
                found.append(Named(path, error=f"{error.code}: {error}"))
        if not pictures:
            return found
        answers = self.memory.nearest(outputs_of(self._network, np.stack(pictures)), by)
        said = iter(zip(answers.names, answers.similarity.tolist(), answers.known.tolist(), strict=True))
        return [one if one.error else Named(one.path, *next(said)) for one in found]

    def add(self, name: str, paths: Sequence[str], bits: KeyBits = 32, apart: float | None = None) -> None:
        """Learns a name from pictures; on disk once it is whole.

        Raises:
            ImageError: a picture cannot be read; nothing is learned then.
            NamesError: the name is taken, or no picture was given.
        """
        pictures = [self._read(path) for path in paths]
        size = self.memory.n_dimensions
        outputs = outputs_of(self._network, np.stack(pictures)) if pictures else np.empty((0, size), np.float32)
        self._keep(self.memory.add(name, outputs, bits, apart))

    def forget(self, name: str) -> None:
        """Removes a name; the others are as they were.

        Raises:
            NamesError: there is no such name.
        """
        self._keep(self.memory.forget(name))

    def _keep(self, memory: Memory) -> None:
        write_atomically(self._folder / MEMORY, memory.dumps())
        self.memory = memory

    def _read(self, path: str) -> NDArray[np.uint8]:
        return to_square(decode(read_file(path)).rgb, side_of(self._network))
