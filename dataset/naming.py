"""Classifies pictures with a trained classifier. Names are added to its memory and removed without training."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genloss.dataset.labelled import to_square
from genloss.dataset.networks.classifier import outputs_of, side_of
from genloss.dataset.sweep.options import measure_of
from genloss.dataset.sweep.trained import MEMORY, find_classifier, load_trained, read_memory
from genloss.model.errors import ImageError, NamesError, OutputError
from genloss.model.files import lock_folder, write_atomically
from genloss.model.images.decode import decode
from genloss.model.images.reading import read_file
from genloss.model.memory.explicit_memory import KeyBits, Memory


@dataclass(frozen=True)
class Named:
    """Answer for a file.

    Attributes:
        path: of the file.
        name: of the nearest key; empty if the file cannot be read.
        similarity: with the nearest key, in [-1, 1].
        known: whether the similarity reaches the threshold of the name; if not, the picture belongs to no name.
        error: code and reason if the file cannot be read; otherwise empty.
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
        NamesError: the memory is damaged, or of another network.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = find_classifier(folder)
        classifier = load_trained(self._folder)
        self._network, self.memory = classifier.network, classifier.memory
        self._measure = measure_of(self._folder)

    def name(self, paths: Sequence[str]) -> list[Named]:
        """Answers for all files, in their order; unreadable files have an `error`."""
        pictures, found = [], []
        for path in paths:
            try:
                pictures.append(self._read(path))
                found.append(Named(path))
            except ImageError as error:
                found.append(Named(path, error=f"{error.code}: {error}"))
        if not pictures:
            return found
        answers = self.memory.nearest(outputs_of(self._network, np.stack(pictures)), self._measure)
        said = iter(zip(answers.names, answers.similarity.tolist(), answers.known.tolist(), strict=True))
        return [one if one.error else Named(one.path, *next(said)) for one in found]

    def add(self, name: str, paths: Sequence[str], bits: KeyBits = 32, apart: float | None = None) -> None:
        """Adds a name from pictures to the memory, and saves the memory atomically.

        Raises:
            ImageError: a picture cannot be read; the message names it, and the memory stays as it was.
            NamesError: the name is empty or exists already, there are no pictures, or another command changes the memory.
            OutputError: the memory cannot be saved.
        """
        pictures = [self._read_example(path) for path in paths]
        size = self.memory.n_dimensions
        outputs = outputs_of(self._network, np.stack(pictures)) if pictures else np.empty((0, size), np.float32)
        self._change(lambda memory: memory.add(name, outputs, bits, apart))

    def forget(self, name: str) -> None:
        """Removes a name from the memory; other names are not affected.

        Raises:
            NamesError: there is no such name, or another command changes the memory.
            OutputError: the memory cannot be saved.
        """
        self._change(lambda memory: memory.forget(name))

    def _change(self, change: Callable[[Memory], Memory]) -> None:
        """Changes the memory as it is on disk now: another command may have added a name since it was loaded."""
        path = self._folder / MEMORY
        with lock_folder(self._folder) as is_alone:
            if not is_alone:
                raise NamesError(f"another command changes {path}; try again")
            memory = change(read_memory(path))
            try:
                write_atomically(path, memory.dumps())
            except OSError as error:
                raise OutputError(f"{path} cannot be written: {error.strerror}") from error
        self.memory = memory

    def _read_example(self, path: str) -> NDArray[np.uint8]:
        try:
            return self._read(path)
        except ImageError as error:
            raise type(error)(f"{path}: {error}") from error

    def _read(self, path: str) -> NDArray[np.uint8]:
        return to_square(decode(read_file(path)).rgb, side_of(self._network))
