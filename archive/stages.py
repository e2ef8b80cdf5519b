"""The stages that an engine may run: looks, pairs and rankings. Each result has the form that the catalog stores."""

import json
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from genloss.archive.contents import Content
from genloss.archive.engine import Item, Stage, run_stage
from genloss.archive.look import LOOK_VERSION, look_at_file
from genloss.archive.ranks import RANK_VERSION, ContentRanker
from genloss.archive.scan_store import MadeFrom, made_from, pack_relation, read_made_from, read_relation
from genloss.archive.shard_tables import Row
from genloss.archive.tasks import relate_files
from genloss.archive.verify import VERIFY_VERSION, PairRelation
from genloss.model.errors import EngineError, ImageError
from genloss.model.scoring.bundle import BUNDLED, load_bundle
from genloss.model.scoring.ranker import Ranker

if TYPE_CHECKING:
    from genloss.archive.grouping import ScanOptions, Watch

Ranking = tuple[dict[str, float | None], list[MadeFrom]]  # ranked contents with their odds; parents of contents
_one_at_a_time = threading.Lock()  # the cache of decoded versions serves one group at a time


def look_at(paths: Sequence[str], sha256: str, max_pixels: int) -> bytes:
    """Calls look.look_at_file with the arguments of a Stage."""
    return look_at_file(paths[0], sha256, max_pixels)


def relate_two(paths: Sequence[str], key: str, max_pixels: int) -> bytes:
    """Calls tasks.relate_files with the arguments of a Stage; the key has both sha256, separated by a space."""
    first, second = key.split()
    return pack_relation(relate_files((paths[0], paths[1]), (first, second), max_pixels)).encode()


def rank_group(paths: Sequence[str], key: str, bundle: str, model: str, max_pixels: int) -> bytes:
    """The ranking of a group as JSON, for a Stage.

    Args:
        paths: of the group's files.
        key: sha256 of each file in the same order, separated by spaces; a - follows those that may not come first.
        bundle: folder of the bundle; empty for the bundle shipped with genloss.
        model: version of the bundle.
        max_pixels: largest width times height to accept.

    Raises:
        EngineError: the bundle on this machine has another version.
    """
    names = key.split()
    digests = [name.removesuffix("-") for name in names]
    behind = {place for place, name in enumerate(names) if name.endswith("-")}
    with _one_at_a_time:
        ranker = _ranker(bundle, max_pixels)
        if ranker.ranker.bundle.version != model:
            raise EngineError(f"{bundle or BUNDLED} holds model {ranker.ranker.bundle.version} here, not {model}")
        ranked = ranker.rank(list(zip(map(Path, paths), digests, strict=True)), behind)
    order = [(digests[place], ranked.odds[place]) for place in ranked.order]
    return json.dumps([order, [asdict(row) for row in made_from(digests, ranked.descents)]]).encode()


LOOK = Stage(f"look-{LOOK_VERSION}", "looking", look_at, 1000)
RELATE = Stage(f"relate-{VERIFY_VERSION}", "comparing", relate_two, 1000)
RANK = Stage(f"rank-{RANK_VERSION}", "ranking ahead", rank_group, 100, 600.0)


def look_at_contents(
    wanted: Mapping[str, Path], options: "ScanOptions", watch: "Watch"
) -> Iterator[tuple[str, bytes | ImageError]]:
    """Yields the sha256 and the packed look, or the error, of each content.

    Args:
        wanted: a path for each sha256.
        options: with an engine.
        watch: reports progress.
    """
    items = [Item(sha256, (os.fspath(path),)) for sha256, path in wanted.items()]
    for row in _rows(LOOK, items, (options.max_pixels,), options, watch):
        yield row.key, row.found


def relate_contents(
    wanted: Sequence[tuple[int, int]], contents: Sequence[Content], options: "ScanOptions", watch: "Watch"
) -> Iterator[tuple[tuple[int, int], PairRelation | ImageError]]:
    """Yields each pair of positions with its relation, or with the error.

    Args:
        wanted: pairs of positions in `contents`.
        contents: of the collection.
        options: with an engine.
        watch: reports progress.
    """
    items = {}
    for pair in wanted:
        (first, one), (second, other) = (contents[position].kept for position in pair)
        items[f"{one} {other}"] = pair, (os.fspath(first), os.fspath(second))
    rows = _rows(RELATE, [Item(key, paths) for key, (_, paths) in items.items()], (options.max_pixels,), options, watch)
    for row in rows:
        found = row.found
        yield items[row.key][0], found if isinstance(found, ImageError) else read_relation(found.decode())


def rank_contents(
    wanted: Mapping[str, tuple[Sequence[tuple[Path, str]], set[int]]], model: str, options: "ScanOptions", watch: "Watch"
) -> Iterator[tuple[str, Ranking]]:
    """Yields key and ranking of each group; groups that cannot be ranked are skipped.

    Args:
        wanted: for any key, path and sha256 of each member, and the positions of members that may not come first.
        model: version of the bundle.
        options: with an engine.
        watch: reports progress.
    """
    keys, items = {}, []
    for key, (members, last) in wanted.items():
        names = " ".join(f"{digest}{'-' if place in last else ''}" for place, (_, digest) in enumerate(members))
        keys[names] = key
        items.append(Item(names, tuple(os.fspath(path) for path, _ in members)))
    bundle = "" if options.bundle is None else os.path.abspath(options.bundle)
    settings = bundle, model, options.max_pixels
    for row in _rows(RANK, items, settings, options, watch):
        if isinstance(row.found, bytes):
            order, descents = json.loads(row.found)
            yield keys[row.key], (dict(order), [read_made_from(fields) for fields in descents])


def _rows(
    stage: Stage, items: Sequence[Item], settings: tuple[str | int, ...], options: "ScanOptions", watch: "Watch"
) -> Iterator[Row]:
    assert options.sharding is not None
    return run_stage(stage, items, settings, options.sharding, options.isolated is not False, watch)


@lru_cache(1)
def _ranker(bundle: str, max_pixels: int) -> ContentRanker:
    return ContentRanker(Ranker(load_bundle(Path(bundle) if bundle else BUNDLED)), None, max_pixels)
