"""The serving model: scores pictures in killable processes, and can be replaced while requests run."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from genloss.model.scoring.bundle import Bundle
from genloss.model.scoring.ranker import RankedVersion, Ranker
from genloss.model.scoring.scorer import Score
from genloss.model.scoring.workers import ScoringWorkers, TimedScore
from genloss.serve.settings import Settings


class ServingModel:
    """One bundle with its worker processes.

    Args:
        folder: of the bundle.
        settings: how many workers, how long a picture may take, how large it may be.

    Raises:
        BundleError: the bundle is missing, damaged, or made for other features.
    """

    def __init__(self, folder: Path, settings: Settings) -> None:
        self._workers = ScoringWorkers(folder, settings.max_pixels, settings.workers, settings.scoring_seconds)
        self._ranker = Ranker(self._workers.bundle)
        self._rankings = asyncio.Semaphore(settings.workers)
        self._users = 0
        self._unused = asyncio.Event()
        self._unused.set()

    @property
    def bundle(self) -> Bundle:
        """What is being served."""
        return self._workers.bundle

    @property
    def version(self) -> str:
        """Of the bundle; every answer carries it."""
        return self.bundle.version

    @property
    def is_ready(self) -> bool:
        """Whether it can score."""
        return self._workers.running

    @property
    def queue_depth(self) -> int:
        """Pictures that wait for a worker or are being scored."""
        return self._workers.n_unfinished

    async def score(self, data: bytes, with_reasons: bool, with_fingerprint: bool = False) -> TimedScore:
        """One file's score; whoever stops waiting for it gives up its place in the queue.

        Raises:
            ImageError: the bytes cannot be scored, or a worker did not survive them.
        """
        return await asyncio.wrap_future(self._workers.submit_timed(data, with_reasons, with_fingerprint))

    async def preview(self, data: bytes, longest_side_px: int) -> bytes:
        """A PNG of one file's first frame, as images.preview draws it; waits and is given up as `score`.

        Raises:
            ImageError: the bytes cannot be decoded, or a worker did not survive them.
        """
        return await asyncio.wrap_future(self._workers.submit_preview(data, longest_side_px))

    async def rank(self, scores: list[Score]) -> list[RankedVersion]:
        """Versions in order, picture by picture, closest to the original first; other requests go on meanwhile.

        No more at once than there are workers: telling 64 different pictures apart takes many seconds.
        """
        async with self._rankings:
            return await asyncio.to_thread(self._ranker.rank, scores)

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
        """Stops the workers once nobody uses them any more."""
        await self._unused.wait()
        await asyncio.to_thread(self._workers.close)


class Serving:
    """Which model answers; every request keeps the one it began with."""

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
        """Makes a started model the one that answers new requests; the older one ends after its last request."""
        older, self.current = self.current, model
        closing = asyncio.create_task(older.close())
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        """Stops all workers."""
        await asyncio.gather(self.current.close(), *self._closing)
