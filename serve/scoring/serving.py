"""The serving model: scores pictures in killable processes, and can be replaced while requests run."""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from genloss.model.errors import ImageError
from genloss.model.pairs.findings import Found
from genloss.model.pairs.registration import Registration
from genloss.model.scoring.bundle import Bundle
from genloss.model.scoring.comparing import SubmittedPairs
from genloss.model.scoring.ranked import RankedVersion
from genloss.model.scoring.ranker import Ranker
from genloss.model.scoring.scorer import Score
from genloss.model.scoring.workers import ScoringWorkers, TimedScore
from genloss.serve.scoring.kept_findings import KeptFindings
from genloss.serve.settings import Settings

log = logging.getLogger("genloss.serve.comparing")


class ServingModel:
    """One bundle with its worker processes.

    Args:
        folder: of the bundle.
        settings: number of workers, largest picture, and longest times to score and to compare.

    Raises:
        BundleError: the bundle is missing, damaged, or made for other features.
    """

    def __init__(self, folder: Path, settings: Settings) -> None:
        self._workers = ScoringWorkers(folder, settings.max_pixels, settings.workers, settings.scoring_seconds)
        self._ranker = Ranker(self._workers.bundle)
        self._rankings = asyncio.Semaphore(settings.workers)
        self._n_workers, self._comparing_seconds = settings.workers, settings.comparing_seconds
        self._users = 0
        self._unused = asyncio.Event()
        self._unused.set()

    @property
    def bundle(self) -> Bundle:
        """The bundle that serves."""
        return self._workers.bundle

    @property
    def version(self) -> str:
        """Version of the bundle, which every answer carries."""
        return self.bundle.version

    @property
    def is_ready(self) -> bool:
        """Whether the workers run."""
        return self._workers.running

    @property
    def queue_depth(self) -> int:
        """Pictures and pairs that wait for a worker or are being worked on."""
        return self._workers.n_unfinished

    async def score(self, data: bytes, with_reasons: bool, with_fingerprint: bool = False) -> TimedScore:
        """Scores one file; cancelling the call takes the file out of the queue.

        Raises:
            ImageError: the bytes cannot be scored, or a worker crashed or was killed on them.
        """
        return await asyncio.wrap_future(self._workers.submit_timed(data, with_reasons, with_fingerprint))

    async def preview(self, data: bytes, longest_side_px: int) -> bytes:
        """A PNG of one file's first frame, as images.preview draws it; can be cancelled like `score`.

        Raises:
            ImageError: the bytes cannot be decoded, or a worker crashed or was killed on them.
        """
        return await asyncio.wrap_future(self._workers.submit_preview(data, longest_side_px))

    async def align(self, first: bytes, second: bytes) -> Registration | None:
        """Registers the first file on the second, both upright as EXIF says; None if they do not show the same picture.

        Can be cancelled like `score`.

        Raises:
            ImageError: a file cannot be decoded, or a worker crashed or was killed on the two.
        """
        return await asyncio.wrap_future(self._workers.submit_alignment(first, second))

    async def rank(
        self, scores: Sequence[Score], files: Sequence[bytes], one_picture: bool, known: KeptFindings | None = None
    ) -> list[RankedVersion]:
        """Ranks versions picture by picture, closest to the original first; other requests go on meanwhile.

        At most `workers` rankings run at once, since telling 64 different pictures apart takes many seconds. A ranking
        submits at most `workers` comparisons at once. If the call is cancelled, no further comparison starts.

        Args:
            scores: with fingerprints.
            files: bytes of the same versions, for the comparisons.
            one_picture: as of Ranker.rank.
            known: findings of earlier rankings; None to compare every pair and keep nothing.
        """

        def submit(first: int, second: int) -> Future[Found]:
            compare = partial(self._workers.submit_finding, files[first], files[second])
            digests = scores[first].file_sha256, scores[second].file_sha256
            if known is None or digests[0] is None or digests[1] is None:
                return compare()
            return known.find((digests[0], digests[1]), compare)

        async with self._rankings:
            comparing = SubmittedPairs(submit, self._n_workers, self._comparing_seconds, on_error=_report)
            try:
                return await asyncio.to_thread(self._ranker.rank, scores, comparing, one_picture)
            finally:
                comparing.stop()

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Keeps the workers running until the block ends."""
        self._users += 1
        self._unused.clear()
        try:
            yield
        finally:
            self._users -= 1
            if not self._users:
                self._unused.set()

    async def close(self) -> None:
        """Stops the workers once no request uses them."""
        await self._unused.wait()
        await asyncio.to_thread(self._workers.close)


def _report(error: ImageError) -> None:
    log.warning("a pair goes by the judge alone: %s", error.code)


class Serving:
    """Holds the current model; every request keeps the model that it started with."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self._closing: set[asyncio.Task[None]] = set()
        self.current = ServingModel(folder, settings)

    @contextmanager
    def use(self) -> Iterator[ServingModel]:
        """The current model, which stays alive until the block ends."""
        model = self.current
        with model.in_use():
            yield model

    def replace(self, model: ServingModel) -> None:
        """Lets a started model answer new requests; the older model closes after its last request."""
        older, self.current = self.current, model
        closing = asyncio.create_task(older.close())
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        """Stops all workers."""
        await asyncio.gather(self.current.close(), *self._closing)
