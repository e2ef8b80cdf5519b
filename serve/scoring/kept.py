"""Scores of files that were sent once, so that they can be ranked again and again; in memory only, never the files."""

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from genloss.model.scoring.scorer import Score

_LOOK_SECONDS = 60.0  # between looks for what has expired while nobody asks


def version_id(model_version: str, data: bytes) -> str:
    """Identifier of a file scored by a model: 64 hexadecimal digits, the same for the same bytes."""
    digest = hashlib.sha256(model_version.encode())
    digest.update(data)
    return digest.hexdigest()


@dataclass
class _Kept:
    score: Score
    model_version: str
    used: float


class KeptVersions:
    """The scores used last, by identifier; used from the event loop only.

    Args:
        most: scores to keep; beyond that the one not used for longest is forgotten. One takes about 20 kB.
        seconds: a score not used for so long is forgotten.
        now: seconds of a clock that never goes back.

    Attributes:
        n_forgotten: scores forgotten so far, by reason: "full" or "expired".
    """

    def __init__(self, most: int, seconds: float, now: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._seconds = seconds
        self._now = now
        self.n_forgotten = {"full": 0, "expired": 0}
        self._kept: OrderedDict[str, _Kept] = OrderedDict()  # the one not used for longest first

    def __len__(self) -> int:
        self.forget_expired()
        return len(self._kept)

    def keep(self, id: str, model_version: str, score: Score) -> None:
        """Keeps a score, in place of an earlier one of the same identifier."""
        self._kept[id] = _Kept(score, model_version, self._now())
        self._kept.move_to_end(id)
        self.forget_expired()
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
            self.n_forgotten["full"] += 1

    def find(self, id: str, model_version: str) -> Score | None:
        """The score, which counts as used now; None where it is not kept, or was given by another model."""
        self.forget_expired()
        found = self._kept.get(id)
        if found is None or found.model_version != model_version:
            return None
        found.used = self._now()
        self._kept.move_to_end(id)
        return found.score

    def find_all(self, ids: Sequence[str], model_version: str) -> tuple[list[Score], list[str]]:
        """Scores in the order of `ids`, and the identifiers without one, each once."""
        found = {id: self.find(id, model_version) for id in ids}
        missing = [id for id, score in found.items() if score is None]
        return [score for id in ids if (score := found[id]) is not None], missing

    def forget_expired(self) -> None:
        """Forgets what was not used for too long."""
        oldest = self._now() - self._seconds
        while self._kept and next(iter(self._kept.values())).used < oldest:
            self._kept.popitem(last=False)
            self.n_forgotten["expired"] += 1

    async def forget_regularly(self) -> None:
        """Forgets what expires while nobody asks; runs until it is cancelled."""
        while True:
            await asyncio.sleep(min(_LOOK_SECONDS, self._seconds))
            self.forget_expired()
