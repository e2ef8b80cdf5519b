"""A whole run: inspects originals, makes chains or families, writes tables; resumes after any interruption."""

import hashlib
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Generic

import numpy as np
import scipy
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from genloss.datagen.draw_original import DEFAULT_PROFILE
from genloss.datagen.duplicates import skip_counts, sort_out
from genloss.datagen.ledger import Ledger, Record
from genloss.datagen.magick import LIBRARY_VERSION
from genloss.datagen.pair_tables import write_sources
from genloss.datagen.palettes import assign_palettes
from genloss.datagen.plan import Plan, begin
from genloss.datagen.profiles import Profile
from genloss.datagen.shard_run import run_in_shards
from genloss.datagen.sources import Source, inspect, list_sources
from genloss.model.engines.choosing import open_engine
from genloss.model.engines.shards import Engine
from genloss.model.errors import DatagenError
from genloss.model.files import lock_folder, remove_leftovers
from genloss.model.images.outputs import check_folder
from genloss.model.parallel import Failure, run_in_processes
from genloss.model.printable import counted
from genloss.model.progress_log import NAME as PROGRESS_LOG
from genloss.model.progress_log import ProgressLog

# Increased whenever the same arguments would give other chains than before.
GENERATOR_VERSION = 6
_SINGULAR = {"chains": "chain", "families": "family", "files": "file", "pairs": "pair", "versions": "version"}


@dataclass(frozen=True)
class Settings:
    """Settings of a run.

    Attributes:
        images: folder of originals.
        out: folder of results.
        n_wanted: number of chains or families, with those of earlier calls.
        seed: seed of the run.
        n_workers: number of processes.
        without: kinds, steps and formats that no edit may contain.
        profile: distribution of the originals.
        deadline_seconds: most time for one chain or family.
        engine: that makes them in shards, as open_engine takes it; None for processes of this machine.
    """

    images: Path
    out: Path
    n_wanted: int
    seed: int
    n_workers: int
    without: frozenset[str] = frozenset()
    profile: Profile = DEFAULT_PROFILE
    deadline_seconds: float = 60.0
    engine: str | None = None


@dataclass(frozen=True)
class Finished(Generic[Record]):
    """A finished run.

    Attributes:
        settings: settings of the run.
        run: identity of the run, as in the ledger.
        sources: every file of the image folder.
    """

    settings: Settings
    run: dict[str, str]
    sources: list[Source]
    _ledger: Ledger[Record] = field(repr=False)
    _progress: Progress = field(repr=False)

    def records(self, description: str = "") -> Iterator[Record]:
        """All records in order, one at a time; with a description, the progress bar shows them."""
        task = self._progress.add_task(description, total=self.settings.n_wanted, rate="") if description else None
        for record in self._ledger.records(self.settings.n_wanted):
            if task is not None:
                self._progress.advance(task)
            yield record


@dataclass(frozen=True)
class Product(Generic[Record]):
    """The product of a command: chains or families.

    Attributes:
        plural: name in the progress bar, for example "chains".
        record: class of its ledger records.
        make: makes one from plan and index; can be pickled.
        arguments: all that its bytes depend on, besides the plan and the libraries; with "generator".
        write: writes the tables of a finished run, and returns counts.
    """

    plural: str
    record: type[Record]
    make: Callable[[Plan, int], Record]
    arguments: dict[str, str]
    write: Callable[[Finished[Record]], Counter[str]]


def make_all(product: Product[Record], settings: Settings) -> Counter[str]:
    """Makes chains or families; resumes an earlier call with the same arguments.

    Returns:
        The counts of `write`, and skipped files by reason.

    Raises:
        DatagenError: the image folder cannot be listed or has no usable picture; the output folder is of a run with other
            arguments, or another run works in it.
        EngineError: no such engine, or it stopped; what was made stays.
    """
    images, out = settings.images, settings.out
    if not images.is_dir():
        raise DatagenError(f"--images {images} is not a folder")
    check_folder(out, [images])
    paths = list_sources(images)
    if not paths:
        raise DatagenError(f"no JPEG, PNG or WebP picture below {images}")
    engine = None if settings.engine is None else open_engine(settings.engine, settings.n_workers)
    out.mkdir(parents=True, exist_ok=True)
    with lock_folder(out) as is_alone:
        if not is_alone:
            raise DatagenError(f"another run works in {out}; wait until it is done, or give another --out")
        return _run_alone(product, settings, paths, engine)


def _run_alone(product: Product[Record], settings: Settings, paths: list[str], engine: Engine | None) -> Counter[str]:
    images, out = settings.images, settings.out
    run = _arguments(product, settings, paths)
    ledger = Ledger(out / "ledger.sqlite", run, product.record)
    remove_leftovers(out)
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True)) as progress:
        sources = _inspect_all(settings, paths, ledger, progress)
        if all(source.skipped for source in sources):
            reasons = ", ".join(f"{count} {reason}" for reason, count in skip_counts(sources).items())
            raise DatagenError(f"none of {counted(len(sources), 'picture')} below {images} can be an original ({reasons})")
        sources, palettes = assign_palettes(sources, settings.seed)
        usable = tuple(source for source in sources if not source.skipped)
        plan = Plan(images, out, settings.seed, usable, palettes, settings.profile, settings.without)
        _make_missing(product, plan, settings, ledger, progress, engine)
        write_sources(out, sources)
        counts = product.write(Finished(settings, run, sources, ledger, progress))
    ledger.close()
    counts.update({f"files skipped ({reason})": count for reason, count in skip_counts(sources).items()})
    print(", ".join(f"{value:,} {_named(key, value)}" for key, value in counts.items()), file=sys.stderr)
    return counts


def _named(key: str, count: int) -> str:
    """The key of a count, which begins with a noun in the plural, for a count of it."""
    noun, *rest = key.split(" ", 1)
    return " ".join([_SINGULAR.get(noun, noun) if count == 1 else noun, *rest])


def _arguments(product: Product[Record], settings: Settings, paths: list[str]) -> dict[str, str]:
    """All that the bytes of a run depend on."""
    return {
        "seed": str(settings.seed),
        "sources": hashlib.sha256("\n".join(paths).encode("utf-8", "surrogateescape")).hexdigest(),
        "without": " ".join(sorted(settings.without)),
        "profile": json.dumps(asdict(settings.profile), sort_keys=True),
        **product.arguments,
        "libraries": f"{LIBRARY_VERSION}; numpy {np.__version__}; scipy {scipy.__version__}",
    }


def _inspect_all(settings: Settings, paths: list[str], ledger: Ledger[Record], progress: Progress) -> list[Source]:
    """Inspects every file that the ledger does not know yet, and records the result there."""
    known = ledger.inspected()
    todo = [path for path in paths if path not in known]
    task = progress.add_task("looking at originals", total=len(paths), completed=len(paths) - len(todo), rate="")
    fresh: list[Source] = []
    inspected = run_in_processes(inspect, settings.images, todo, settings.n_workers, settings.deadline_seconds) if todo else ()
    for path, found in inspected:
        source = Source(path, "", skipped=found.reason) if isinstance(found, Failure) else found
        known[path] = source
        fresh.append(source)
        if len(fresh) == 50:
            ledger.add_sources(fresh)
            fresh.clear()
        progress.advance(task)
    ledger.add_sources(fresh)
    return sort_out([known[path] for path in paths])


def _make_missing(
    product: Product[Record], plan: Plan, settings: Settings, ledger: Ledger[Record], progress: Progress, engine: Engine | None
) -> None:
    """Makes and records all that the ledger does not know yet."""
    n_wanted, finished = settings.n_wanted, ledger.finished()
    todo = [index for index in range(n_wanted) if index not in finished]
    phase = f"making {product.plural}"
    task = progress.add_task(phase, total=n_wanted, completed=n_wanted - len(todo), rate="")
    log = ProgressLog(plan.out / PROGRESS_LOG)
    n_versions = 0
    if engine is not None:
        results = run_in_shards(product.make, product.record, plan, todo, engine, settings.deadline_seconds, ledger.arguments)
    else:
        results = (
            run_in_processes(product.make, plan, todo, settings.n_workers, settings.deadline_seconds) if todo else iter(())
        )
    for count, (index, made) in enumerate(results):
        record = _failed(product, plan, index, made) if isinstance(made, Failure) else made
        ledger.add(record)
        n_versions += len(record.versions)
        elapsed = progress.tasks[task].elapsed or 0.0
        progress.update(task, advance=1, rate=f"{n_versions / max(elapsed, 1e-9):.0f} versions/s")
        log.step(phase, n_wanted - len(todo) + count + 1, n_wanted)


def _failed(product: Product[Record], plan: Plan, index: int, failure: Failure) -> Record:
    source, _ = begin(plan, index)
    return product.record(index, source.path, source.sha256, source.split, (), failure.reason)
