"""Runs stages of a scan in shards. A shard is a pure function of its items: every machine makes the same bytes."""

import json
import os
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from genloss.archive.scan_store import BY_CHANCE
from genloss.archive.shard_tables import SUFFIX, Row, read_rows, write_rows
from genloss.archive.sharding import Sharding
from genloss.archive.tasks import DEADLINE_SECONDS, results_of, task_runner
from genloss.model.engines.shards import Shard, make_absent, name_shard
from genloss.model.errors import EngineError, ImageError
from genloss.model.parallel import in_order

_AHEAD = 8  # queued items of a shard
_LONGEST = 4  # longest shard, in average lengths


class Item(NamedTuple):
    """An item of work.

    Attributes:
        key: identifies all inputs of the result except the settings.
        paths: paths of the item's files.
    """

    key: str
    paths: tuple[str, ...]


@dataclass(frozen=True)
class Stage:
    """A stage that works on each item by itself.

    Attributes:
        name: includes the version; also names the folder of the shards.
        doing: verb for a progress bar.
        run: run(paths, key, *settings) returns the result or raises an ImageError; importable by name.
        length: average number of items in a shard; about half a minute of work.
        deadline_seconds: time limit for one item in a process.
    """

    name: str
    doing: str
    run: Callable[..., bytes]
    length: int
    deadline_seconds: float = DEADLINE_SECONDS


def run_stage(
    stage: Stage, items: Sequence[Item], settings: tuple[Any, ...], sharding: Sharding, isolated: bool,
    watch: Callable[[Iterable[Any], int, str], Iterable[Any]],
) -> Iterator[Row]:  # fmt: skip
    """Lets an engine make the absent shards, then yields the rows of all shards.

    Args:
        stage: the stage to run.
        items: in any order; the same items in the same order give the same shards.
        settings: further arguments of stage.run, JSON values.
        sharding: engine and folder of the shards.
        isolated: whether items run in a separate process, so that a hang or a crash loses only one item.
        watch: receives the shards as they pass, for a progress bar.

    Raises:
        EngineError: a shard could not be made or read.
    """
    shards = [_shard(stage, settings, part) for part in _parts(items, sharding.length or stage.length)]
    work = partial(make_rows, stage, settings, isolated)
    for _ in watch(make_absent(sharding.engine, work, shards, sharding.folder), len(shards), stage.doing):
        pass
    for shard in shards:
        rows = read_rows(sharding.folder.read(shard.name), shard.name)
        yield from rows
        if any(isinstance(row.found, ImageError) and row.found.code in BY_CHANCE for row in rows):
            sharding.folder.remove(shard.name)  # else these failures would count as final


def make_rows(stage: Stage, settings: tuple[Any, ...], isolated: bool, packed: bytes) -> bytes:
    """Makes a shard from its items, packed as JSON; runs on any machine.

    Raises:
        EngineError: this machine finds none of the files.
    """
    items = [Item(key, tuple(paths)) for key, paths in json.loads(packed)]
    if not any(os.path.lexists(path) for item in items for path in item.paths):
        raise EngineError(f"{items[0].paths[0]} is not there; the collection must lie at one path on every machine")
    with task_runner(isolated, 1, stage.deadline_seconds) as submit:
        tasks = in_order(lambda item: submit(stage.run, item.paths, item.key, *settings), items, _AHEAD)
        return write_rows([Row(item.key, found) for item, found in results_of(tasks)])


def _shard(stage: Stage, settings: tuple[Any, ...], items: Sequence[Item]) -> Shard:
    content = json.dumps([stage.name, settings, [item.key for item in items]])
    return Shard(name_shard(stage.name, content.encode(), SUFFIX), json.dumps(items).encode())


def _parts(items: Sequence[Item], length: int) -> Iterator[list[Item]]:
    """Runs of items, cut by the hash of a key, so that one more or fewer item changes only the shards beside it."""
    part: list[Item] = []
    for item in items:
        part.append(item)
        if zlib.crc32(item.key.encode()) % length == 0 or len(part) == _LONGEST * length:
            yield part
            part = []
    if part:
        yield part
