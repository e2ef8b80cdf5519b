"""Reads a folder of class folders as labelled pictures."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genloss.dataset.labels import check_labelled
from genloss.dataset.walk import walk
from genloss.model.errors import DatasetEmptyError, DatasetError, DatasetUnreadableError, ImageError
from genloss.model.images.decode import decode
from genloss.model.images.outputs import PICTURE_SUFFIXES
from genloss.model.images.reading import read_file
from genloss.model.images.resizing import resize
from genloss.model.pairs.picture_hash import Hashes, hash_plane
from genloss.model.printable import counted

LEAST_PER_CLASS = 10

Watch = Callable[[str, int, int, str], None]  # name of the step, number done, total, and a note


@dataclass(frozen=True)
class LabelledFiles:
    """Pictures of a labelled folder, in the order of their paths.

    Attributes:
        root: the folder.
        classes: names of the folders directly in it, sorted.
        paths: of N pictures.
        labels: (N,) places of the pictures' classes in `classes`.
        unreadable: path -> reason, for files that have the suffix of a picture but cannot be decoded.
    """

    root: Path
    classes: list[str]
    paths: list[Path]
    labels: NDArray[np.int64]
    unreadable: dict[str, str]

    def subset(self, places: Sequence[int] | NDArray[np.intp]) -> "LabelledFiles":
        """The pictures at these places only."""
        return LabelledFiles(
            self.root, self.classes, [self.paths[place] for place in places], self.labels[list(places)], self.unreadable
        )

    def digest(self) -> str:
        """SHA-256 of the names, sizes and change times of all files, in hexadecimal.

        Raises:
            DatasetUnreadableError: a file is gone.
        """
        digest = hashlib.sha256()
        for path in self.paths:
            try:
                status = path.stat()
            except OSError as error:
                raise DatasetUnreadableError(f"{path} changed while it was worked on ({error.strerror})") from error
            line = f"{path.relative_to(self.root)}\0{status.st_size}\0{status.st_mtime_ns}\0"
            digest.update(line.encode("utf-8", "surrogateescape"))
        return digest.hexdigest()


def list_labelled(root: Path, most_per_class: int, generator: np.random.Generator) -> LabelledFiles:
    """Lists the pictures below a folder. The class of a picture is the first folder below `root` on its path.

    Args:
        root: holds a folder for each class.
        most_per_class: most pictures of a class; more are sampled at random.
        generator: draws the sample.

    Raises:
        DatasetUnreadableError: the folder is missing or cannot be listed.
        DatasetEmptyError: no file has the suffix of a picture.
        DatasetUnlabelledError: fewer than two class folders with pictures.
    """
    if not root.is_dir():
        raise DatasetUnreadableError(f"{root} is {'a file' if root.exists() else 'missing'}; name a folder of class folders")
    found: dict[str, list[Path]] = {}
    for path, folder in walk([root]):
        if Path(path).suffix.lower() in PICTURE_SUFFIXES:
            found.setdefault(Path(folder).parts[0] if folder != "." else ".", []).append(Path(path))
    if not found:
        raise DatasetEmptyError(f"no picture below {root}, by name")
    check_labelled(list(found))
    found.pop(".", None)
    check_labelled(list(found))
    classes = sorted(found)
    paths, labels = [], []
    for label, name in enumerate(classes):
        chosen = sorted(generator.permutation(len(found[name]))[:most_per_class].tolist())
        paths += [found[name][place] for place in chosen]
        labels += [label] * len(chosen)
    return LabelledFiles(root, classes, paths, np.array(labels, np.int64), {})


def keep_readable(files: LabelledFiles, watch: Watch) -> tuple[LabelledFiles, Hashes, int]:
    """Decodes every file; keeps and hashes those that can be decoded.

    Returns:
        The readable files, their (N, 32) hashes, and the median of their shorter sides in pixels.

    Raises:
        DatasetError: a class has fewer than LEAST_PER_CLASS readable pictures.
    """
    kept, hashes, sides = [], [], []
    unreadable = dict(files.unreadable)
    for place, path in enumerate(files.paths):
        try:
            luma = decode(read_file(path)).luma
        except ImageError as error:
            unreadable[str(path)] = f"{error.code}: {error}"
        else:
            kept.append(place)
            hashes.append(hash_plane(luma))
            sides.append(min(luma.shape))
        watch("reading", place + 1, len(files.paths), "")
    readable = LabelledFiles(files.root, files.classes, [files.paths[place] for place in kept], files.labels[kept], unreadable)
    check_enough(readable)
    return readable, np.stack(hashes), int(np.median(sides))


def check_enough(files: LabelledFiles) -> None:
    """Checks that every class has enough pictures.

    Raises:
        DatasetError: a class has fewer than LEAST_PER_CLASS.
    """
    sizes = Counter(files.labels.tolist())
    label, name = min(enumerate(files.classes), key=lambda item: sizes[item[0]])
    if sizes[label] < LEAST_PER_CLASS:
        raise DatasetError(
            f"class {name} has {counted(sizes[label], 'readable picture')}; each class needs at least {LEAST_PER_CLASS}"
        )


def read_rgb(paths: Sequence[Path]) -> Iterator[NDArray[np.uint8]]:
    """(H, W, 3) sRGB of each file.

    Raises:
        DatasetUnreadableError: a file can no longer be read.
    """
    for path in paths:
        try:
            yield decode(read_file(path)).rgb
        except ImageError as error:
            raise DatasetUnreadableError(f"{path} changed while it was worked on ({error})") from error


def to_square(rgb: NDArray[np.uint8], side_px: int) -> NDArray[np.uint8]:
    """Resizes the whole picture to (S, S, 3) for a network; a picture that is not square is distorted."""
    return rgb if rgb.shape[:2] == (side_px, side_px) else resize(rgb, (side_px, side_px), "bilinear")
