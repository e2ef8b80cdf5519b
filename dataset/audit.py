"""Runs an audit, from the folders to the report."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from genloss.dataset.attributes import values_of
from genloss.dataset.facts_tables import FactsTables
from genloss.dataset.labels import check_labelled
from genloss.dataset.ledger import AUDITED, COMPARED, LEDGER_NAME, Ledger
from genloss.dataset.lists import FileLists
from genloss.dataset.map_points import lay_out
from genloss.dataset.odd_pictures import odd_pictures
from genloss.dataset.profile import write_profile
from genloss.dataset.reading import read_into
from genloss.dataset.report import write_report
from genloss.dataset.report_data import ReportData, collect_counts, list_values, want_group_lists
from genloss.dataset.view import View
from genloss.dataset.walk import walk
from genloss.model.errors import DatasetEmptyError, DatasetUnreadableError, OutputRefusedError
from genloss.model.files import lock_folder
from genloss.model.images.outputs import check_folder, make_folder

REPORT, PROFILE = "report.html", "profile.json"
_OWN_NAMES = (REPORT, PROFILE, "facts.csv", "facts.parquet", "lists")
_ROWS_A_STEP = 1000
# Wraps an iterator of file counts in a progress bar. Arguments: the counts, a function for the total, the name of the step.
Watch = Callable[[Iterator[int], Callable[[], int], str], Iterator[int]]


@dataclass(frozen=True)
class AuditOptions:
    """Inputs and outputs of an audit.

    Attributes:
        folders: of the data set, searched recursively.
        out: folder for the results and for the ledger, from which the audit resumes.
        compare: second set: a folder of pictures, or the results of an earlier audit; None for none.
        by_folder: whether folders are compared as classes.
        has_map: whether the report has a map.
        seed: of the random draws for the map.
    """

    folders: Sequence[Path]
    out: Path
    compare: Path | None = None
    by_folder: bool = False
    has_map: bool = True
    seed: int = 0


def audit(options: AuditOptions, watch: Watch) -> ReportData:
    """Reads all headers, writes the results, and returns the report's data.

    Args:
        options: inputs and outputs.
        watch: draws the progress.

    Raises:
        OutputRefusedError: `out` lies inside a folder that is read, holds another audit or other files, or another audit works
            in it.
        OutputError: `out` cannot be created.
        DatasetUnreadableError: a folder is missing or cannot be listed, or a ledger is damaged.
        DatasetEmptyError: a set has no pictures.
        ExtraMissingError: a package of genloss[audit] is missing.
        DatasetUnlabelledError: `by_folder` is set, but all pictures lie in one folder.
    """
    _check(options)
    if options.compare is not None or options.by_folder:
        import genloss.dataset.tests_of_difference  # noqa: F401  # fails before reading if scipy is missing
    make_folder(options.out)
    with lock_folder(options.out) as is_alone:
        if not is_alone:
            raise OutputRefusedError(f"another audit works in {options.out}; wait until it is done, or name another --out")
        return _audit_alone(options, watch)


def _audit_alone(options: AuditOptions, watch: Watch) -> ReportData:
    ledger = Ledger(options.out / LEDGER_NAME, {"folders": [str(folder.resolve()) for folder in options.folders]})
    views = [View(ledger, AUDITED, ", ".join(map(str, options.folders)))]
    try:
        _read(ledger, AUDITED, options.folders, watch)
        if options.compare is not None:
            views.append(_other_view(ledger, options.compare, watch))
        for view in views:
            if not view.n_pictures():
                raise DatasetEmptyError(f"no picture below {view.name}, by name or by first bytes")
        if options.by_folder:
            check_labelled(list(views[0].counts("folder")))
        return _write_results(views, options, watch)
    finally:
        ledger.close()
        for view in views[1:]:
            view.ledger.close()


def _check(options: AuditOptions) -> None:
    sources = [*options.folders, *([] if options.compare is None else [options.compare])]
    for folder in sources:
        if not folder.is_dir():
            raise DatasetUnreadableError(f"{folder} is {'a file' if folder.exists() else 'missing'}; name a folder of pictures")
    check_folder(options.out, [folder for folder in sources if not (folder / LEDGER_NAME).exists()])
    if not (options.out / LEDGER_NAME).exists():
        taken = [name for name in _OWN_NAMES if (options.out / name).exists()]
        if taken:
            raise OutputRefusedError(f"{options.out} holds {taken[0]}, which is of no audit; name another folder")


def _read(ledger: Ledger, side: int, folders: Sequence[Path], watch: Watch) -> None:
    for _ in watch(read_into(ledger, side, walk(folders)), lambda: sum(1 for _ in walk(folders)), "auditing"):
        pass


def _other_view(ledger: Ledger, other: Path, watch: Watch) -> View:
    """The second set, from the ledger of its own audit, or read now."""
    if (other / LEDGER_NAME).exists():
        return View(Ledger(other / LEDGER_NAME, None), AUDITED, str(other), is_other=True)
    _read(ledger, COMPARED, [other], watch)
    return View(ledger, COMPARED, str(other), is_other=True)


def _write_results(views: list[View], options: AuditOptions, watch: Watch) -> ReportData:
    lists = FileLists(options.out)
    data = collect_counts(views, lists)
    if len(views) > 1:
        from genloss.dataset.comparison import compare_sets

        data.comparison = compare_sets(*views)
    if options.by_folder:
        from genloss.dataset.groups import compare_groups

        data.groups = compare_groups(views[0])
        want_group_lists(data, lists)
    with FactsTables(options.out) as tables:
        n_files = sum(view.n_files() for view in views)
        for _ in watch(_write_rows(views, tables, lists), lambda: n_files, "writing"):
            pass
    lists.close()
    results = ["facts.csv", *(["facts.parquet"] if tables.has_parquet else [])]
    if write_profile(views[0].ledger, views[0].side, options.out / PROFILE):
        results.append(PROFILE)
    data.pictures = odd_pictures(views[0])
    data.map = lay_out(views[0], np.random.default_rng(options.seed)) if options.has_map else "The map was not asked for."
    write_report(data, options.out / REPORT, results)
    return data


def _write_rows(views: list[View], tables: FactsTables, lists: FileLists) -> Iterator[int]:
    """Writes all facts into tables and lists; yields the number of files since the last yield."""
    n_files = 0
    for place, view in enumerate(views):
        for facts in view.facts():
            tables.add(place, facts)
            lists.add(list_values(view, values_of(facts), facts.is_picture, facts.folder), facts)
            n_files += 1
            if n_files == _ROWS_A_STEP:
                yield n_files
                n_files = 0
    yield n_files
