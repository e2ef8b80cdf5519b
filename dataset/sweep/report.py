"""Writes report.html, the offline page of a sweep. templates/sweep.html sets the layout and escapes all text."""

from pathlib import Path
from typing import Any

import numpy as np

from genloss.dataset.embedding import embed_by_tsne
from genloss.dataset.lists import file_address
from genloss.dataset.sweep.attention_pictures import attention_rows
from genloss.dataset.sweep.findings import FALLS, is_sure, level_of_fall
from genloss.dataset.sweep.run import Sweep, Trained
from genloss.model.errors import ExtraMissingError
from genloss.model.files import write_atomically
from genloss.model.memory.keys import to_unit

try:
    from markupsafe import Markup

    from genloss.model.templates import read_template
except ImportError as error:
    raise ExtraMissingError("the report of a sweep", "audit", error) from error

REPORT, CHART = "report.html", "accuracy.svg"
_FEW_POINTS = 10


def write_sweep_report(found: Sweep, path: Path, results: list[str]) -> None:
    """Writes the page, which loads no other files, and the accuracy chart beside it.

    Args:
        found: results of the sweep.
        path: of the page.
        results: names of the sweep's other files in the same folder.
    """
    names = [found.options.degradation.name(level) for level in found.trained[0].outputs]
    charts, no_charts = _draw_charts(found, names)
    if charts:
        write_atomically(path.with_name(CHART), str(charts["accuracy"]).encode())
        results = [*results, CHART]
    maps, map_words = _draw_maps(found, names) if charts else ({}, "")
    page = read_template(Path(__file__).parent.parent / "templates" / "sweep.html").render(
        found=found,
        classes=found.parts.files.classes,
        sizes=np.bincount(found.parts.files.labels).tolist(),
        names=names,
        unit=found.options.degradation.unit,
        charts=charts,
        no_charts=no_charts,
        maps=maps,
        map_words=map_words,
        falls=[(trained, [(points, fall_words(found, trained, points)) for points in FALLS]) for trained in found.trained],
        rows={trained.level: attention_rows(found, trained) for trained in found.trained},
        trained_name=found.options.degradation.name,
        trained_on=found.options.degradation.trained_on,
        results=results,
        is_sure=is_sure,
        file_address=file_address,
    )
    write_atomically(path, page.encode("utf-8", "backslashreplace"))


def fall_words(found: Sweep, trained: Trained, points: int) -> str:
    """The level at which accuracy has fallen by some percentage points, in words."""
    level = level_of_fall(trained.findings, points)
    if level is None:
        return "at no level tried"
    best = found.options.degradation.levels[0]
    if level >= best:
        return f"at {found.options.degradation.name(best)} already"
    text = f"{level:.0f}" if level >= 10 else f"{level:.1f}"
    return f"below {found.options.degradation.unit} {text}"


def _draw_charts(found: Sweep, names: list[str]) -> tuple[dict[str, Any], str]:
    """Name -> SVG, and the reason if there are no charts because matplotlib is missing."""
    try:
        from genloss.dataset.sweep.charts import accuracy_chart, distance_chart
    except ImportError as error:
        return {}, f"The charts need matplotlib, which genloss[audit] brings ({error})."
    unit = f"{found.options.degradation.kind}, {found.options.degradation.unit}"
    labels = found.test_labels
    chance = float(np.bincount(labels).max() / len(labels))
    curves = [(found.options.degradation.trained_on(trained.level), trained.findings) for trained in found.trained]
    return {
        "accuracy": Markup(accuracy_chart(curves, names, unit, chance)),
        "distance": {trained.level: Markup(distance_chart(trained.findings, names, unit)) for trained in found.trained},
    }, ""


def _draw_maps(found: Sweep, names: list[str]) -> tuple[dict[int, Any], str]:
    """Level of the training pictures -> SVG of the maps, and the reason if there are none."""
    from genloss.dataset.sweep.charts import output_maps

    if not found.options.has_map:
        return {}, "The map was not asked for."
    if len(found.shown) < _FEW_POINTS:
        return {}, "There are too few test pictures for a map."
    labels = found.test_labels[found.shown]
    maps = {}
    for trained in found.trained:
        stacked = np.concatenate([trained.outputs[level].outputs for level in trained.outputs])
        laid = embed_by_tsne(to_unit(stacked), found.options.fit.seed)
        if isinstance(laid, str):
            return {}, "The map needs scikit-learn, which genloss[audit] brings."
        places = laid[1].reshape(len(names), len(labels), 2)
        maps[trained.level] = Markup(output_maps(places, labels, found.parts.files.classes, names))
    return maps, ""
