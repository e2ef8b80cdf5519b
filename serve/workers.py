"""The serving model: scores pictures beside the event loop, and can be replaced while requests run."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from model.bundle import Bundle
from model.pair_judge import PairJudge
from model.ranking import RankedVersion, rank_versions
from model.reasons import Reason
from model.scorer import Score, Scorer
from serve.settings import Settings


@dataclass(frozen=True)
class ScoredPicture:
    """A picture's verdict; `reasons` is None where nobody asked, `seconds` is the time it took without waiting."""

    score: Score
    reasons: list[Reason] | None
    seconds: float


class ServingModel:
    """One bundle, ready to answer.

    Raises:
        BundleError: the bundle is missing, damaged, or made for other features.
    """

    def __init__(self, folder: Path, settings: Settings) -> None:
        self._scorer = Scorer(folder, settings.max_pixels)
        self._judge = PairJudge(self._scorer.bundle)
        self._threads = ThreadPoolExecutor(settings.workers, "score")

    @property
    def bundle(self) -> Bundle:
        """What is being served."""
        return self._scorer.bundle

    async def score(self, data: bytes, with_reasons: bool) -> ScoredPicture:
        """One file's score.

        Raises:
            ImageError: the bytes cannot be scored.
        """
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._work, data, with_reasons)

    def rank(self, scores: list[Score]) -> list[RankedVersion]:
        """Versions of one picture, closest to the original first."""
        log_odds = self._judge.log_odds([score.evidence for score in scores])
        return rank_versions(scores, log_odds, self.bundle)

    def close(self) -> None:
        """Ends the workers once the running pictures are done."""
        self._threads.shutdown()

    def _work(self, data: bytes, with_reasons: bool) -> ScoredPicture:
        started = time.perf_counter()
        score, reasons = self._scorer.explain(data) if with_reasons else (self._scorer.score(data), None)
        return ScoredPicture(score, reasons, time.perf_counter() - started)
