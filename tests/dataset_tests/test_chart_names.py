"""Charts bear any name: formulas, escape sequences, and what matplotlib leaves out of a legend."""

import warnings
from collections import Counter
from xml.dom import minidom

import numpy as np

from genloss.dataset.charts import count_bars
from genloss.dataset.sweep.charts import output_maps

NAMES = [("$a_{$", "$a_{$"), ("_unsorted", "_unsorted"), ("a\n\x1b[31m", "a\\n\\x1b[31m"), ("<b>", "<b>"), ("\u4e2d", "\u4e2d")]


def _texts(svg):
    return [node.firstChild.data.strip() for node in minidom.parseString(svg).getElementsByTagName("text")]


def test_a_chart_shows_any_name_as_it_is():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        bars = count_bars([("$a_{$", Counter([name for name, _ in NAMES])), ("_other", Counter(["\x00"]))], "folder")
    texts = _texts(bars)
    assert {shown for _, shown in NAMES} | {"_other"} <= set(texts)
    assert texts.count("$a_{$") == 2  # on the axis and in the legend


def test_maps_of_a_sweep_name_every_class():
    labels = np.arange(2 * len(NAMES)) % len(NAMES)
    places = np.random.default_rng(0).random((1, len(labels), 2))
    texts = _texts(output_maps(places, labels, [name for name, _ in NAMES], ["as found"]))
    assert {shown for _, shown in NAMES} <= set(texts)
