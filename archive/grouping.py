"""Groups a whole collection: verifies candidates, ranks components, re-checks stars, and stores every result."""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from genloss.archive.contents import Content, showing_less
from genloss.archive.decided import Decided
from genloss.archive.groups import MOST_TOGETHER, Ranked, Relations, behind, components, form_groups
from genloss.archive.pairing import pair_contents
from genloss.archive.ranks import RANK_VERSION, ContentRanker, content_ranker
from genloss.archive.rules import Rules
from genloss.archive.scan_store import MadeFrom, ScanStore, made_from
from genloss.archive.sharding import Sharding
from genloss.archive.tasks import Submit, relate_files, result_of, results_of, task_runner
from genloss.archive.verify import Kind, PairRelation
from genloss.model.errors import ImageError
from genloss.model.freed_memory import trim_memory
from genloss.model.images.guard import MAX_PIXELS
from genloss.model.parallel import in_order
from genloss.model.scoring.bundle import BUNDLED, load_bundle

FEW_TASKS = 12  # at most so many tasks run in this process by default
PAIRS_AHEAD = 64  # pairs queued or running at once; bounds memory

# Passes items through to show a progress bar. Arguments: the items, their number, and a verb for the bar.
Watch = Callable[[Iterable[Any], int, str], Iterable[Any]]


@dataclass(frozen=True)
class ScanOptions:
    """Options of a scan.

    Attributes:
        sure: least odds of an action, in [0.5, 1]; None for the least odds of the rules.
        rules: rules of the collection.
        bundle: folder of a trained bundle; None for the bundle shipped with genloss.
        max_pixels: largest width times height to accept.
        isolated: whether to decode in separate processes; None to do so for more than FEW_TASKS tasks.
        sharding: engine and folder for work in shards; None for processes on this machine.
    """

    sure: float | None = None
    rules: Rules = field(default_factory=Rules)
    bundle: Path | None = None
    max_pixels: int = MAX_PIXELS
    isolated: bool | None = None
    sharding: Sharding | None = None

    def in_processes(self, n_tasks: int) -> bool:
        """Whether this number of tasks runs in separate processes."""
        return n_tasks > FEW_TASKS if self.isolated is None else self.isolated


class Grouping:
    """The stages between looks and the plan; a context manager that ends its processes.

    Args:
        contents: contents of the collection.
        store: store of the catalog.
        options: options of the scan.
        decided: a person's decisions.

    Attributes:
        relations: relations of all related pairs.
        n_compared: number of pairs compared so far.
    """

    def __init__(self, contents: Sequence[Content], store: ScanStore, options: ScanOptions, decided: Decided) -> None:
        self._contents = contents
        self._store = store
        self._options = options
        self._decided = decided
        self._apart = decided.positions_apart(contents)
        self._open = ExitStack()
        self._isolated = options.in_processes(len(contents))
        self.relations: Relations = {}
        self.n_compared = 0

    def verify_candidates(self, watch: Watch) -> None:
        """Finds pairs that may be related, and compares those without a stored result."""
        wanted, ruled_out = self._new_candidates(watch)
        trim_memory()  # of all words, which are not needed any more
        in_shards = self._options.sharding is not None
        if not in_shards:
            self._rule_out(ruled_out)
        for pair, found in self._compare(wanted, watch) if wanted else ():
            relation = self._take(pair, found)
            if relation.kind is not Kind.NONE:
                self.relations[pair] = relation
        if in_shards:  # only now, for a scan that resumes must find the same pairs to check, in the same shards
            self._rule_out(ruled_out)

    def _new_candidates(self, watch: Watch) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        """Pairs to compare, and pairs whose words do not agree; adds stored relations to `relations`."""
        store = self._store
        with pair_contents(self._contents, store.words, self._options, store.folder, watch) as candidates:
            new = {pair: by_hash for pair, by_hash in candidates.pairs if pair not in self._apart and self._is_new(pair)}
            by_words = [pair for pair, by_hash in new.items() if not by_hash]
            agree = dict(zip(by_words, candidates.check(by_words), strict=True))
        return [pair for pair in new if agree.get(pair, True)], [pair for pair in by_words if not agree[pair]]

    def _rule_out(self, pairs: Iterable[tuple[int, int]]) -> None:
        for first, second in pairs:
            self._store.rule_out(self._contents[first].sha256, self._contents[second].sha256)

    def _is_new(self, pair: tuple[int, int]) -> bool:
        """Whether no result of a pair is stored; adds a stored relation to `relations`."""
        known = self._known(*pair)
        if known is None:
            return not self._store.is_ruled_out(*(self._contents[position].sha256 for position in pair))
        if known.kind is not Kind.NONE:
            self.relations[pair] = known
        return False

    def _compare(self, wanted: list[tuple[int, int]], watch: Watch) -> Iterator[tuple[tuple[int, int], Any]]:
        """Pairs, each with its relation or the ImageError that prevented the comparison."""
        if self._options.sharding is None:
            return results_of(watch(in_order(self._submit_pair, wanted, PAIRS_AHEAD), len(wanted), "comparing"))
        from genloss.archive.stages import relate_contents  # needs pyarrow

        return relate_contents(wanted, self._contents, self._options, watch)

    def form_groups(self, watch: Watch) -> list[Ranked]:
        """Groups of versions; adds the relations that the re-check finds to `relations`."""
        found = components(range(len(self._contents)), self.relations)
        component_of = {member: number for number, members in enumerate(found) for member in members}
        own: list[Relations] = [{} for _ in found]
        for pair, relation in self.relations.items():
            number = component_of.get(pair[0])
            if number is not None and component_of.get(pair[1]) == number:
                own[number][pair] = relation
        if self._options.sharding is not None:
            self._rank_ahead(found, own, watch)
        stars: list[Ranked] = []
        for number, component in watch(enumerate(found), len(found), "ranking"):
            rank = partial(self._rank, relations=own[number])
            stars += form_groups(component, own[number], rank, self._verify, self._apart)
            self.relations.update({pair: one for pair, one in own[number].items() if one.kind is not Kind.NONE})
        return stars

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._open.close()

    @cached_property
    def _submit(self) -> Submit:
        return self._open.enter_context(task_runner(self._isolated))

    @cached_property
    def _ranker(self) -> ContentRanker:
        options = self._options
        return self._open.enter_context(content_ranker(options.bundle, self._isolated, options.max_pixels))

    @cached_property
    def _model(self) -> str:
        return load_bundle(self._options.bundle or BUNDLED).version

    def _known(self, first: int, second: int) -> PairRelation | None:
        return self._store.relation(self._contents[first].sha256, self._contents[second].sha256)

    def _submit_pair(self, pair: tuple[int, int]) -> "Future[PairRelation]":
        return submit_pair(self._submit, self._contents[pair[0]], self._contents[pair[1]], self._options.max_pixels)

    def _take(self, pair: tuple[int, int], found: PairRelation | ImageError) -> PairRelation:
        """Stores a relation for the next scan and returns it; an error counts as unrelated and is not stored."""
        self.n_compared += 1
        if isinstance(found, ImageError):
            return PairRelation(Kind.NONE)
        self._store.add_relation(self._contents[pair[0]].sha256, self._contents[pair[1]].sha256, found)
        return found

    def _verify(self, first: int, second: int) -> PairRelation:
        return self._known(first, second) or self._take((first, second), result_of(self._submit_pair((first, second))))

    def _rank(self, members: list[int], relations: Relations) -> Ranked:
        """Ranks contents by their positions; a stored ranking is not computed again."""
        last = self._last(members, relations)
        digests = [self._contents[member].sha256 for member in members]
        key = _key(digests, last)
        known = self._store.ranking(key, self._model)
        if known is None:
            ranked = self._ranker.rank([self._contents[member].kept for member in members], last)
            known = {digests[place]: ranked.odds[place] for place in ranked.order}
            self._keep(key, known, made_from(digests, ranked.descents))
        positions = dict(zip(digests, members, strict=True))
        return Ranked([positions[digest] for digest in known], {positions[digest]: odds for digest, odds in known.items()})

    def _rank_ahead(self, groups: list[list[int]], own: Sequence[Relations], watch: Watch) -> None:
        """Lets the engine rank all groups without a stored ranking, and stores the rankings."""
        from genloss.archive.stages import rank_contents  # needs pyarrow

        wanted = {}
        for members, relations in zip(groups, own, strict=True):
            if len(members) > MOST_TOGETHER:  # form_groups splits it first
                continue
            last = self._last(members, relations)
            key = _key([self._contents[member].sha256 for member in members], last)
            if self._store.ranking(key, self._model) is None:
                wanted[key] = [self._contents[member].kept for member in members], last
        for key, (order, descents) in rank_contents(wanted, self._model, self._options, watch):
            self._keep(key, order, descents)

    def _last(self, members: list[int], relations: Relations) -> set[int]:
        """Indices into `members` of those that may not come first."""
        leader = self._decided.leader(self._contents, members)
        last = behind(members, relations, showing_less(self._contents, members)) if leader is None else set(members) - {leader}
        return {place for place, member in enumerate(members) if member in last}

    def _keep(self, key: str, order: dict[str, float | None], descents: Sequence[MadeFrom]) -> None:
        if None not in list(order.values())[1:]:  # every member has a score; else the next scan tries again
            self._store.add_ranking(key, self._model, order)
            self._store.add_descents(key, self._model, descents)


def _key(digests: Sequence[str], last: set[int]) -> str:
    """Key of a ranking in the catalog."""
    names = sorted(f"{digest}{'-' if place in last else ''}" for place, digest in enumerate(digests))
    return hashlib.sha256(" ".join([f"rank-{RANK_VERSION}", *names]).encode()).hexdigest()


def submit_pair(submit: Submit, first: Content, second: Content, max_pixels: int) -> "Future[PairRelation]":
    """Submits the comparison of two contents, by the file of each that stays."""
    paths = os.fspath(first.files[0].path), os.fspath(second.files[0].path)
    return submit(relate_files, paths, (first.sha256, second.sha256), max_pixels)
