"""report.html: one offline page that shows an audit.

This file draws the charts and fills in templates/report.html, which says how it looks and escapes all of it.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from genloss.dataset.labels import folder_name
from genloss.dataset.lists import file_address
from genloss.dataset.map_points import CompressionMap
from genloss.dataset.report_data import ReportData
from genloss.model.errors import ExtraMissingError
from genloss.model.files import write_atomically

try:
    import jinja2
    from markupsafe import Markup
except ImportError as error:
    raise ExtraMissingError("the report of an audit", "audit", error) from error

_CHARTED = ("format", "mode", "subsampling", "coding")
_MOST_GROUPS = 2000


def write_report(data: ReportData, path: Path, results: list[str]) -> None:
    """Writes the page; it loads nothing from elsewhere.

    Args:
        data: what it shows.
        path: of the page.
        results: names of the other files of the audit, beside it.
    """
    charts, no_charts = _draw_charts(data)
    page = _template().render(
        data=data,
        names=[view.name for view in data.views],
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


def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    return environment.get_template("report.html")


def _charted(data: ReportData) -> list[str]:
    """Attributes with a chart; a single bar says no more than its count."""
    return [name for name in _CHARTED if name in data.counts and len(set().union(*data.counts[name])) > 1]


def _draw_charts(data: ReportData) -> tuple[dict[str, Any], str]:
    """SVG by name, and why there is none where matplotlib is missing."""
    try:
        from genloss.dataset.charts import count_bars, quality_bars, size_map
        from genloss.dataset.map_charts import cluster_colour, draw_map
    except ImportError as error:
        return {}, f"The charts need matplotlib, which genloss[audit] brings ({error})."
    names = [view.name for view in data.views]
    charts: dict[str, Any] = {
        name: Markup(count_bars(list(zip(names, data.counts[name], strict=True)), name.replace("-", " ")))
        for name in _charted(data)
    }
    if "quality" in data.counts:
        charts["quality"] = Markup(quality_bars(list(zip(names, data.counts["quality"], strict=True))))
    charts["sizes"] = [(name, _size_maps(counts, size_map)) for name, counts in zip(names, data.sizes, strict=True) if counts]
    if isinstance(data.map, CompressionMap):
        charts["map"] = Markup(draw_map(data.map))
        charts["colours"] = {cluster.number: cluster_colour(cluster.number) for cluster in data.map.clusters}
    return charts, ""


def _size_maps(counts: Any, size_map: Callable[..., str]) -> list[Markup]:
    """Cropped, and whole where that shows more."""
    cropped = Markup(size_map(counts, False))
    largest = max(max(size) for size in counts)
    return [cropped, Markup(size_map(counts, True))] if largest > 1000 else [cropped]
