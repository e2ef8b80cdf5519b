"""Engine and storage of a scan that works in shards."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from genloss.model.engines.choosing import open_engine
from genloss.model.engines.shard_folder import ShardFolder
from genloss.model.engines.shards import Engine
from genloss.model.errors import EngineError
from genloss.model.images.outputs import check_folder


@dataclass(frozen=True)
class Sharding:
    """Engine and storage for the stages of a scan.

    Attributes:
        engine: makes the shards.
        folder: stores the shards.
        length: average number of items in a shard; None for the default of each stage.
    """

    engine: Engine
    folder: ShardFolder
    length: int | None = None


def open_sharding(
    engine: str | None, place: Path | str | None, catalog: Path | str | None, roots: Sequence[Path]
) -> Sharding | None:
    """The sharding that the options of a command ask for; None without an engine.

    Args:
        engine: as of open_engine; None to work without shards.
        place: folder or URI for the shards; None for a folder beside the catalog.
        catalog: of the scan; None for a scan without a catalog.
        roots: folders to scan.

    Raises:
        EngineError: the engine is unknown or its cluster is missing; or a place is given without an engine; or neither
            place nor catalog is given.
        OutputRefusedError: the place is a file, or lies in a scanned folder.
        ExtraMissingError: a package that the engine needs is not installed.
    """
    if engine is None:
        if place is not None:
            raise EngineError("--shards needs an --engine that works in shards")
        return None
    if place is None and catalog is None:
        raise EngineError("shards need a place, or a catalog to lie beside")
    folder = ShardFolder(place or f"{catalog}.shards")
    if not folder.is_store:
        check_folder(Path(folder.place), roots)
    return Sharding(open_engine(engine), folder)
