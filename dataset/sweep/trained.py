"""Trains the classifiers of a sweep, stores them with their memories, and computes their outputs at a level."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genloss.dataset.labelled import LabelledFiles, Watch, read_rgb, to_square
from genloss.dataset.networks.attention import attend
from genloss.dataset.networks.classifier import (
    LAST_MAP,
    OUTPUT,
    Network,
    class_weights,
    load_classifier,
    outputs_of,
    predict,
    side_of,
    tapped,
)
from genloss.dataset.networks.config import ClassifierConfig
from genloss.dataset.networks.fitting import Epoch, Sample, fit_classifier
from genloss.dataset.stored_arrays import read_stored
from genloss.dataset.sweep.degradations import Degradation, degrade
from genloss.dataset.sweep.levels import AS_FOUND
from genloss.dataset.sweep.options import IDENTITY, SweepOptions
from genloss.dataset.sweep.outputs import LevelOutputs, Parts
from genloss.model.errors import DatasetError, NamesError, OutputError
from genloss.model.files import open_atomically, write_atomically
from genloss.model.memory.explicit_memory import Entry, Memory
from genloss.model.memory.keys import draw_keys

NETWORK, MEMORY = "classifier.keras", "memory.json"
AS_FOUND_FOLDER = "trained-as-found"
_STRANGERS = 0.05  # share of a class's correct validation outputs below the threshold


@dataclass(frozen=True)
class Classifier:
    """A network, the same network with the last maps as a further output, and the memory."""

    network: Network
    with_maps: Network
    memory: Memory


def prepare_classifier(options: SweepOptions, parts: Parts, level: int, side_px: int, watch: Watch, folder: Path) -> None:
    """Trains the classifier of a level and saves it, unless the folder has a finished classifier.

    Args:
        options: of the sweep.
        parts: the pictures.
        level: of the training pictures; AS_FOUND for unchanged files.
        side_px: side of the network's pictures in pixels.
        watch: shows the progress.
        folder: of the classifier.

    Raises:
        TrainingError: the loss is not finite, or a checkpoint is damaged.
    """
    if (folder / NETWORK).exists() and (folder / MEMORY).exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    files = parts.files
    doing = f"pictures to train on ({options.degradation.name(level)})"
    samples = [
        Sample(
            np.stack(list(_at_level(files.subset(part), options.degradation, level, side_px, watch, doing))), files.labels[part]
        )
        for part in (parts.train, parts.validation)
    ]
    keys = draw_keys(len(files.classes), options.n_bits, np.random.default_rng([options.fit.seed, 1]))
    watch_epoch = _epoch_watch(watch, f"training ({options.degradation.name(level)})", options.fit.epochs)
    config = ClassifierConfig(side_px, n_outputs=options.n_bits)
    network, _ = fit_classifier(samples[0], samples[1], keys, config, options.fit, folder, watch_epoch)
    outputs = outputs_of(network, samples[1].pictures)
    memory = _with_thresholds(Memory.of_keys(files.classes, keys), outputs, samples[1].labels, options)
    _save_network(network, folder / NETWORK)
    write_atomically(folder / MEMORY, memory.dumps())
    (folder / "checkpoint.npz").unlink(missing_ok=True)


def judge_level(
    options: SweepOptions, parts: Parts, classifier: Classifier, level: int, shown: NDArray[np.intp], watch: Watch,
    folder: Path,
) -> LevelOutputs:  # fmt: skip
    """Outputs of a classifier for the test pictures at a level; saved in the folder and loaded from there later.

    Args:
        options: of the sweep.
        parts: the pictures.
        classifier: from load_trained.
        level: of the test pictures; AS_FOUND for unchanged files.
        shown: (M,) places in the test part of the pictures whose outputs and attention are kept.
        watch: shows the progress.
        folder: of the classifier.
    """
    path = folder / f"level-{options.degradation.name(level).replace(' ', '-').replace('%', 'percent')}-{options.nearest}.npz"
    if (stored := read_stored(path, LevelOutputs.__dataclass_fields__)) is not None:
        return LevelOutputs(*(stored[name] for name in LevelOutputs.__dataclass_fields__))
    tested = parts.files.subset(parts.test)
    sizes: list[int] = []
    doing = f"trying ({options.degradation.name(level)})"
    side_px = side_of(classifier.network)
    pictures = np.stack(list(_at_level(tested, options.degradation, level, side_px, watch, doing, sizes.append)))
    maps, outputs = predict(classifier.with_maps, pictures)
    weights = class_weights(classifier.network, classifier.memory.keys)[tested.labels[shown]]
    found = LevelOutputs(
        classifier.memory.similarities(outputs, options.nearest),
        outputs[shown].astype(np.float32),
        attend(maps[shown], weights),
        np.array(sizes, np.int64),
    )
    with open_atomically(path) as stream:
        np.savez_compressed(stream, **asdict(found))
    return found


def find_classifier(folder: Path) -> Path:
    """Folder of a classifier. In the results of a sweep, this is the classifier of unchanged pictures.

    Args:
        folder: the results of a sweep, or the folder of a classifier.

    Raises:
        DatasetError: the folder holds no finished classifier.
    """
    found = folder / AS_FOUND_FOLDER if (folder / IDENTITY).exists() else folder
    if not (found / MEMORY).exists():
        raise DatasetError(f"{folder} holds no finished classifier; name the --out of genloss sweep")
    return found


def load_trained(folder: Path) -> Classifier:
    """Loads a classifier from a folder.

    Raises:
        DatasetError: the network is missing or damaged.
        NamesError: the memory is missing, damaged or of another network.
    """
    network = load_classifier(str(folder / NETWORK))
    memory = read_memory(folder / MEMORY)
    n_outputs = int(network.output_shape[-1])
    if memory.n_dimensions != n_outputs:
        raise NamesError(f"{folder / MEMORY} has keys of {memory.n_dimensions} dimensions, but the network has {n_outputs}")
    return Classifier(network, tapped(network, (LAST_MAP, OUTPUT)), memory)


def read_memory(path: Path) -> Memory:
    """The memory in a file.

    Raises:
        NamesError: the file is missing or damaged.
    """
    try:
        return Memory.loads(path.read_bytes())
    except OSError as error:
        raise NamesError(f"{path} cannot be read: {error.strerror}") from error
    except NamesError as error:
        raise NamesError(f"{path}: {error}") from error


def _save_network(network: Network, path: Path) -> None:
    """Writes a network atomically. Keras needs a file name that ends in .keras."""
    temporary = path.with_name(f".{path.name}.tmp.keras")
    try:
        network.save(temporary)
        temporary.replace(path)
    except OSError as error:  # Keras names no file
        raise OutputError(f"{path} cannot be written: {error.strerror or error}") from error
    finally:
        temporary.unlink(missing_ok=True)


def _at_level(
    files: LabelledFiles, degradation: Degradation, level: int, side_px: int, watch: Watch, doing: str,
    note_size: Callable[[int], object] = lambda n_bytes: None,
) -> Iterator[NDArray[np.uint8]]:  # fmt: skip
    """Yields (S, S, 3) pictures for the network; degrades them at their original size, before resizing."""
    for number, (path, rgb) in enumerate(zip(files.paths, read_rgb(files.paths), strict=True)):
        n_bytes = path.stat().st_size
        if level != AS_FOUND:
            rgb, n_bytes = degrade(rgb, degradation, level)
        note_size(n_bytes)
        yield to_square(rgb, side_px)
        watch(doing, number + 1, len(files.paths), "")


def _with_thresholds(memory: Memory, outputs: NDArray[np.float32], labels: NDArray[np.int64], options: SweepOptions) -> Memory:
    """Sets the threshold of each class to the similarity that 95 % of its correct validation pictures reach."""
    similarities = memory.similarities(outputs, options.nearest)
    entries = []
    for label, entry in enumerate(memory.entries):
        own = similarities[(labels == label) & (similarities.argmax(axis=1) == label), label]
        threshold = float(np.quantile(own, _STRANGERS)) if len(own) else entry.threshold
        entries.append(Entry(entry.name, entry.key, entry.bits, entry.shots, threshold))
    return Memory(memory.n_dimensions, entries)


def _epoch_watch(watch: Watch, doing: str, epochs: int) -> Callable[[Epoch], None]:
    best = 0.0

    def show(epoch: Epoch) -> None:
        nonlocal best
        best = max(best, epoch.accuracy)
        watch(doing, epoch.number, epochs, f"{100 * epoch.accuracy:.1f} % right, best {100 * best:.1f} %")

    return show
