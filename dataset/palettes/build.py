"""Builds shared palettes for a labelled folder, from the pixels to which a trained network attends."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from genloss.dataset.labelled import LabelledFiles, Watch, keep_readable, list_labelled, read_rgb, to_square
from genloss.dataset.networks.attention import spread_over
from genloss.dataset.networks.classifier import side_of
from genloss.dataset.networks.config import ClassifierConfig, FitConfig, usual_side
from genloss.dataset.networks.features import Seer
from genloss.dataset.networks.fitting import Sample, fit_classifier
from genloss.dataset.palettes.find import PaletteConfig, Rgb, cluster, own_colours, shared_palettes
from genloss.dataset.palettes.loader import MANIFEST
from genloss.dataset.palettes.work import WorkFolder
from genloss.dataset.palettes.write import Sizes, write_indices, write_png_files
from genloss.dataset.sweep.trained import find_classifier, load_trained
from genloss.model.errors import DatasetError, OutputRefusedError
from genloss.model.images.outputs import check_folder
from genloss.model.images.shared_palettes import quantise

Form = Literal["indices", "png"]

_USUAL_SIDE_PX = 64
_MOST_TO_TRAIN = 20_000
_MOST_PIXELS = 1 << 16  # of a picture, when its colours are collected
_PART = 500  # pictures per work file


@dataclass(frozen=True)
class PalettesRequest:
    """Arguments of build_palettes.

    Attributes:
        folder: holds a folder for each class.
        out: folder for the new set.
        config: how palettes are found.
        form: "indices" for index pictures with tables, "png" for PNG files.
        network: folder of a trained classifier that knows all classes; None to train a new one.
        epochs: of the training.
    """

    folder: Path
    out: Path
    config: PaletteConfig
    form: Form = "indices"
    network: Path | None = None
    epochs: int = 20


def build_palettes(request: PalettesRequest, watch: Watch) -> tuple[Sizes, LabelledFiles]:
    """Writes the set; returns the sizes and the source files. An interrupted run resumes.

    Raises:
        DatasetError: the folder cannot be used (a subclass says why), or the network lacks a class.
        OutputRefusedError: `out` lies inside the folder, or holds other files or a finished set, or
            another run works in it.
        TrainingError: the loss is not finite, or a checkpoint is damaged.
    """
    files = list_labelled(request.folder, 2**62, np.random.default_rng(0))
    check_folder(request.out, [request.folder])
    if (request.out / MANIFEST).exists():
        raise OutputRefusedError(f"{request.out} holds a finished set already; name another folder")
    work = WorkFolder(request.out, json.dumps(_identity(request, files), sort_keys=True))
    files, _, median_px = keep_readable(files, watch)
    with work.held():
        return _build(request, files, median_px, work, watch), files


def _build(request: PalettesRequest, files: LabelledFiles, median_px: int, work: WorkFolder, watch: Watch) -> Sizes:
    """Writes the set of readable files, and returns its sizes."""
    seer, side_px = _find_seer(request, files, median_px, work, watch)
    features, colours = _look(request.config, files, seer, side_px, work, watch)
    generator = np.random.default_rng([request.config.seed, 2])
    clusters = cluster(features, request.config.n_clusters, generator)

    def read(places: Sequence[int]) -> Iterator[Rgb]:
        return read_rgb([files.paths[place] for place in places])

    palettes = shared_palettes(clusters, colours, read, request.config, lambda done, total: watch("palettes", done, total, ""))
    quantised = _quantise(files, palettes, clusters, watch)
    write = write_indices if request.form == "indices" else write_png_files
    sizes = write(request.out, files, request.config.bits, palettes, quantised)
    work.remove()
    return sizes


def _quantise(
    files: LabelledFiles, palettes: list[Rgb], clusters: NDArray[np.int64], watch: Watch
) -> Iterator[tuple[NDArray[np.uint8], int]]:
    for number, (rgb, which) in enumerate(zip(read_rgb(files.paths), clusters.tolist(), strict=True)):
        yield quantise(rgb, palettes[which]), which
        watch("writing", number + 1, len(files.paths), "")


def _find_seer(
    request: PalettesRequest, files: LabelledFiles, median_px: int, work: WorkFolder, watch: Watch
) -> tuple[Seer, int]:
    """The network that gives features and attention, given or trained, and its input side in pixels."""
    if request.network is not None:
        given = load_trained(find_classifier(request.network))
        missing = sorted(set(files.classes) - set(given.memory.names))
        if missing:
            raise DatasetError(f"the network in {request.network} does not know the class {missing[0]}")
        keys = given.memory.keys[[given.memory.names.index(name) for name in files.classes]]
        return Seer(given.network, keys), side_of(given.network)
    side_px = usual_side(median_px, _USUAL_SIDE_PX)
    generator = np.random.default_rng([request.config.seed, 3])
    chosen = files.subset(np.sort(generator.permutation(len(files.paths))[:_MOST_TO_TRAIN]))
    pictures = []
    for number, rgb in enumerate(read_rgb(chosen.paths)):
        pictures.append(to_square(rgb, side_px))
        watch("pictures to train on", number + 1, len(chosen.paths), "")
    keys = np.eye(len(files.classes), dtype=np.float32)
    fit = FitConfig("cross_entropy", request.epochs, batch=64, seed=request.config.seed)
    network, _ = fit_classifier(
        Sample(np.stack(pictures), chosen.labels), None, keys, ClassifierConfig(side_px, n_outputs=len(keys)), fit, work.folder,
        lambda epoch: watch("training", epoch.number, request.epochs, f"loss {epoch.loss:.3f}"),
    )  # fmt: skip
    return Seer(network, keys), side_px


def _look(
    config: PaletteConfig, files: LabelledFiles, seer: Seer, side_px: int, work: WorkFolder, watch: Watch
) -> tuple[NDArray[np.float32], list[Rgb]]:
    """(N, C) first-block features of all pictures, and each picture's own colours."""
    features, colours = [], []
    for start in range(0, len(files.paths), _PART):
        part = files.subset(range(start, min(start + _PART, len(files.paths))))
        name = f"part-{start:09d}"
        stored = work.load(name)
        if stored is None:
            squares, pictures = [], []
            for rgb in read_rgb(part.paths):
                squares.append(to_square(rgb, side_px))
                pictures.append(_thin_out(rgb))
            shallow, _, attention = seer.see(np.stack(squares), part.labels)
            own = []
            for number, rgb in enumerate(pictures):
                generator = np.random.default_rng([config.seed, 4, start + number])
                looked = spread_over(attention[number : number + 1], *rgb.shape[:2])[0]
                own.append(own_colours(rgb, looked, config, generator))
            stored = {
                "features": shallow, "colours": np.concatenate(own), "n_colours": np.array([len(one) for one in own], np.int64),
            }  # fmt: skip
            work.save(name, stored)
        features.append(stored["features"])
        colours += np.split(stored["colours"], np.cumsum(stored["n_colours"])[:-1])
        watch("colours", start + len(part.paths), len(files.paths), "")
    return np.concatenate(features), colours


def _thin_out(rgb: Rgb) -> Rgb:
    """Pixels on a grid, about 65,536 at most, which suffice to find colours."""
    step = max(1, int(np.sqrt(rgb.shape[0] * rgb.shape[1] / _MOST_PIXELS)))
    return rgb[::step, ::step].copy()


def _identity(request: PalettesRequest, files: LabelledFiles) -> dict[str, object]:
    return {**asdict(request), "folder": "", "out": "", "network": str(request.network), "form": "", "files": files.digest()}
