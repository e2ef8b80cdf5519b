"""A trained model as a folder: tower and judge, each for Keras and for ONNX, and bundle.json that says what they are."""

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from genloss.model.errors import BundleError, OutputError, OutputRefusedError
from genloss.model.files import write_atomically
from genloss.model.json_text import parse_json
from genloss.model.measurements import FEATURE_VERSION
from genloss.model.pairs import EVIDENCE_VERSION

BUNDLED = Path(__file__).parent.parent / "weights"
DESCRIPTION = "bundle.json"
ONNX = "tower.onnx"
JUDGE = "judge.onnx"
CLOSER = "closer.onnx"
PARENT = "parent.onnx"
FAMILY = "family.onnx"
RIVAL = "rival.onnx"
DAMAGE = "damage.npz"
CARD = "README.md"


class PairNetworks(NamedTuple):
    """The models that compare two registered versions.

    Attributes:
        closer: content of closer.onnx, its sha256 verified.
        parent: content of parent.onnx, likewise.
        family, rival: content of family.onnx and rival.onnx, likewise; None in bundles made before they existed.
        calibration: the fields of pair_models.PairCalibration.
    """

    closer: bytes
    parent: bytes
    family: bytes | None
    rival: bytes | None
    calibration: dict[str, float]


@dataclass(frozen=True)
class Bundle:
    """A bundle, ready to score. Parts that a score does not need are read on first use.

    Attributes:
        folder: where it lies.
        onnx: content of tower.onnx, its sha256 verified.
        n_blocks: most blocks per picture.
        judge_slope: the probability is sigmoid(judge_slope * log odds of the judge); fitted on validation pairs.
        description: all of bundle.json.
    """

    folder: Path
    onnx: bytes
    n_blocks: int
    judge_slope: float
    description: dict[str, Any]

    @cached_property
    def judge(self) -> bytes:
        """Content of judge.onnx.

        Raises:
            BundleError: it is missing or damaged; so for `pairs` and `damage`.
        """
        return _read_verified(self.folder, JUDGE, self.description)

    @cached_property
    def pairs(self) -> PairNetworks | None:
        """The pair models that `genloss train-pairs` added; None without them, and rankings then use the judge alone."""
        section = self.description.get("pairs")
        if section is None:
            return None
        closer, parent = (_read_verified(self.folder, name, self.description) for name in (CLOSER, PARENT))
        family, rival = (
            _read_verified(self.folder, name, self.description) if name in self.description["sha256"] else None
            for name in (FAMILY, RIVAL)
        )
        calibration = {name: float(number) for name, number in section["calibration"].items()}
        return PairNetworks(closer, parent, family, rival, calibration)

    @cached_property
    def damage(self) -> bytes | None:
        """Content of damage.npz, which `genloss train-damage` added; None without it."""
        return None if self.description.get("damage") is None else _read_verified(self.folder, DAMAGE, self.description)

    @cached_property
    def version(self) -> str:
        """First twelve digits of the sha256 of all ONNX networks and of the memory on damage."""
        found = self.pairs
        pairs = b"" if found is None else found.closer + found.parent + (found.family or b"") + (found.rival or b"")
        return hashlib.sha256(self.onnx + self.judge + pairs + (self.damage or b"")).hexdigest()[:12]

    @cached_property
    def judge_version(self) -> str:
        """First twelve digits of the sha256 of tower and judge."""
        return hashlib.sha256(self.onnx + self.judge).hexdigest()[:12]

    @property
    def file_names(self) -> list[str]:
        """Files that a bundle made from this one copies: all that bundle.json lists, except the model card."""
        return sorted(set(self.description["sha256"]) - {CARD})


def load_bundle(folder: Path = BUNDLED, whole: bool = True) -> Bundle:
    """Reads and verifies a bundle; needs no TensorFlow.

    Args:
        folder: where it lies.
        whole: whether to verify now the parts that only rankings and reasons need, instead of on first use.

    Raises:
        BundleError: something is missing or damaged, or it was made for another FEATURE_VERSION.
    """
    try:
        description = parse_json((folder / DESCRIPTION).read_text(encoding="utf-8"))
        made_for = description["feature_version"]
        n_blocks = int(description["features"]["n_blocks"])
        slope = float(description["calibration"]["judge"]["slope"])
        pairs = description.get("pairs")
        measured = EVIDENCE_VERSION if pairs is None else pairs["evidence_version"]
    except OSError as error:
        raise _missing(folder, DESCRIPTION, error) from error
    except (ValueError, KeyError, TypeError) as error:
        raise _no_bundle(folder, error) from error
    if made_for != FEATURE_VERSION:
        raise BundleError(
            f"{folder} was trained on features of version {made_for}; this genloss computes version {FEATURE_VERSION}"
        )
    if measured != EVIDENCE_VERSION:
        raise BundleError(
            f"{folder} has pair models for evidence of version {measured}; this genloss measures version {EVIDENCE_VERSION}"
        )
    bundle = Bundle(folder, _read_verified(folder, ONNX, description), n_blocks, slope, description)
    if whole:
        try:
            _ = bundle.judge, bundle.pairs, bundle.damage
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise _no_bundle(folder, error) from error
    return bundle


def _read_verified(folder: Path, name: str, description: dict[str, Any]) -> bytes:
    try:
        data = (folder / name).read_bytes()
        expected = description["sha256"][name]
    except OSError as error:
        raise _missing(folder, name, error) from error
    except (KeyError, TypeError) as error:
        raise _no_bundle(folder, error) from error
    if hashlib.sha256(data).hexdigest() != expected:
        raise BundleError(f"{folder / name} does not have the sha256 its {DESCRIPTION} states; it is damaged")
    return data


def _missing(folder: Path, name: str, error: OSError) -> BundleError:
    if not folder.is_dir():
        return BundleError(f"{folder} is not a genloss bundle: {'it is a file' if folder.exists() else 'no such folder'}")
    return BundleError(f"{folder} is not a genloss bundle: {name}: {error.strerror}")


def _no_bundle(folder: Path, error: Exception) -> BundleError:
    return BundleError(f"{folder} is not a genloss bundle: its {DESCRIPTION} is damaged ({type(error).__name__}: {error})")


def check_bundle_folder(folder: Path) -> None:
    """Checks the folder of a new bundle before anything is computed.

    Raises:
        OutputRefusedError: the folder is a file, or holds anything but a bundle, which the new bundle would replace.
        OutputError: the folder above it cannot be written.
    """
    from genloss.model.images.outputs import check_folder  # never needed to score

    check_folder(folder)
    if folder.exists() and (others := _not_of_a_bundle(folder)):
        raise OutputRefusedError(f"{folder} holds {others[0]}, which is of no bundle and would be lost; name another folder")
    above = next(parent for parent in folder.absolute().parents if parent.exists())
    if not folder.name or not above.is_dir() or not os.access(above, os.W_OK | os.X_OK):
        raise OutputError(f"{folder} cannot be written: name a new folder where you may write")


def _not_of_a_bundle(folder: Path) -> list[str]:
    """Names in a folder that bundle.json does not list, sorted."""
    try:
        own = {DESCRIPTION, *parse_json((folder / DESCRIPTION).read_text(encoding="utf-8"))["sha256"]}
    except (OSError, ValueError, KeyError, TypeError):
        own = set()
    return sorted(set(os.listdir(folder)) - own)


def save_bundle(folder: Path, files: dict[str, bytes], description: dict[str, Any]) -> None:
    """Writes a bundle to a temporary folder, then renames it into place. Replaces a bundle that is already there.

    Args:
        files: content by name; must hold tower.onnx and judge.onnx.
        description: bundle.json without feature_version and sha256, which are added.

    Raises:
        OutputRefusedError, OutputError: as check_bundle_folder.
    """
    check_bundle_folder(folder)
    import shutil  # both are never needed to score, and take as long to load as a network does
    import tempfile

    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    document = {"feature_version": FEATURE_VERSION, "sha256": digests, **description}
    everything = {**files, DESCRIPTION: (json.dumps(document, indent=2, sort_keys=True) + "\n").encode()}
    older = temporary.with_name(f"{temporary.name}.older")
    try:
        for name, data in everything.items():
            write_atomically(temporary / name, data)
        temporary.chmod(0o755)
        if folder.exists():
            os.rename(folder, older)
        os.rename(temporary, folder)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    shutil.rmtree(older, ignore_errors=True)


def extend_bundle(
    bundle: Bundle,
    out: Path,
    section: str,
    content: dict[str, Any],
    files: dict[str, bytes],
    card: Callable[[str, dict[str, Any]], str],
) -> None:
    """Writes a copy of a bundle with one section added or replaced.

    Args:
        bundle: to copy.
        out: folder of the copy.
        section: key of bundle.json.
        content: value of that key.
        files: files of the section, content by name.
        card: makes the model card of the copy from the card of `bundle` ("" if it has none) and `content`.
    """
    older_card = bundle.folder / CARD
    text = card(older_card.read_text(encoding="utf-8") if older_card.exists() else "", content)
    copied = {name: (bundle.folder / name).read_bytes() for name in bundle.file_names if name not in files}
    description = {key: value for key, value in bundle.description.items() if key not in ("feature_version", "sha256")}
    save_bundle(out, {**copied, **files, CARD: text.encode()}, {**description, section: content})
