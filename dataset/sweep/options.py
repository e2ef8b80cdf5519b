"""Options of a sweep, and the check of the output folder."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePath

from genloss.dataset.claim import Claim
from genloss.dataset.labelled import LabelledFiles
from genloss.dataset.networks.config import LEAST_SIDE_PX, MOST_SIDE_PX, FitConfig, usual_side
from genloss.dataset.sweep.degradations import Degradation
from genloss.model.errors import DatasetError
from genloss.model.images.outputs import check_folder
from genloss.model.json_text import parse_json
from genloss.model.memory.explicit_memory import Measure
from genloss.model.memory.keys import LEAST_DIMENSIONS, MOST_DIMENSIONS

IDENTITY = "sweep.json"
PARTS = {"train": 0.65, "validation": 0.15, "test": 0.2}
USUAL_SIDE_PX = 96
_LAYOUT = 1


@dataclass(frozen=True)
class SweepOptions:
    """How classifiers are trained and tested.

    Attributes:
        folder: holds a folder for each class.
        out: folder for the results and for the state from which a sweep resumes.
        degradation: kind and levels of degradation of the test pictures.
        train_levels: for each of these levels a further classifier is trained on pictures of that level.
        side_px: side of the network's pictures; None for the median shorter side, at most 96.
        n_bits: dimensions of the keys.
        nearest: measure of similarity between outputs and keys.
        fit: how the classifiers are trained.
        most_per_class: most pictures used of a class.
        has_map: whether the report has maps of the outputs by t-SNE.

    Raises:
        DatasetError: a number is out of bounds.
    """

    folder: Path
    out: Path
    degradation: Degradation = field(default_factory=Degradation)
    train_levels: tuple[int, ...] = ()
    side_px: int | None = None
    n_bits: int = 500
    nearest: Measure = "cosine"
    fit: FitConfig = field(default_factory=FitConfig)
    most_per_class: int = 1000
    has_map: bool = True

    def __post_init__(self) -> None:
        Degradation(self.degradation.kind, self.train_levels)  # raises if a level is out of bounds
        if not LEAST_DIMENSIONS <= self.n_bits <= MOST_DIMENSIONS:
            raise DatasetError(f"keys have {LEAST_DIMENSIONS} to {MOST_DIMENSIONS} bits, not {self.n_bits}")
        if self.side_px is not None and not LEAST_SIDE_PX <= self.side_px <= MOST_SIDE_PX:
            raise DatasetError(f"the network's pictures have sides of {LEAST_SIDE_PX} to {MOST_SIDE_PX} px, not {self.side_px}")

    def choose_side(self, median_px: int) -> int:
        """Side of the network's pictures in pixels: `side_px` if set, or else `usual_side` of the median shorter side."""
        return self.side_px or usual_side(median_px, USUAL_SIDE_PX)


def check_out(options: SweepOptions, files: LabelledFiles) -> Claim:
    """Checks the output folder before pictures are read; returns its claim.

    Raises:
        OutputRefusedError: it is a file, lies inside the read folder, or holds another sweep or other files.
    """
    check_folder(options.out, [options.folder])
    return Claim(options.out, PurePath(IDENTITY), _identity(options, files), "a sweep")


def measure_of(folder: Path) -> Measure:
    """Measure of similarity of a classifier's sweep. The thresholds in the memory hold for this measure only.

    Args:
        folder: of the classifier, in the results of the sweep.

    Raises:
        DatasetError: the description of the sweep is damaged.
    """
    described = folder.parent / IDENTITY
    if not described.exists():
        return "cosine"
    try:
        return "hamming" if parse_json(described.read_bytes()).get("nearest") == "hamming" else "cosine"
    except (OSError, ValueError, AttributeError) as error:
        raise DatasetError(f"{described} is damaged: {error}") from error


def _identity(options: SweepOptions, files: LabelledFiles) -> str:
    """Everything that the classifiers, their thresholds and their outputs depend on.

    Levels are left out, so a later run may add some. The usual measure is left out as well, as in sweeps of earlier versions.
    """
    described = {
        "layout": _LAYOUT,
        "classes": files.classes,
        "n_pictures": len(files.paths),
        "pictures_sha256": files.digest(),
        "kind": options.degradation.kind,
        "subsampling": options.degradation.subsampling,
        "side_px": options.side_px,
        "n_bits": options.n_bits,
        "fit": asdict(options.fit),
        **({} if options.nearest == "cosine" else {"nearest": options.nearest}),
    }
    return json.dumps(described, indent=1, sort_keys=True)
