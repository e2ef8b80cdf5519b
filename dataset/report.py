"""Writes report.html, the offline page of an audit.

This module draws the charts. The template templates/report.html sets the layout and escapes all text.
"""

from pathlib import Path
from typing import Any

from genloss.dataset.labels import folder_name
from genloss.dataset.lists import file_address
from genloss.dataset.map_points import CompressionMap
from genloss.dataset.report_data import ReportData
from genloss.model.errors import ExtraMissingError
from genloss.model.files import write_atomically

try:
    from markupsafe import Markup

    from genloss.model.templates import read_template
except ImportError as error:
    raise ExtraMissingError("the report of an audit", "audit", error) from error

_CHARTED = ("format", "mode", "subsampling", "coding")
_MOST_GROUPS = 2000


def write_report(data: ReportData, path: Path, results: list[str]) -> None:
    """Writes the page, which loads no other files.

    Args:
        data: contents of the page.
        path: of the page.
        results: names of the audit's other files in the same folder.
    """
    names = _names(data)
    charts, no_charts = _draw_charts(data, names)
    page = read_template(Path(__file__).parent / "templates" / "report.html").render(
        data=data,
        names=names,
        full_names=[view.name for view in data.views],
        charts=charts,
        no_charts=no_charts,
        results=results,
        map_words=data.map if isinstance(data.map, str) else "",
        map=None if isinstance(data.map, str) else data.map,
        charted=_charted(data),
        groups=[] if data.groups is None else data.groups.sizes.most_common(_MOST_GROUPS),
        file_address=file_address,
        folder_name=folder_name,
    )
    write_atomically(path, page.encode("utf-8", "backslashreplace"))


def _charted(data: ReportData) -> list[str]:
    """Names of the attributes with a chart: those with more than one value."""
    return [name for name in _CHARTED if name in data.counts and len(set().union(*data.counts[name])) > 1]


def _names(data: ReportData) -> list[str]:
    """Short names of the sets if they differ; otherwise full names."""
    short = [view.short_name for view in data.views]
    return short if len(set(short)) == len(short) else [view.name for view in data.views]


def _draw_charts(data: ReportData, names: list[str]) -> tuple[dict[str, Any], str]:
    """Name -> SVG, and the reason if there are no charts because matplotlib is missing."""
    try:
        from genloss.dataset.charts import count_bars, map_limits, quality_bars, size_map
        from genloss.dataset.map_charts import cluster_colour, draw_map
    except ImportError as error:
        return {}, f"The charts need matplotlib, which genloss[audit] brings ({error})."
    charts: dict[str, Any] = {
        name: Markup(count_bars(list(zip(names, data.counts[name], strict=True)), name.replace("-", " ")))
        for name in _charted(data)
    }
    if "quality" in data.counts:
        charts["quality"] = Markup(quality_bars(list(zip(names, data.counts["quality"], strict=True))))
    sets = [(name, counts) for name, counts in zip(names, data.sizes, strict=True) if counts]
    limits = map_limits(max((max(size) for _, counts in sets for size in counts), default=0))
    charts["sizes"] = [(name, Markup(size_map(counts, limit))) for limit in limits for name, counts in sets]
    if isinstance(data.map, CompressionMap):
        charts["map"] = Markup(draw_map(data.map))
        charts["colours"] = {cluster.number: cluster_colour(cluster.number) for cluster in data.map.clusters}
    return charts, ""
