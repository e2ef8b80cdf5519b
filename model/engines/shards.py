"""Makes missing shards with any engine. Existing shards stay, so that an interrupted run loses little work."""

import hashlib
import socket
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import Protocol

from genloss.model.engines.shard_folder import ShardFolder
from genloss.model.errors import EngineError, GenerationLossError

# The bytes of a shard depend on the versions of these packages. Machines with other versions are rejected.
_DECISIVE = ("genloss", "numpy", "onnxruntime", "opencv-python-headless", "pillow", "pyarrow", "simplejpeg")


@dataclass(frozen=True)
class Shard:
    """Items that are processed together.

    Attributes:
        name: of its file, made by name_shard from everything that decides the content.
        items: as bytes that the `Work` function reads.
    """

    name: str
    items: bytes


# Makes the bytes of a shard from its items; pure, and can be pickled. An item without a result becomes a row that says so.
Work = Callable[[bytes], bytes]
# Makes the shard with this name from these items; returns the reason of a failure, or an empty text.
Make = Callable[[str, bytes], str]


class Engine(Protocol):
    """Makes shards, in threads or on other machines."""

    def run(self, make: Make, shards: Sequence[Shard]) -> Iterator[tuple[str, str]]:
        """Calls make(shard.name, shard.items) at least once a shard; yields each name with the returned text, in any order.

        Raises:
            EngineError: the engine stopped before all were made.
        """


def name_shard(folder: str, content: bytes, suffix: str) -> str:
    """The name of a shard.

    Args:
        folder: of the stage and its version.
        content: everything that the bytes of the shard depend on.
        suffix: of the file, with its dot.
    """
    return f"{folder}/{hashlib.sha256(content).hexdigest()[:32]}{suffix}"


def make_absent(engine: Engine, work: Work, shards: Sequence[Shard], folder: ShardFolder) -> Iterator[Shard]:
    """Makes the shards that the folder lacks. Yields existing shards first, then each new shard when it is made.

    Args:
        engine: makes the shards.
        work: importable by name, or a partial of such a function.
        shards: all of one stage.
        folder: seen by every machine of the engine.

    Raises:
        EngineError: a shard could not be made; those that were made stay.
    """
    folders = {shard.name.rpartition("/")[0] for shard in shards}
    present = set().union(*(folder.names(name) for name in folders))
    yield from (shard for shard in shards if shard.name in present)
    absent = {shard.name: shard for shard in shards if shard.name not in present}
    if not absent:
        return
    for name, problem in engine.run(partial(_make, work, folder, _versions()), list(absent.values())):
        if problem:
            raise EngineError(problem)
        yield absent[name]


def _make(work: Work, folder: ShardFolder, versions: dict[str, str], name: str, items: bytes) -> str:
    """Makes a shard on a machine of the engine. Problems are texts, because not every engine passes exceptions on intact."""
    own = _versions()
    other = [f"{key} {own[key]} instead of {versions[key]}" for key in versions if own[key] != versions[key]]
    try:
        if other:
            raise EngineError(f"a machine of the cluster has {', '.join(other)}")
        folder.write(name, work(items))
    except GenerationLossError as error:
        return f"{socket.gethostname()}: {error}"
    return ""


def _versions() -> dict[str, str]:
    return {name: _version(name) for name in _DECISIVE}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"
