"""Network and training settings as one JSON document, which the search writes and `genloss train --config` reads."""

from dataclasses import asdict, fields
from pathlib import Path
from types import GenericAlias
from typing import Any, TypeVar, get_args, get_origin

from genloss.model.errors import TrainingError
from genloss.model.json_text import parse_json
from genloss.model.networks.config import NetworkConfig
from genloss.model.seeds import MOST_SEED
from genloss.model.training.config import TrainingConfig

Config = TypeVar("Config", NetworkConfig, TrainingConfig)
SECTIONS = {"network": NetworkConfig, "training": TrainingConfig}
# Follows from the features, so no document states it.
MEASURED = "metadata_size"
# Numbers have to stay below these; Keras would refuse them later and less clearly.
LIMITS = {
    "network.dropout": 1.0, "training.averaging": 1.0, "training.label_smoothing": 0.5, "training.parent_share": 1.0,
    "training.seed": MOST_SEED + 1,
}  # fmt: skip


def to_document(network: NetworkConfig, training: TrainingConfig) -> dict[str, dict[str, Any]]:
    """The document {"network": {...}, "training": {...}}, without the length of the metadata vector."""
    shape = {name: value for name, value in asdict(network).items() if name != MEASURED}
    return {"network": shape, "training": asdict(training)}


def from_document(document: Any, metadata_size: int) -> tuple[NetworkConfig, TrainingConfig]:
    """The settings in a document; missing values get their defaults.

    Args:
        document: as from to_document, read from JSON; a section may be missing.
        metadata_size: length of the metadata vector.

    Raises:
        TrainingError: a section or name is unknown, or a value has the wrong type.
    """
    if not isinstance(document, dict):
        raise TrainingError(f"a configuration is a JSON object with {' and '.join(SECTIONS)}, not {document!r}")
    for name in document:
        if name not in SECTIONS:
            raise TrainingError(f"configuration: {name!r} is none of {', '.join(SECTIONS)}")
    network = _read("network", NetworkConfig, document.get("network", {}))
    training = _read("training", TrainingConfig, document.get("training", {}))
    return NetworkConfig(metadata_size, **network), TrainingConfig(**training)


def read_document(path: Path) -> Any:
    """Reads a JSON file.

    Raises:
        TrainingError: the file cannot be read, or is no JSON.
    """
    try:
        return parse_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TrainingError(f"{path} cannot be read as JSON: {error}") from error


def _read(section: str, kind: type[Config], values: Any) -> dict[str, Any]:
    if not isinstance(values, dict):
        raise TrainingError(f"configuration: {section} must be an object, not {values!r}")
    types = {field.name: field.type for field in fields(kind) if field.name != MEASURED}
    found = {}
    for name, value in values.items():
        if name not in types:
            raise TrainingError(f"configuration: {section} has no {name!r}; it has {', '.join(types)}")
        found[name] = _typed(f"{section}.{name}", types[name], value)
    return found


def _typed(name: str, wanted: Any, value: Any) -> Any:
    if isinstance(wanted, GenericAlias) and get_origin(wanted) is tuple:
        inner = get_args(wanted)
        endless = inner[-1] is Ellipsis
        if isinstance(value, list | tuple) and value and (endless or len(value) == len(inner)):
            return tuple(_typed(name, inner[0], one) for one in value)
        raise TrainingError(
            f"configuration: {name} must be a list of {'' if endless else f'{len(inner)} '}numbers, not {value!r}"
        )
    if wanted is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if type(value) is not wanted:
        raise TrainingError(f"configuration: {name} must be {wanted.__name__}, not {value!r}")
    least = 1 if wanted is int and name != "training.seed" else 0
    if wanted in (int, float) and not least <= value < LIMITS.get(name, float("inf")):
        raise TrainingError(f"configuration: {name} cannot be {value!r}")
    return value
