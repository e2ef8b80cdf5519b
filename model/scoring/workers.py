"""Scoring and comparing in worker processes. If a file hangs or crashes the decoder, only the result for that file is lost."""

import os
import time
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from genloss.model.errors import BundleError, DecodeCrashedError, DecodeTimeoutError
from genloss.model.images.guard import DEADLINE_SECONDS, MAX_PIXELS
from genloss.model.images.preview import render_preview
from genloss.model.images.reading import read_file
from genloss.model.kept_memory import keep_memory
from genloss.model.processes import WorkerPool
from genloss.model.scoring import compare_in_worker
from genloss.model.scoring.bundle import BUNDLED, Bundle, load_bundle
from genloss.model.scoring.scorer import Score, Scorer

if TYPE_CHECKING:
    from genloss.model.pairs.findings import Found
    from genloss.model.pairs.registration import Registration

TASKS_PER_WORKER = 10_000


@dataclass(frozen=True)
class TimedScore:
    """A file's score and the time it took.

    Attributes:
        score: from Scorer.
        seconds: time to decode, measure and score, without waiting.
    """

    score: Score
    seconds: float


class ScoringWorkers:
    """A pool of processes with one Scorer each; threads may share it.

    Scores equal those of a Scorer in this process, bit for bit. A program that uses this class needs the usual
    `if __name__ == "__main__":`.

    Args:
        bundle: folder of a trained bundle; the one shipped with genloss by default.
        max_pixels: largest width times height to accept.
        n_workers: processes; one per core this process may use by default.
        deadline_seconds: most time to read, decode and score one file, without the wait for a worker.

    Attributes:
        bundle: the checked bundle.

    Raises:
        BundleError: the bundle is missing, damaged or of another feature version.
    """

    def __init__(
        self,
        bundle: Path | str = BUNDLED,
        max_pixels: int = MAX_PIXELS,
        n_workers: int | None = None,
        deadline_seconds: float = DEADLINE_SECONDS,
    ) -> None:
        self.bundle: Bundle = load_bundle(Path(bundle))
        self._max_pixels = max_pixels
        self._pool = WorkerPool(
            _load_scorer,
            (str(bundle), max_pixels),
            n_workers,
            deadline_seconds,
            tasks_per_worker=TASKS_PER_WORKER,
            timed_out=lambda limit: DecodeTimeoutError(f"not scored within {limit}"),
            died=DecodeCrashedError,
        )

    def submit(self, data: bytes) -> Future[Score]:
        """Scores one file's bytes.

        Returns:
            A future of the score. It raises the decoder's ImageError, DecodeTimeoutError or DecodeCrashedError. Cancelling
            it withdraws a file that no worker has started.

        Raises:
            RuntimeError: after close().
        """
        return self._pool.submit(_score, data)

    def submit_file(
        self, path: Path | str, follow_links: bool = True, with_fingerprint: bool = False, with_digest: bool = False
    ) -> Future[Score]:
        """Reads and scores one file; the worker also reads it, under the deadline.

        Returns:
            As `submit`. The future may also raise FileUnreadableError or FileTooLargeError.

        Raises:
            RuntimeError: after close().
        """
        return self._pool.submit(_score_file, os.fspath(path), follow_links, with_fingerprint, with_digest)

    def submit_timed(self, data: bytes, with_reasons: bool, with_fingerprint: bool = False) -> Future[TimedScore]:
        """Scores one file's bytes, finds reasons if asked, and measures the time that took.

        Returns:
            As `submit`.

        Raises:
            RuntimeError: after close().
        """
        return self._pool.submit(_score_timed, data, with_reasons, with_fingerprint)

    def submit_preview(self, data: bytes, longest_side_px: int) -> Future[bytes]:
        """Draws one file as a PNG, as images.preview does.

        Returns:
            A future of the PNG. It raises the errors of `submit`.

        Raises:
            RuntimeError: after close().
        """
        return self._pool.submit(_preview, data, longest_side_px)

    def submit_finding(self, first: bytes, second: bytes) -> "Future[Found]":
        """Registers two files. A worker keeps the planes of the files it decoded last for a while.

        Returns:
            A future of the finding; None if the two could not be registered. It raises the errors of `submit`.

        Raises:
            RuntimeError: after close().
        """
        return self._pool.submit(compare_in_worker.find_in_bytes, first, second, self._max_pixels)

    def submit_alignment(self, first: bytes, second: bytes) -> "Future[Registration | None]":
        """Finds the transform from the first file to the second, both turned by their EXIF orientations; measures nothing else.

        Returns:
            As `submit_finding`.

        Raises:
            RuntimeError: after close().
        """
        return self._pool.submit(compare_in_worker.align_bytes, first, second, self._max_pixels)

    def submit_file_finding(
        self, files: tuple[Path, Path], digests: tuple[str | None, str | None] = (None, None)
    ) -> "Future[Found]":
        """Reads and registers two files; the worker also reads them, under the deadline.

        Args:
            files: two paths.
            digests: sha256 of each file when it was scored; None to accept any content.

        Returns:
            As `submit_finding`. The future may also raise FileUnreadableError, for example if a file changed.

        Raises:
            RuntimeError: after close().
        """
        paths = tuple(map(os.fspath, files))
        return self._pool.submit(compare_in_worker.find_in_files, paths, digests, self._max_pixels)

    @property
    def n_unfinished(self) -> int:
        """Number of files and pairs that wait for a worker or are in work."""
        return self._pool.n_unfinished

    @property
    def running(self) -> bool:
        """Whether files can be scored."""
        return self._pool.running

    def close(self) -> None:
        """Stops all workers at once; unfinished files are cancelled."""
        self._pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


# What follows runs in the worker processes.
_scorer: Scorer | BundleError | None = None
_max_pixels = MAX_PIXELS


def _load_scorer(bundle: str, max_pixels: int) -> None:
    global _scorer, _max_pixels
    _max_pixels = max_pixels
    with open(os.devnull, "wb") as nowhere:  # libtiff prints about damaged files; errors come back as exceptions
        os.dup2(nowhere.fileno(), 2)
    keep_memory()
    try:
        _scorer = Scorer(bundle, max_pixels)
    except BundleError as error:  # raised by every task, for there is nobody to raise it to here
        _scorer = error


def _ready() -> Scorer:
    if not isinstance(_scorer, Scorer):
        raise _scorer or BundleError("the worker was not started")
    return _scorer


def _score(data: bytes) -> Score:
    return _ready().score(data)


def _score_file(path: str, follow_links: bool, with_fingerprint: bool, with_digest: bool) -> Score:
    return _ready().score(read_file(path, follow_links), with_fingerprint=with_fingerprint, with_digest=with_digest)


def _score_timed(data: bytes, with_reasons: bool, with_fingerprint: bool) -> TimedScore:
    started = time.perf_counter()
    score = _ready().score(data, with_reasons, with_fingerprint)
    return TimedScore(score, time.perf_counter() - started)


def _preview(data: bytes, longest_side_px: int) -> bytes:
    return render_preview(data, longest_side_px, _max_pixels)
