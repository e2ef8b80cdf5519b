"""Makes a chain or a family again from its recorded recipes."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from genloss.datagen.apply import Version, apply_recipe, read_version
from genloss.datagen.ledger import ChainRecord, FamilyRecord
from genloss.datagen.plan import read_source
from genloss.datagen.recipe import from_json
from genloss.model.errors import DatagenError
from genloss.model.files import write_atomically


def replay(
    images: Path,
    out: Path,
    record: ChainRecord | FamilyRecord,
    on_version: Callable[[str, bool], None] = lambda path, same: None,
) -> bool:
    """Makes the versions again and compares every byte; missing files are written.

    Args:
        images: folder of originals.
        out: folder of the run.
        on_version: called with each version's path, and whether its bytes are those recorded.

    Returns:
        Whether all versions have the recorded bytes.

    Raises:
        DatagenError: there are no versions, or the source file changed.
        RecipeError: ImageMagick refuses a step that it accepted before.
    """
    if record.skipped:
        raise DatagenError(f"{record.noun} {record.index} was skipped ({record.skipped}); there is nothing to replay")
    data = read_source(images, record.source, record.source_sha256)
    versions: list[Version] = []
    all_same = True
    for row in record.versions:
        if not versions:
            source_format = "jpeg" if data.startswith(b"\xff\xd8") else "png" if data.startswith(b"\x89PNG") else "webp"
            version = read_version(data, source_format)
            if '"steps": []' not in row["recipe"]:  # else the source file itself is the original
                version = apply_recipe(version, from_json(row["recipe"]))
        else:
            version = apply_recipe(versions[row["parent"]], from_json(row["recipe"]))
        versions.append(version)
        same = hashlib.sha256(version.data).hexdigest() == row["sha256"]
        path = out / row["path"]
        if same and not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, version.data)
        on_version(row["path"], same)
        all_same = all_same and same
    return all_same
