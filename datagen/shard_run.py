"""Chains or families made in shards, by an engine: the one with index i is a pure function of the plan and i."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from functools import partial
from itertools import groupby

from genloss.datagen.ledger import Record, parse_record
from genloss.datagen.magick import LIBRARY_VERSION
from genloss.datagen.plan import Plan
from genloss.model.engines.shard_folder import ShardFolder
from genloss.model.engines.shards import Engine, Shard, make_absent, name_shard
from genloss.model.errors import EngineError
from genloss.model.parallel import Failure, run_in_processes

SHARDS = "shards"  # in the output folder, until the ledger holds what is in them
_LENGTH = 50  # chains in a shard: some half a minute of work


def run_in_shards(
    make: Callable[[Plan, int], Record], kind: type[Record], plan: Plan, todo: Sequence[int], engine: Engine,
    deadline_seconds: float, arguments: dict[str, str],
) -> Iterator[tuple[int, Record | Failure]]:  # fmt: skip
    """Has an engine make what is missing, and yields (index, record or Failure), in any order.

    Args:
        make: makes one; can be pickled.
        kind: of the records.
        plan: whose folders every machine of the engine sees at the same paths.
        todo: indices, in order.
        engine: makes shards.
        deadline_seconds: for one.
        arguments: all that the bytes of the run depend on.

    Raises:
        EngineError: a shard could not be made; those that were made stay, and the same command resumes.
    """
    plan = replace(plan, images=plan.images.resolve(), out=plan.out.resolve())
    folder = ShardFolder(plan.out / SHARDS)
    work = partial(make_shard, make, plan, LIBRARY_VERSION, deadline_seconds)
    shards = [_shard(list(part), kind.noun, arguments) for _, part in groupby(todo, lambda index: index // _LENGTH)]
    for shard in make_absent(engine, work, shards, folder):
        for line in folder.read(shard.name).splitlines():
            index, record, failure = json.loads(line)
            yield index, Failure(failure) if record is None else parse_record(record, kind)
    folder.clear(kind.noun)


def make_shard(
    make: Callable[[Plan, int], Record], plan: Plan, libraries: str, deadline_seconds: float, packed: bytes
) -> bytes:  # fmt: skip
    """A shard from its indices, a line for each; runs on any machine, in a process that is killed at the deadline.

    Raises:
        EngineError: this machine has another ImageMagick, which makes other bytes.
        DatagenError: a source file is not what it was when it was inspected.
    """
    if libraries != LIBRARY_VERSION:
        raise EngineError(f"this machine has {LIBRARY_VERSION}, not {libraries}")
    made = dict(run_in_processes(make, plan, json.loads(packed), 1, deadline_seconds))
    lines = []
    for index, record in sorted(made.items()):
        failed = isinstance(record, Failure)
        lines.append(json.dumps([index, None if failed else asdict(record), record.reason if failed else None]))
    return "\n".join(lines).encode()


def _shard(indices: Sequence[int], noun: str, arguments: dict[str, str]) -> Shard:
    items = json.dumps(list(indices)).encode()
    return Shard(name_shard(noun, json.dumps(arguments, sort_keys=True).encode() + items, ".jsonl"), items)
