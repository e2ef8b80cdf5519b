"""A run that makes families, and the file that lists them."""

import json
import sys
from collections import Counter
from functools import partial

from genloss.datagen.family import make_family
from genloss.datagen.ledger import FamilyRecord
from genloss.datagen.run import GENERATOR_VERSION, Finished, Product, Settings, make_all
from genloss.model.files import open_atomically
from genloss.model.printable import printable

# Increased whenever the same arguments would give other families than before, though edits are drawn as they were.
FAMILY_VERSION = 1


def make_families(settings: Settings, n_versions: tuple[int, int]) -> Counter[str]:
    """Makes families; resumes an earlier call with the same arguments.

    Args:
        settings: settings of the run.
        n_versions: least and most versions of a family, with the original.

    Returns:
        Counts of families, of families by shape, of versions, and of skips by reason.

    Raises:
        DatagenError: as `run.make_all`.
    """
    arguments = {
        "generator": f"families {FAMILY_VERSION}, edits {GENERATOR_VERSION}",
        "versions": f"{n_versions[0]} to {n_versions[1]}",
    }
    counts = make_all(Product("families", FamilyRecord, partial(make_family, n_versions), arguments, _write), settings)
    print(printable(f"the family trees are listed in {settings.out / 'families.jsonl'}"), file=sys.stderr)
    return counts


def _write(finished: Finished[FamilyRecord]) -> Counter[str]:
    """Writes families.jsonl, whole or not at all: a line per family, with the same names as in chains.jsonl."""
    counts: Counter[str] = Counter(families=0, versions=0)
    shapes: Counter[str] = Counter()
    with open_atomically(finished.settings.out / "families.jsonl") as stream:
        for record in finished.records("writing families.jsonl"):
            if record.skipped:
                counts[f"families skipped ({record.skipped})"] += 1
                continue
            document = {
                "family": record.family, "source": record.source, "source_sha256": record.source_sha256,
                "split": record.split, "shape": record.shape, "versions": list(record.versions),
            }  # fmt: skip
            stream.write(json.dumps(document, sort_keys=True).encode() + b"\n")
            counts.update(families=1, versions=len(record.versions))
            shapes[f"of shape {record.shape}"] += 1
    counts.update(shapes)
    return counts
