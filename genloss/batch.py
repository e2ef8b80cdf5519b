"""Scores inputs in order: a few files in this process, many in worker processes that can be killed."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from genloss.early_start import FEW_FILES
from genloss.inputs import Input
from genloss.model.errors import ImageError, UnsupportedFormatError
from genloss.model.images.guard import DEADLINE_SECONDS, MAX_PIXELS
from genloss.model.images.outputs import PICTURE_SUFFIXES

if TYPE_CHECKING:
    from genloss.model.scoring.bundle_opening import BundleOpening
    from genloss.model.scoring.scorer import Score
    from genloss.resume import ScoreJournal

READ_AHEAD = 512  # most files that wait or are not yet printed; bounds memory for any number of files
NO_PICTURE = "no picture"


@dataclass(frozen=True)
class BatchOptions:
    """How to score.

    Attributes:
        bundle: folder of a trained bundle, None for the one shipped with genloss.
        max_pixels: largest width times height to accept.
        isolated: whether to use worker processes; None to use them for more than FEW_FILES files.
        deadline_seconds: most time for one file; only worker processes keep to it.
        with_fingerprint, with_digest: as for Scorer.score.
        opening: that bundle, if a thread opens it already; not needed by worker processes.
    """

    bundle: Path | None = None
    max_pixels: int = MAX_PIXELS
    isolated: bool | None = None
    deadline_seconds: float = DEADLINE_SECONDS
    with_fingerprint: bool = False
    with_digest: bool = False
    opening: "BundleOpening | None" = None


class Pending(Protocol):
    """What has the score of one file, or its error, as concurrent.futures.Future has."""

    def result(self) -> "Score": ...


class _Settled:
    """A score that is known or that is computed when it is asked for, or an error."""

    def __init__(self, get: "Callable[[], Score]") -> None:
        self.result = get


def score_inputs(
    inputs: Iterable[Input],
    options: BatchOptions,
    on_skip: Callable[[str], None] = lambda why: None,
    journal: "ScoreJournal | None" = None,
) -> Iterator[tuple[Path, "Score | ImageError"]]:
    """Yields every input with its score or error, in input order, as soon as it and all earlier inputs are done.

    Args:
        inputs: any number of them.
        options: how to score.
        on_skip: called with the reason for each file in a folder that is left out: it is no picture, or a kind of file
            that is not read from folders.
        journal: of a run that may be resumed; asked for each file before it is scored, and told the score.

    Raises:
        BundleError: the bundle cannot be used.
    """
    isolated, is_alone = options.isolated, False
    if isolated is None:
        first = list(islice(inputs := iter(inputs), FEW_FILES + 1))
        isolated = len(first) > FEW_FILES
        is_alone = len(first) == 1
        inputs = chain(first, inputs)
    with (_workers if isolated else _directly if is_alone else _threads)(options) as submit:
        for given, pending in _in_turn(lambda given: _submitted(given, submit, journal), inputs, is_alone):
            result = _result(given, pending, journal)
            if given.skipped is not None:
                on_skip(given.skipped)
            elif is_no_picture(given, result):
                on_skip(NO_PICTURE)
            else:
                yield given.path, result


def _in_turn(submit: Callable[[Input], Pending], inputs: Iterable[Input], is_alone: bool) -> Iterable[tuple[Input, Pending]]:
    """Every input with its score to come, in the order of the inputs."""
    if is_alone:
        return ((given, submit(given)) for given in inputs)
    from genloss.model.parallel import in_order  # not needed for a single file

    return in_order(submit, inputs, READ_AHEAD)


def _submitted(given: Input, submit: Callable[[Input], Pending], journal: "ScoreJournal | None") -> Pending:
    """The score to come; it is there already where the input cannot be read or the journal knows it."""
    if given.error is not None or given.skipped is not None:
        return _Settled(partial(_fail, given.error or UnsupportedFormatError(given.skipped)))
    known = None if journal is None else journal.find(given)
    return submit(given) if known is None else _Settled(lambda: known)


def _fail(error: ImageError) -> "Score":
    raise error


def _result(given: Input, pending: Pending, journal: "ScoreJournal | None") -> "Score | ImageError":
    """Waits for the score or the error of an input, and tells the journal."""
    try:
        score = pending.result()
    except ImageError as error:
        if journal is not None:
            journal.drop(given.path)
        return error
    if journal is not None:
        journal.add(given.path, score)
    return score


def is_no_picture(given: Input, result: "Score | ImageError") -> bool:
    """Whether a file was found in a folder and has neither the bytes nor the name of a picture."""
    return (
        given.met_in_folder and isinstance(result, UnsupportedFormatError) and given.path.suffix.lower() not in PICTURE_SUFFIXES
    )


@contextmanager
def _workers(options: BatchOptions) -> Iterator[Callable[[Input], Pending]]:
    from genloss.model.scoring.bundle import BUNDLED
    from genloss.model.scoring.workers import ScoringWorkers

    bundle = options.bundle or BUNDLED
    with ScoringWorkers(bundle, options.max_pixels, deadline_seconds=options.deadline_seconds) as workers:
        yield lambda given: workers.submit_file(given.path, given.follow_link, options.with_fingerprint, options.with_digest)


@contextmanager
def _threads(options: BatchOptions) -> Iterator[Callable[[Input], Pending]]:
    from concurrent.futures import ThreadPoolExecutor

    score, pool = _score_here(options), ThreadPoolExecutor(os.cpu_count() or 1)
    try:
        yield lambda given: pool.submit(score, given)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


@contextmanager
def _directly(options: BatchOptions) -> Iterator[Callable[[Input], Pending]]:
    """For a single file, in the calling thread: neither a pool nor its modules are needed."""
    score = _score_here(options)
    yield lambda given: _Settled(partial(score, given))


def _score_here(options: BatchOptions) -> "Callable[[Input], Score]":
    from genloss.model.images.reading import read_file
    from genloss.model.kept_memory import keep_memory
    from genloss.model.scoring.bundle import BUNDLED
    from genloss.model.scoring.scorer import Scorer

    keep_memory()
    scorer = Scorer(options.bundle or BUNDLED, options.max_pixels, opening=options.opening)

    def score(given: Input) -> "Score":
        data = read_file(given.path, given.follow_link)
        return scorer.score(data, with_fingerprint=options.with_fingerprint, with_digest=options.with_digest)

    return score
