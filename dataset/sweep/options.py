"""What a sweep does, as it was asked for."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePath

from genloss.dataset.claim import Claim
from genloss.dataset.labelled import LabelledFiles
from genloss.dataset.networks.config import LEAST_SIDE_PX, MOST_SIDE_PX, FitConfig, usual_side
from genloss.dataset.sweep.degradations import Degradation
from genloss.model.errors import DatasetError
from genloss.model.images.outputs import check_folder
from genloss.model.memory.explicit_memory import Measure
from genloss.model.memory.keys import LEAST_DIMENSIONS, MOST_DIMENSIONS

IDENTITY = "sweep.json"
PARTS = {"train": 0.65, "validation": 0.15, "test": 0.2}
USUAL_SIDE_PX = 96
_LAYOUT = 1


@dataclass(frozen=True)
class SweepOptions:
    """How a classifier is trained and on what it is tried.

    Attributes:
        folder: of class folders.
        out: for the results, and for what resumes them.
        degradation: what the test pictures are put through.
        train_levels: further classifiers, each trained on pictures at one of these levels.
        side_px: of the network's pictures; None for the shorter side of most, at most 96.
        n_bits: of the keys.
        nearest: how outputs and keys are compared.
        fit: how the classifiers are fitted.
        most_per_class: pictures used of a class.
        has_map: whether outputs are laid out by t-SNE.

    Raises:
        DatasetError: a number out of bounds.
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
        Degradation(self.degradation.kind, self.train_levels)  # says what is wrong with them
        if not LEAST_DIMENSIONS <= self.n_bits <= MOST_DIMENSIONS:
            raise DatasetError(f"keys have {LEAST_DIMENSIONS} to {MOST_DIMENSIONS} bits, not {self.n_bits}")
        if self.side_px is not None and not LEAST_SIDE_PX <= self.side_px <= MOST_SIDE_PX:
            raise DatasetError(f"the network's pictures have sides of {LEAST_SIDE_PX} to {MOST_SIDE_PX} px, not {self.side_px}")

    def choose_side(self, median_px: int) -> int:
        """The side of the network's pictures, a multiple of eight unless it was asked for."""
        return self.side_px or usual_side(median_px, USUAL_SIDE_PX)


def check_out(options: SweepOptions, files: LabelledFiles) -> Claim:
    """Refuses a folder of results before pictures are read; otherwise what claims it.

    Raises:
        OutputRefusedError: it is a file, lies in what is read, or holds another sweep or something else.
    """
    check_folder(options.out, [options.folder])
    return Claim(options.out, PurePath(IDENTITY), _identity(options, files), "a sweep")


def _identity(options: SweepOptions, files: LabelledFiles) -> str:
    """All that the trained classifiers and their outputs depend on; more levels may be asked for later."""
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
    }
    return json.dumps(described, indent=1, sort_keys=True)
