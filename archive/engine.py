"""Stages of a scan in shards, each a pure function of its items: whichever machine makes a shard, its bytes are the same."""

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

_AHEAD = 8  # items of a shard that wait
_LONGEST = 4  # shards of the usual length


class Item(NamedTuple):
    """Something to work on.

    Attributes:
        key: all that the result depends on, but for the settings.
        paths: of the files with these contents.
    """

    key: str
    paths: tuple[str, ...]


@dataclass(frozen=True)
class Stage:
    """A stage that works on each item by itself.

    Attributes:
        name: with its version; of the folder of its shards.
        doing: what it does, for a progress bar.
        run: run(paths, key, *settings) gives the result, or raises an ImageError; importable by name.
        length: items of a shard, on average: some half a minute of work.
        deadline_seconds: for one item in a process.
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
    """Has an engine make the shards that are absent, then yields the rows of all.

    Args:
        stage: what is done.
        items: in any order; the same items in the same order give the same shards.
        settings: as the stage's function takes them, for JSON.
        sharding: by which engine, and where.
        isolated: whether items are worked on in a process, so that a hang or a crash loses one.
        watch: sees the shards pass.

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
            sharding.folder.remove(shard.name)  # else these failures would be believed for ever


def make_rows(stage: Stage, settings: tuple[Any, ...], isolated: bool, packed: bytes) -> bytes:
    """A shard from its items; runs on any machine.

    Raises:
        EngineError: this machine sees none of the files.
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
    """Runs of items that end where a key says so: an item more or less changes its own shard only."""
    part: list[Item] = []
    for item in items:
        part.append(item)
        if zlib.crc32(item.key.encode()) % length == 0 or len(part) == _LONGEST * length:
            yield part
            part = []
    if part:
        yield part
