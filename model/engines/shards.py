"""Shards that are absent are made, by whichever engine; what is there stays, so that any interruption costs little."""

import hashlib
import socket
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import Protocol

from genloss.model.engines.shard_folder import ShardFolder
from genloss.model.errors import EngineError, GenerationLossError

# Their versions decide the bytes of shards, so that machines with others are refused.
_DECISIVE = ("genloss", "numpy", "onnxruntime", "opencv-python-headless", "pillow", "pyarrow", "simplejpeg")


@dataclass(frozen=True)
class Shard:
    """Some items that are worked on together.

    Attributes:
        name: of its file, named by what decides its content.
        items: as bytes that the function of the work understands.
    """

    name: str
    items: bytes


# Makes the bytes of a shard from its items; pure, and can be pickled. An item that gives no result is a row that says so.
Work = Callable[[bytes], bytes]
# Makes the shard of this name and these items; returns why it could not, or nothing.
Make = Callable[[str, bytes], str]


class Engine(Protocol):
    """Where shards are made."""

    def run(self, make: Make, shards: Sequence[Shard]) -> Iterator[tuple[str, str]]:
        """Calls make(shard.name, shard.items) once or more for each shard; yields names, with what it returned, in any order.

        Raises:
            EngineError: the engine stopped before all were made.
        """


def name_shard(folder: str, content: bytes, suffix: str) -> str:
    """The name of a shard.

    Args:
        folder: of the stage and its version.
        content: all that its bytes depend on.
        suffix: of the file, with its dot.
    """
    return f"{folder}/{hashlib.sha256(content).hexdigest()[:32]}{suffix}"


def make_absent(engine: Engine, work: Work, shards: Sequence[Shard], folder: ShardFolder) -> Iterator[Shard]:
    """Makes shards that are not in the folder; yields all as they are there, those that were there first.

    Args:
        engine: makes them.
        work: importable by name, or a partial of such a function.
        shards: all of one stage.
        folder: where every machine of the engine sees them.

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
    """Runs where the engine puts it; problems are texts, for not every engine hands an exception on as it is."""
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
