"""Compares the files of a ranking in pairs: a few in this process, many in worker processes that can be killed."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from genloss.batch import BatchOptions
from genloss.early_start import FEW_FILES
from genloss.model.pairs.findings import ComparePairs, Found, PlanesInMemory
from genloss.model.pairs.planes import VersionPlanes
from genloss.model.scoring.bundle import BUNDLED
from genloss.model.scoring.compare_in_worker import read_version
from genloss.model.scoring.comparing import SubmittedPairs
from genloss.model.scoring.scorer import Score
from genloss.model.scoring.workers import ScoringWorkers
from genloss.progress import progress

N_THREADS = 2
PAIRS_AHEAD = 64  # most pairs that wait or run; bounds memory for any number of versions


@contextmanager
def comparing_files(paths: Sequence[Path], scores: Sequence[Score], options: BatchOptions) -> Iterator[ComparePairs]:
    """The function with which Ranker.rank compares pairs; it reads the files again when they are needed.

    A file is not compared if it cannot be read any more, if it has changed, or if a worker hangs or crashes on it.

    Args:
        paths: of the scored files, in input order.
        scores: of these files; a file has changed if its sha256 is not the one in its score.
        options: as for score_inputs.
    """
    isolated = len(paths) > FEW_FILES if options.isolated is None else options.isolated
    with (_workers if isolated else _threads)(paths, scores, options) as compare_pairs:
        yield compare_pairs


@contextmanager
def _workers(paths: Sequence[Path], scores: Sequence[Score], options: BatchOptions) -> Iterator[ComparePairs]:
    bundle = options.bundle or BUNDLED
    with ScoringWorkers(bundle, options.max_pixels, deadline_seconds=options.deadline_seconds) as workers:

        def submit(first: int, second: int) -> Future[Found]:
            digests = scores[first].file_sha256, scores[second].file_sha256
            return workers.submit_file_finding((paths[first], paths[second]), digests)

        yield SubmittedPairs(submit, PAIRS_AHEAD, watch=_watch)


@contextmanager
def _threads(paths: Sequence[Path], scores: Sequence[Score], options: BatchOptions) -> Iterator[ComparePairs]:
    def read(position: int) -> VersionPlanes:
        return VersionPlanes.read(read_version(paths[position], scores[position].file_sha256), options.max_pixels)

    planes = PlanesInMemory(read)

    def compare(first: int, second: int) -> Found:
        (finding,) = planes([(first, second)])
        return finding

    pool = ThreadPoolExecutor(N_THREADS)
    try:
        yield SubmittedPairs(lambda first, second: pool.submit(compare, first, second), PAIRS_AHEAD, watch=_watch)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _watch(findings: Iterator[Found], total: int) -> Iterator[Found]:
    return progress(findings, total, doing="comparing", unit="pairs")
