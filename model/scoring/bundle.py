"""A trained model as a folder: tower and judge, each for Keras and for ONNX, and bundle.json that says what they are."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from genloss.model.errors import BundleError
from genloss.model.files import write_atomically
from genloss.model.measurements.features import FEATURE_VERSION
from genloss.model.pairs import EVIDENCE_VERSION

BUNDLED = Path(__file__).parent.parent / "weights"
DESCRIPTION = "bundle.json"
ONNX = "tower.onnx"
JUDGE = "judge.onnx"
KERAS = "tower.keras"
JUDGE_KERAS = "judge.keras"
CLOSER = "closer.onnx"
PARENT = "parent.onnx"
DAMAGE = "damage.npz"
CARD = "README.md"


@dataclass(frozen=True)
class PairNetworks:
    """The models that read what two versions laid on each other prove.

    Attributes:
        closer: content of closer.onnx, its sha256 verified.
        parent: content of parent.onnx, likewise.
        calibration: fields of pair_models.PairCalibration.
    """

    closer: bytes
    parent: bytes
    calibration: dict[str, float]


@dataclass(frozen=True)
class Bundle:
    """A checked bundle, ready to score.

    Attributes:
        folder: where it lies.
        onnx: content of tower.onnx, its sha256 verified.
        judge: content of judge.onnx, likewise.
        n_blocks: most blocks per picture.
        judge_slope: stated odds are sigmoid(judge_slope * log odds of the judge); fitted on validation pairs.
        pairs: what `genloss train-pairs` added, None where nobody did; ranking then has the judge alone.
        description: all of bundle.json.
        damage: content of damage.npz, what `genloss train-damage` added; None where nobody did.
    """

    folder: Path
    onnx: bytes
    judge: bytes
    n_blocks: int
    judge_slope: float
    pairs: PairNetworks | None
    description: dict[str, Any]
    damage: bytes | None = None

    @cached_property
    def version(self) -> str:
        """First twelve digits of the sha256 of all its networks for ONNX, and of the memory on damage."""
        pairs = b"" if self.pairs is None else self.pairs.closer + self.pairs.parent
        return hashlib.sha256(self.onnx + self.judge + pairs + (self.damage or b"")).hexdigest()[:12]

    @cached_property
    def judge_version(self) -> str:
        """The same of tower and judge alone."""
        return hashlib.sha256(self.onnx + self.judge).hexdigest()[:12]

    @property
    def file_names(self) -> list[str]:
        """What a bundle made from this one takes over: all files that bundle.json lists but the model card."""
        return sorted(set(self.description["sha256"]) - {CARD})


def load_bundle(folder: Path = BUNDLED) -> Bundle:
    """Reads and verifies a bundle; needs no TensorFlow.

    Raises:
        BundleError: something is missing or damaged, or it was made for another FEATURE_VERSION.
    """
    try:
        description = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
        pairs = description.get("pairs")
        names = (ONNX, JUDGE) if pairs is None else (ONNX, JUDGE, CLOSER, PARENT)
        names = names if description.get("damage") is None else (*names, DAMAGE)
        networks = {name: (folder / name).read_bytes() for name in names}
        made_for = description["feature_version"]
        expected = {name: description["sha256"][name] for name in networks}
        values = (
            int(description["features"]["n_blocks"]),
            float(description["calibration"]["judge"]["slope"]),
        )
        calibration = None if pairs is None else {name: float(number) for name, number in pairs["calibration"].items()}
        measured = EVIDENCE_VERSION if pairs is None else pairs["evidence_version"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BundleError(f"{folder} is not a genloss bundle: {error!r}") from error
    if made_for != FEATURE_VERSION:
        raise BundleError(
            f"{folder} was trained on features of version {made_for}; this genloss computes version {FEATURE_VERSION}"
        )
    if measured != EVIDENCE_VERSION:
        raise BundleError(
            f"{folder} has pair models for evidence of version {measured}; this genloss measures version {EVIDENCE_VERSION}"
        )
    for name, data in networks.items():
        if hashlib.sha256(data).hexdigest() != expected[name]:
            raise BundleError(f"{folder / name} does not have the sha256 its {DESCRIPTION} states; it is damaged")
    found = None if calibration is None else PairNetworks(networks[CLOSER], networks[PARENT], calibration)
    return Bundle(folder, networks[ONNX], networks[JUDGE], *values, found, description, networks.get(DAMAGE))


def save_bundle(folder: Path, files: dict[str, bytes], description: dict[str, Any]) -> None:
    """Writes a bundle beside its final place and moves it there whole; an older one there is replaced.

    Args:
        files: content by name; must hold tower.onnx and judge.onnx.
        description: bundle.json without feature_version and sha256, which are added.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    document = {"feature_version": FEATURE_VERSION, "sha256": digests, **description}
    everything = {**files, DESCRIPTION: (json.dumps(document, indent=2, sort_keys=True) + "\n").encode()}
    for name, data in everything.items():
        write_atomically(temporary / name, data)
    temporary.chmod(0o755)
    older = temporary.with_name(f"{temporary.name}.older")
    if folder.exists():
        os.rename(folder, older)
    os.rename(temporary, folder)
    shutil.rmtree(older, ignore_errors=True)


def extend_bundle(
    bundle: Bundle,
    out: Path,
    section: str,
    content: dict[str, Any],
    files: dict[str, bytes],
    card: Callable[[str, dict[str, Any]], str],
) -> None:
    """Writes a bundle with everything that another has, and one section more or in place of an earlier one.

    Args:
        bundle: the other.
        out: folder of the new one.
        section: key of bundle.json.
        content: what stands there.
        files: content by name, of the section.
        card: makes the new model card of the other's ("" where it has none) and the content.
    """
    older_card = bundle.folder / CARD
    text = card(older_card.read_text(encoding="utf-8") if older_card.exists() else "", content)
    copied = {name: (bundle.folder / name).read_bytes() for name in bundle.file_names if name not in files}
    description = {key: value for key, value in bundle.description.items() if key not in ("feature_version", "sha256")}
    save_bundle(out, {**copied, **files, CARD: text.encode()}, {**description, section: content})
