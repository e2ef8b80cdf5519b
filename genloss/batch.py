"""From inputs to results in their order: a few files in this process, many in workers that can be killed."""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

from genloss.inputs import Input
from genloss.model.errors import ImageError
from genloss.model.images.guard import DEADLINE_SECONDS, MAX_PIXELS
from genloss.model.parallel import in_order

if TYPE_CHECKING:
    from genloss.model.scoring.scorer import Score

# Starting workers takes as long as scoring about thirty small files here.
FEW_FILES = 8
READ_AHEAD = 512  # files waiting or scored but not yet printed; bounds memory however many files there are


@dataclass(frozen=True)
class BatchOptions:
    """How to score.

    Attributes:
        bundle: folder of a trained bundle, None for the one shipped with genloss.
        max_pixels: largest width times height to accept.
        follow_links: whether a symbolic link stands for its target.
        isolated: whether to use worker processes; None for "when there are more than FEW_FILES".
        deadline_seconds: per file, in worker processes.
    """

    bundle: Path | None = None
    max_pixels: int = MAX_PIXELS
    follow_links: bool = False
    isolated: bool | None = None
    deadline_seconds: float = DEADLINE_SECONDS


def score_inputs(inputs: Iterable[Input], options: BatchOptions) -> Iterator[tuple[Path, "Score | ImageError"]]:
    """Every input with its score or error, in the order of the inputs and as soon as it and those before are done.

    Raises:
        BundleError: the bundle cannot be used.
    """
    isolated = options.isolated
    if isolated is None:
        first = list(islice(inputs := iter(inputs), FEW_FILES + 1))
        isolated = len(first) > FEW_FILES
        inputs = chain(first, inputs)
    with (_workers if isolated else _threads)(options) as submit:

        def submit_input(one: Input) -> "Future[Score]":
            if one.error is None:
                return submit(one.path)
            failed: Future[Score] = Future()
            failed.set_exception(one.error)
            return failed

        for one, future in in_order(submit_input, inputs, READ_AHEAD):
            try:
                yield one.path, future.result()
            except ImageError as error:
                yield one.path, error


@contextmanager
def _workers(options: BatchOptions) -> Iterator[Callable[[Path], "Future[Score]"]]:
    from genloss.model.scoring.bundle import BUNDLED
    from genloss.model.scoring.workers import ScoringWorkers

    bundle = options.bundle or BUNDLED
    with ScoringWorkers(bundle, options.max_pixels, deadline_seconds=options.deadline_seconds) as workers:
        yield lambda path: workers.submit_file(path, options.follow_links)


@contextmanager
def _threads(options: BatchOptions) -> Iterator[Callable[[Path], "Future[Score]"]]:
    from genloss.model.images.reading import read_file
    from genloss.model.scoring.bundle import BUNDLED
    from genloss.model.scoring.scorer import Scorer

    scorer = Scorer(options.bundle or BUNDLED, options.max_pixels)
    pool = ThreadPoolExecutor(os.cpu_count() or 1)
    try:
        yield lambda path: pool.submit(lambda: scorer.score(read_file(path, options.follow_links)))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
