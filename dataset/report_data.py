"""Collects the data of an audit's report: tables with links to lists, charts, pictures and findings."""

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from genloss.dataset.attributes import ATTRIBUTES, Attribute
from genloss.dataset.lists import FileLists
from genloss.dataset.map_points import CompressionMap
from genloss.dataset.odd_pictures import OddPicture
from genloss.dataset.view import View

if TYPE_CHECKING:
    from genloss.dataset.comparison import Compared
    from genloss.dataset.groups import Groups

ALL, NO_PICTURE, FOLDER = "all pictures", "no picture", "folder"


@dataclass(frozen=True)
class Cell:
    """A count of files, their share of the set's pictures in per cent, and the address of the page that lists them."""

    count: int
    share: float
    link: str


@dataclass(frozen=True)
class Table:
    """Values of an attribute, with a cell per set for each, and the number of values left out."""

    attribute: Attribute
    rows: list[tuple[str, list[Cell]]]
    n_left_out: int


@dataclass
class ReportData:
    """Contents of the report.

    Attributes:
        views: the audited set, then the set it is compared with, if any.
        totals: cells of the pictures and of the other files, per set.
        tables: a table for each attribute that occurs.
        counts: attribute name -> counts per set, for the charts.
        sizes: files by (width, height), per set.
        pictures: headings and the odd pictures under each.
        map: points, or the reason why there is no map.
        comparison: of the two sets; empty for a single set.
        groups: comparison of the classes; None if not requested.
        group_links: class -> address of the page that lists its files.
    """

    views: list[View]
    totals: list[tuple[Cell, Cell]] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    counts: dict[str, list[Counter[Any]]] = field(default_factory=dict)
    sizes: list[Counter[tuple[int, int]]] = field(default_factory=list)
    pictures: list[tuple[str, list[OddPicture]]] = field(default_factory=list)
    map: CompressionMap | str = ""
    comparison: "list[Compared]" = field(default_factory=list)
    groups: "Groups | None" = None
    group_links: dict[str, str] = field(default_factory=dict)


def collect_counts(views: list[View], lists: FileLists) -> ReportData:
    """Counts every attribute, and requests a list of files for each count.

    Args:
        views: one or two sets.
        lists: receives the requests.
    """
    data = ReportData(views)
    for view in views:
        n_pictures = view.n_pictures()
        n_others = view.n_files() - n_pictures
        data.totals.append(
            (
                Cell(n_pictures, 100.0, lists.want(_key(view, ALL), ALL, f"All pictures of {view.name}")),
                Cell(
                    n_others, 0.0, lists.want(_key(view, NO_PICTURE), NO_PICTURE, f"Files of {view.name} that are no pictures")
                ),
            )
        )
        rows = view.select("width_px, height_px, COUNT(*)", "AND width_px AND height_px GROUP BY 1, 2")
        data.sizes.append(Counter({(width_px, height_px): count for width_px, height_px, count in rows}))
    for attribute in ATTRIBUTES:
        counts = [view.counts(attribute.expression, attribute.condition) for view in views]
        if any(counts):
            data.counts[attribute.name] = counts
            data.tables.append(_table(attribute, views, counts, lists))
    return data


def list_values(view: View, values: dict[str, Any], is_picture: bool, folder: str) -> dict[str, Any]:
    """Name of a kind of list -> value, for all lists that a file of the set belongs to."""
    if not is_picture:
        return {_key(view, NO_PICTURE): NO_PICTURE}
    return {_key(view, name): value for name, value in (*values.items(), (ALL, ALL), (FOLDER, folder))}


def want_group_lists(data: ReportData, lists: FileLists) -> None:
    """Requests a list of files for each class."""
    if data.groups is not None:
        view = data.views[0]
        for folder in data.groups.sizes:
            data.group_links[folder] = lists.want(_key(view, FOLDER), folder, f"{folder} in {view.name}")


def _key(view: View, name: str) -> str:
    """Name of a kind of list; begins with "other" for the second set."""
    return f"other {name}" if view.is_other else name


def _table(attribute: Attribute, views: list[View], counts: list["Counter[Any]"], lists: FileLists) -> Table:
    together: Counter[Any] = Counter()
    for one in counts:
        together.update(one)
    numeric = all(isinstance(value, int) for value in together)
    values = [value for value, _ in together.most_common(attribute.most or None)]
    if numeric:
        values.sort()
    totals = [view.n_pictures() for view in views]
    rows = []
    for value in values:
        cells = []
        for view, one, total in zip(views, counts, totals, strict=True):
            title = f"{attribute.heading}: {value}"
            link = lists.want(_key(view, attribute.name), value, f"{title} in {view.name}") if one[value] else ""
            cells.append(Cell(one[value], 100 * one[value] / max(1, total), link))
        rows.append((str(value), cells))
    return Table(attribute, rows, len(together) - len(values))
