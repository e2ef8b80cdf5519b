"""Comparisons for one ranking, in threads or processes. If a comparison fails, the judge alone decides that pair."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future

from genloss.model.errors import DecodeCrashedError, DecodeTimeoutError, ImageError
from genloss.model.pairs.findings import Found
from genloss.model.parallel import in_order

MOST_DEATHS = 2  # a version in so many comparisons that hung or crashed is not compared any more

Pair = tuple[int, int]


class SubmittedPairs:
    """Submits pairs of versions for registration; a ComparePairs for Ranker.rank.

    Args:
        submit: starts the comparison of two positions. The future may raise an ImageError; it gives None if the two could
            not be registered.
        n_ahead: most comparisons that wait or run at the same time.
        seconds: after this time no further comparison starts; None for no limit.
        on_error: called with the error of each failed comparison.
        watch: wraps the iterator of findings, given their number; for a progress bar.
    """

    def __init__(
        self,
        submit: Callable[[int, int], Future[Found]],
        n_ahead: int,
        seconds: float | None = None,
        on_error: Callable[[ImageError], None] = lambda error: None,
        watch: Callable[[Iterator[Found], int], Iterator[Found]] = lambda findings, total: findings,
    ) -> None:
        self._submit = submit
        self._n_ahead = n_ahead
        self._ends = None if seconds is None else time.monotonic() + seconds
        self._on_error = on_error
        self._watch = watch
        self._stopped = threading.Event()
        self._deaths: Counter[int] = Counter()

    def __call__(self, pairs: Sequence[Pair]) -> Iterator[Found]:
        """Findings in the order of the pairs; None for a pair without one."""
        return self._watch(self._compare(pairs), len(pairs))

    def stop(self) -> None:
        """Starts no further comparison; pairs that are asked for afterwards have no findings."""
        self._stopped.set()

    def _compare(self, pairs: Sequence[Pair]) -> Iterator[Found]:
        for pair, future in in_order(self._begin, pairs, self._n_ahead):
            try:
                yield future.result()
            except ImageError as error:
                if isinstance(error, DecodeTimeoutError | DecodeCrashedError):
                    self._deaths.update(pair)
                self._on_error(error)
                yield None

    def _begin(self, pair: Pair) -> Future[Found]:
        too_late = self._ends is not None and time.monotonic() > self._ends
        if self._stopped.is_set() or too_late or any(self._deaths[version] >= MOST_DEATHS for version in pair):
            nothing: Future[Found] = Future()
            nothing.set_result(None)
            return nothing
        return self._submit(*pair)
