"""The listings of chains and families that datagen writes."""

from pathlib import Path
from typing import Any

from genloss.model.errors import PairsError
from genloss.model.json_text import parse_json

LISTINGS = ("chains.jsonl", "families.jsonl")


def read_listing(folder: Path) -> tuple[Path, bytes, list[dict[str, Any]]]:
    """Reads the listing of a folder: its path, its bytes, and a document for each group, with `split` and `versions`.

    Args:
        folder: written by datagen/make_pairs.py or datagen/make_families.py.

    Raises:
        PairsError: the listing is missing or damaged.
    """
    listing = next((folder / name for name in LISTINGS if (folder / name).exists()), folder / LISTINGS[0])
    try:
        text = listing.read_bytes()
        documents = [_checked(parse_json(line)) for line in text.splitlines()]
    except OSError as error:
        raise PairsError(
            f"{listing} cannot be read: {error.strerror}; make it with datagen/make_pairs.py or make_families.py"
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise PairsError(
            f"{listing} cannot be read; make it with datagen/make_pairs.py or make_families.py ({error})"
        ) from error
    return listing, text, documents


def read_groups(folder: Path) -> tuple[bytes, list[dict[str, Any]]]:
    """The bytes of a listing, and the documents of its groups of two or more versions.

    Raises:
        PairsError: the listing is missing or damaged, or has no such group.
    """
    listing, text, documents = read_listing(folder)
    groups = [document for document in documents if len(document["versions"]) > 1]
    if not groups:
        raise PairsError(f"{listing} holds no groups")
    return text, groups


def _checked(document: dict[str, Any]) -> dict[str, Any]:
    versions = [{**version} for version in document["versions"]]
    return {**document, "split": document["split"], "versions": versions}
