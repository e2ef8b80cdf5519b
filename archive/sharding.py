"""Where a scan works in shards: by which engine, and where the shards lie."""

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
    """Where stages are worked on.

    Attributes:
        engine: makes shards.
        folder: where they lie.
        length: items of a shard, on average; None for what suits each stage.
    """

    engine: Engine
    folder: ShardFolder
    length: int | None = None


def open_sharding(
    engine: str | None, place: Path | str | None, catalog: Path | str | None, roots: Sequence[Path]
) -> Sharding | None:
    """What the options of a command ask for.

    Args:
        engine: as open_engine takes it; None for work without shards.
        place: folder or URI; None for one beside the catalog.
        catalog: of the scan; None where it keeps none.
        roots: folders that are scanned.

    Raises:
        EngineError: no such engine, no cluster, a place without an engine, or none for the shards.
        OutputRefusedError: the place is a file, or lies in a folder that is scanned.
        ExtraMissingError: what the engine needs is not installed.
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
