"""Ranks versions of a picture and gives the odds that the first is the original: geometry first, then the Ranker on pairs."""

import os
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from genloss.archive.groups import Ranked
from genloss.archive.tasks import check_may_start
from genloss.model.errors import ImageError
from genloss.model.images.guard import DEADLINE_SECONDS
from genloss.model.images.reading import read_file
from genloss.model.pairs.findings import Apart, Found
from genloss.model.scoring.bundle import BUNDLED, load_bundle
from genloss.model.scoring.compare_in_worker import find_in_files, forget_planes
from genloss.model.scoring.comparing import SubmittedPairs
from genloss.model.scoring.ranker import Ranker
from genloss.model.scoring.scorer import Score, Scorer
from genloss.model.scoring.workers import ScoringWorkers

RANK_VERSION = 5  # of the rules that rank; rankings of other versions are made again
_PAIRS_AHEAD = 16


class ContentRanker:
    """Ranks contents by their files.

    Args:
        ranker: of a bundle.
        workers: processes that score and compare files; None to work in this thread.
        max_pixels: largest width times height to accept.
    """

    def __init__(self, ranker: Ranker, workers: ScoringWorkers | None, max_pixels: int) -> None:
        self.ranker = ranker
        self._workers = workers
        self._scorer = None if workers else Scorer(ranker.bundle.folder, max_pixels)
        self._max_pixels = max_pixels

    def rank(self, files: Sequence[tuple[Path, str]], behind: Collection[int]) -> Ranked:
        """Ranks versions of one picture.

        Args:
            files: path and sha256 of each version, two or more.
            behind: positions that may not come first; fewer than all.

        Returns:
            The ranking, by positions in `files`. Files that cannot be scored come last, without odds.
        """
        paths, digests = [path for path, _ in files], [sha256 for _, sha256 in files]
        scores = self._scores(paths)
        able = [position for position in range(len(files)) if position in scores]
        front = [position for position in able if position not in behind] or able
        compare_pairs = SubmittedPairs(lambda one, other: self._find(paths, digests, one, other), _PAIRS_AHEAD)
        ranked = self.ranker.rank(
            [scores[position] for position in front],
            lambda pairs: map(_unless_apart, compare_pairs([(front[one], front[other]) for one, other in pairs])),
        )
        order = [front[version.index] for version in ranked]
        odds = {front[version.index]: version.probability_worse_than_first for version in ranked}
        descents = {
            front[version.index]: replace(version.descent, parent=front[version.descent.parent])
            for version in ranked
            if version.descent is not None
        }
        if order:
            rest = [position for position in able if position not in odds]
            odds |= self._odds_against(order[0], rest, scores, compare_pairs)
            order += sorted(rest, key=lambda position: odds[position] or 0.0)
        if self._workers is None:
            forget_planes()  # these contents occur in no other group
        unscored = [position for position in range(len(files)) if position not in scores]
        order += sorted(unscored, key=lambda position: position in behind)
        return Ranked(order, {position: odds.get(position) for position in order}, descents)

    def _odds_against(
        self, first: int, others: Sequence[int], scores: dict[int, Score], compare_pairs: SubmittedPairs
    ) -> dict[int, float]:
        """How likely each of the others is worse than the first."""
        odds = {}
        for position, found in zip(others, compare_pairs([(position, first) for position in others]), strict=True):
            logit = self.ranker.compare(scores[position], scores[first], found)
            odds[position] = float(1 / (1 + np.exp(-logit)))
        return odds

    def _scores(self, paths: Sequence[Path]) -> dict[int, Score]:
        if self._workers is None:
            assert self._scorer is not None
            tasks = [_done(partial(_score, self._scorer, path)) for path in paths]
        else:
            tasks = [self._workers.submit_file(path, follow_links=False) for path in paths]
        scores = {}
        for position, task in enumerate(tasks):
            try:
                scores[position] = task.result()
            except ImageError:  # the file is gone, has changed, or takes too long: it is not ranked
                continue
        return scores

    def _find(self, paths: Sequence[Path], digests: Sequence[str], one: int, other: int) -> "Future[Found]":
        files, expected = (paths[one], paths[other]), (digests[one], digests[other])
        if self._workers is not None:
            return self._workers.submit_file_finding(files, expected)
        return _done(lambda: find_in_files((os.fspath(files[0]), os.fspath(files[1])), expected, self._max_pixels))


def _unless_apart(found: Found) -> Found:
    """Drops the finding that two members are different pictures.

    Each member of a group was verified against one central file. Two members may still differ, each by lettering of its own.
    """
    return None if isinstance(found, Apart) else found


def _score(scorer: Scorer, path: Path) -> Score:
    return scorer.score(read_file(path, follow_links=False))


def _done(work: Callable[[], Any]) -> "Future[Any]":
    """Does the work at once and returns its result as a future."""
    future: Future[Any] = Future()
    try:
        future.set_result(work())
    except ImageError as error:
        future.set_exception(error)
    return future


@contextmanager
def content_ranker(bundle: Path | None, isolated: bool, max_pixels: int) -> Iterator[ContentRanker]:
    """A ranker, with or without worker processes.

    Args:
        bundle: folder of a trained bundle; None for the bundle shipped with genloss.
        isolated: whether to score and compare in worker processes.
        max_pixels: largest width times height to accept.

    Raises:
        ArchiveError: this process may start no worker processes.
        BundleError: the bundle cannot be used.
    """
    folder = bundle or BUNDLED
    if not isolated:
        yield ContentRanker(Ranker(load_bundle(folder)), None, max_pixels)
        return
    check_may_start()
    with ScoringWorkers(folder, max_pixels, deadline_seconds=4 * DEADLINE_SECONDS) as workers:
        yield ContentRanker(Ranker(workers.bundle), workers, max_pixels)
