"""Keeps sent files and their scores, so that they can be ranked again and again; in memory only, never on disk."""

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from genloss.model.scoring.scorer import Score

_LOOK_SECONDS = 60.0  # longest time between checks for expired versions


def version_id(model_version: str, data: bytes) -> str:
    """Identifier of a file scored by a model: 64 hexadecimal digits, the same for the same bytes."""
    digest = hashlib.sha256(model_version.encode())
    digest.update(data)
    return digest.hexdigest()


@dataclass(frozen=True)
class KeptVersion:
    """A scored file.

    Attributes:
        score: includes the fingerprint.
        data: the file's bytes.
    """

    score: Score
    data: bytes


@dataclass
class _Kept:
    version: KeptVersion
    model_version: str
    used: float


class KeptVersions:
    """An LRU cache of versions by identifier; not thread-safe, for the event loop only.

    Args:
        most: most versions to keep; beyond, the least recently used version is forgotten. A score takes about 20 kB.
        most_bytes: most bytes of files to keep; beyond, the same, but the newest version stays however large it is.
        seconds: after this time without use a version is forgotten.
        now: seconds of a clock that never goes back.

    Attributes:
        n_bytes: bytes of all kept files.
        n_forgotten: versions forgotten so far, by reason: "full" or "expired".
    """

    def __init__(self, most: int, most_bytes: int, seconds: float, now: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._seconds = seconds
        self._now = now
        self.n_bytes = 0
        self.n_forgotten = {"full": 0, "expired": 0}
        self._kept: OrderedDict[str, _Kept] = OrderedDict()  # least recently used first

    def __len__(self) -> int:
        self.forget_expired()
        return len(self._kept)

    def keep(self, id: str, model_version: str, version: KeptVersion) -> None:
        """Keeps a version; replaces an earlier version of the same identifier."""
        if id in self._kept:
            self._forget(id)
        self._kept[id] = _Kept(version, model_version, self._now())
        self.n_bytes += len(version.data)
        self.forget_expired()
        while len(self._kept) > self._most or (self.n_bytes > self._most_bytes and len(self._kept) > 1):
            self._forget(next(iter(self._kept)))
            self.n_forgotten["full"] += 1

    def find(self, id: str, model_version: str) -> KeptVersion | None:
        """The version, which counts as used now; None if it is not kept or was scored by another model."""
        self.forget_expired()
        found = self._kept.get(id)
        if found is None or found.model_version != model_version:
            return None
        found.used = self._now()
        self._kept.move_to_end(id)
        return found.version

    def find_all(self, ids: Sequence[str], model_version: str) -> tuple[list[KeptVersion], list[str]]:
        """Versions in the order of `ids`, and the identifiers without a version, each once."""
        found = {id: self.find(id, model_version) for id in ids}
        missing = [id for id, version in found.items() if version is None]
        return [version for id in ids if (version := found[id]) is not None], missing

    def forget_expired(self) -> None:
        """Forgets versions that were not used for too long."""
        oldest = self._now() - self._seconds
        while self._kept and next(iter(self._kept.values())).used < oldest:
            self._forget(next(iter(self._kept)))
            self.n_forgotten["expired"] += 1

    def _forget(self, id: str) -> None:
        self.n_bytes -= len(self._kept.pop(id).version.data)


class Forgetful(Protocol):
    """A cache whose entries expire."""

    def forget_expired(self) -> None: ...


async def forget_regularly(seconds: float, *kept: Forgetful) -> None:
    """Forgets expired entries even if no request comes; runs until it is cancelled.

    Args:
        seconds: after this time entries expire.
        kept: the caches to check.
    """
    while True:
        await asyncio.sleep(min(_LOOK_SECONDS, seconds))
        for things in kept:
            things.forget_expired()
