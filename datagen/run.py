"""A whole run: inspects originals, makes chains, writes tables and report; resumes after any interruption."""

import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np
import scipy
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from genloss.datagen.chain import Plan, make_chain
from genloss.datagen.contact_sheet import draw_contact_sheet
from genloss.datagen.draw_original import DEFAULT_PROFILE
from genloss.datagen.duplicates import skip_counts, sort_out
from genloss.datagen.ledger import ChainRecord, Ledger
from genloss.datagen.magick import LIBRARY_VERSION
from genloss.datagen.pair_tables import write_sources, write_tables
from genloss.datagen.palettes import assign_palettes
from genloss.datagen.profiles import Profile
from genloss.datagen.report import write_report
from genloss.datagen.sources import Source, inspect, list_sources
from genloss.model.errors import DatagenError
from genloss.model.files import remove_leftovers
from genloss.model.images.outputs import check_folder
from genloss.model.parallel import Failure, run_in_processes
from genloss.model.progress_log import NAME as PROGRESS_LOG
from genloss.model.progress_log import ProgressLog

# Increased whenever the same arguments would give other bytes than before.
GENERATOR_VERSION = 4
CHAINS_ON_SHEET = 30


def make_pairs(
    images: Path,
    out: Path,
    n_chains: int,
    seed: int,
    n_workers: int,
    without: frozenset[str] = frozenset(),
    profile: Profile = DEFAULT_PROFILE,
    deadline_seconds: float = 60.0,
) -> Counter[str]:
    """Generates chains into `out`, resuming what an earlier call with the same arguments left.

    Returns:
        Counts of chains, versions, pairs and skips by reason.

    Raises:
        DatagenError: no usable picture in `images`, or `out` belongs to a run with other arguments.
    """
    if not images.is_dir():
        raise DatagenError(f"--images {images} is not a folder")
    check_folder(out, [images])
    paths = list_sources(images)
    if not paths:
        raise DatagenError(f"no JPEG, PNG or WebP picture below {images}")
    out.mkdir(parents=True, exist_ok=True)
    run = {
        "seed": str(seed),
        "sources": hashlib.sha256("\n".join(paths).encode("utf-8", "surrogateescape")).hexdigest(),
        "without": " ".join(sorted(without)),
        "profile": json.dumps(asdict(profile), sort_keys=True),
        "generator": str(GENERATOR_VERSION),
        "libraries": f"{LIBRARY_VERSION}; numpy {np.__version__}; scipy {scipy.__version__}",
    }
    ledger = Ledger(out / "ledger.sqlite", run)
    remove_leftovers(out)
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True)) as progress:
        sources = _inspect_all(images, paths, ledger, n_workers, deadline_seconds, progress)
        usable = tuple(source for source in sources if not source.skipped)
        if not usable:
            reasons = ", ".join(f"{count} {reason}" for reason, count in skip_counts(sources).items())
            raise DatagenError(f"none of the {len(sources)} pictures below {images} can be an original ({reasons})")
        sources, palettes = assign_palettes(sources, seed)
        usable = tuple(source for source in sources if not source.skipped)
        plan = Plan(images, out, seed, usable, palettes, profile, without)
        _make_all(plan, n_chains, ledger, n_workers, deadline_seconds, progress)
        write_sources(out, sources)
        counts = write_tables(out, _shown(ledger.records(n_chains), n_chains, "writing tables", progress))
        sheet = draw_contact_sheet(out, _for_sheet(ledger, n_chains), n_workers)
        shown = _shown(ledger.records(n_chains), n_chains, "writing report", progress)
        write_report(out, {"images": str(images), **run}, counts, sources, shown, sheet)
    ledger.close()
    counts.update({f"files skipped ({reason})": count for reason, count in skip_counts(sources).items()})
    print(", ".join(f"{value} {key}" for key, value in counts.items()), file=sys.stderr)
    print(f"look at {out / 'report.html'}", file=sys.stderr)
    return counts


def _inspect_all(
    images: Path, paths: list[str], ledger: Ledger, n_workers: int, deadline_seconds: float, progress: Progress
) -> list[Source]:
    """Inspects every file that the ledger does not know yet, and records the result there."""
    known = ledger.inspected()
    todo = [path for path in paths if path not in known]
    task = progress.add_task("looking at originals", total=len(paths), completed=len(paths) - len(todo), rate="")
    fresh: list[Source] = []
    for path, found in run_in_processes(inspect, images, todo, n_workers, deadline_seconds) if todo else ():
        source = Source(path, "", skipped=found.reason) if isinstance(found, Failure) else found
        known[path] = source
        fresh.append(source)
        if len(fresh) == 50:
            ledger.add_sources(fresh)
            fresh.clear()
        progress.advance(task)
    ledger.add_sources(fresh)
    return sort_out([known[path] for path in paths])


def _make_all(plan: Plan, n_chains: int, ledger: Ledger, n_workers: int, deadline_seconds: float, progress: Progress) -> None:
    finished = ledger.finished()
    todo = [chain for chain in range(n_chains) if chain not in finished]
    task = progress.add_task("making chains", total=n_chains, completed=n_chains - len(todo), rate="")
    log = ProgressLog(plan.out / PROGRESS_LOG)
    n_versions = 0
    chains = run_in_processes(make_chain, plan, todo, n_workers, deadline_seconds) if todo else ()
    for count, (chain, made) in enumerate(chains):
        record = _failed(plan, chain, made) if isinstance(made, Failure) else made
        ledger.add(record)
        n_versions += len(record.versions)
        elapsed = progress.tasks[task].elapsed or 0.0
        progress.update(task, advance=1, rate=f"{n_versions / max(elapsed, 1e-9):.0f} versions/s")
        log.step("making chains", n_chains - len(todo) + count + 1, n_chains)


def _failed(plan: Plan, chain: int, failure: Failure) -> ChainRecord:
    index = int(np.random.default_rng([plan.seed, chain]).integers(len(plan.sources)))
    source = plan.sources[index]
    return ChainRecord(chain, source.path, source.sha256, source.split, (), failure.reason)


def _for_sheet(ledger: Ledger, n_chains: int) -> list[ChainRecord]:
    """Chains spread evenly over the run."""
    step = max(1, n_chains // CHAINS_ON_SHEET)
    chosen = (record for record in ledger.records(n_chains) if record.chain % step == 0 and not record.skipped)
    return [record for record, _ in zip(chosen, range(CHAINS_ON_SHEET), strict=False)]


def _shown(records: Iterator[ChainRecord], total: int, description: str, progress: Progress) -> Iterator[ChainRecord]:
    task = progress.add_task(description, total=total, rate="")
    for record in records:
        progress.advance(task)
        yield record
