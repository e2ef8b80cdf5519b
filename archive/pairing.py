"""Pairs of contents that may be related, by hashes and by words."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from genloss.archive.candidates import find_candidates
from genloss.archive.contents import Content
from genloss.archive.local_words import LocalWords
from genloss.archive.word_shards import WordShards, on_this_machine

if TYPE_CHECKING:
    from genloss.archive.grouping import ScanOptions, Watch

Pair = tuple[int, int]  # positions of contents


class Candidates(NamedTuple):
    """Pairs that may be related.

    Attributes:
        pairs: sorted pairs, each with whether hashes agree; else only words agree.
        check: whether the words of each of some pairs agree on one similarity, a closer look than what made them pairs.
    """

    pairs: list[tuple[Pair, bool]]
    check: Callable[[Sequence[Pair]], list[bool]]


@contextmanager
def pair_contents(
    contents: Sequence[Content], words_of: Callable[[str], LocalWords], options: "ScanOptions", folder: Path, watch: "Watch"
) -> Iterator[Candidates]:
    """Candidates among contents. The sorted words are removed at the end, unless it is an error: then they are used again.

    Args:
        contents: of the collection.
        words_of: gives the words of a content by its sha256.
        options: of the scan.
        folder: for temporary files, if the options have no engine.
        watch: reports progress.

    Raises:
        EngineError: a shard could not be made or read.
    """
    comparable = [position for position, content in enumerate(contents) if content.look.is_comparable]
    place_of = {position: place for place, position in enumerate(comparable)}
    looks = [contents[position].look for position in comparable]
    digests = [contents[position].sha256 for position in comparable]
    with ExitStack() as stack:
        sharding = options.sharding or stack.enter_context(on_this_machine(folder))
        shards = WordShards(digests, [look.width_px / look.height_px for look in looks], words_of, sharding, watch)
        found = find_candidates([look.hashes for look in looks], shards.pair())
        pairs = [((comparable[first], comparable[second]), by_hash) for first, second, by_hash in found]
        yield Candidates(pairs, lambda some: shards.check([(place_of[first], place_of[second]) for first, second in some]))
        shards.clear()
