"""Keeps the findings of compared pairs, so that a ranking with one file more or less compares only new pairs."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future

from genloss.model.pairs.findings import Found

MOST_FINDINGS = 4096  # about 10 kB each

Pair = tuple[str, str]


class KeptFindings:
    """An LRU cache of findings by the sha256 of both files; thread-safe.

    Args:
        seconds: after this time without use a finding is forgotten.
        most: most findings to keep; beyond, the least recently used finding is forgotten.
        now: seconds of a clock that never goes back.
    """

    def __init__(self, seconds: float, most: int = MOST_FINDINGS, now: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._most = most
        self._now = now
        self._kept: OrderedDict[Pair, tuple[float, Found]] = OrderedDict()  # least recently used first
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def find(self, pair: Pair, compare: Callable[[], Future[Found]]) -> Future[Found]:
        """The kept finding of a pair, else the result of `compare`, which is kept unless it is an error."""
        with self._lock:
            known = self._kept.pop(pair, None)
            if known is not None:
                self._kept[pair] = self._now(), known[1]
        if known is not None:
            done: Future[Found] = Future()
            done.set_result(known[1])
            return done
        future = compare()
        future.add_done_callback(lambda future: self._keep(pair, future))
        return future

    def forget_expired(self) -> None:
        """Forgets findings that were not used for too long."""
        oldest = self._now() - self._seconds
        with self._lock:
            while self._kept and next(iter(self._kept.values()))[0] < oldest:
                self._kept.popitem(last=False)

    def _keep(self, pair: Pair, future: Future[Found]) -> None:
        if future.cancelled() or future.exception() is not None:
            return
        with self._lock:
            self._kept[pair] = self._now(), future.result()
            self._kept.move_to_end(pair)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
