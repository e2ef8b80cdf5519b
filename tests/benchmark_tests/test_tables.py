"""Figures of the documents: what a benchmark prints is kept as data, and the documents say what is kept."""

import importlib
import re
from types import ModuleType

import pytest

from tests.fixtures import ROOT

PRINTED = [
    "Bundle x; 3 pictures",
    "",
    "| copy | n | right, % |",
    "|---|---|---|",
    "| sharpened | 3 | 66.7 |",
    "| warm | 3 |  |",
    "",
]


@pytest.fixture(scope="module")
def tables():
    """The module; its folder is no package."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "benchmarks")
        yield importlib.import_module("tables")


@pytest.fixture
def origin(tables: ModuleType):
    return tables.Origin("python print.py", "fc17f80a5fa6", "2026-11-27", "a machine")


def test_a_printed_table_comes_back_with_its_origin(tables, origin, tmp_path):
    tables.record("copies", tables.printed_tables(PRINTED, origin), tmp_path / "results.json")
    (table,) = tables.read_results(tmp_path / "results.json").values()
    assert table.origin == origin
    assert [row.cells for row in table.rows] == [
        {"copy": "sharpened", "n": "3", "right, %": "66.7"},
        {"copy": "warm", "n": "3", "right, %": ""},
    ]


def test_tables_are_written_between_their_markers_and_nowhere_else(tables, origin):
    found = {"copies": tables.printed_tables(PRINTED, origin)[0]}
    text = "# Copies\n<!-- results:copies -->\n\n| old | table |\n\n<!-- /results -->\nThe end\n"
    filled = tables.fill(text, found)
    assert filled.startswith(
        "# Copies\n<!-- results:copies -->\n\n| copy | n | right, % |\n|---|---|---|\n| sharpened | 3 | 66.7 |\n"
    )
    assert filled.endswith("\n\n<!-- /results -->\nThe end\n")
    assert tables.fill(filled, found) == filled


def test_lines_without_a_table_stay_lines(tables, origin, tmp_path):
    printed = tables.printed_tables(["1 Mpx   12.3 ms", "", "done"], origin)
    tables.record("speed", printed, tmp_path / "results.json")
    assert tables.read_results(tmp_path / "results.json")["speed"].markdown() == "    1 Mpx   12.3 ms\n\n    done"


def test_a_new_run_replaces_all_tables_of_its_name_and_no_other(tables, origin, tmp_path):
    path = tmp_path / "results.json"
    table = tables.printed_tables(PRINTED, origin)[0]
    tables.record("copies", [table, table], path)
    tables.record("copies-of-scans", [table], path)
    tables.record("copies", [table], path)
    assert set(tables.read_results(path)) == {"copies", "copies-of-scans"}


def test_documents_say_what_the_benchmarks_printed(tables):
    recorded = tables.read_results()
    pages = list(tables.marked_documents())
    assert pages
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert tables.fill(text, recorded) == text, f"{page}: its figures differ from docs/about/results.json: make results, or"
        " python benchmarks/record.py --fill"


def test_readme_and_accuracy_show_recorded_tables():
    assert "<!-- results:readme -->" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert "<!-- results:accuracy -->" in (ROOT / "docs/about/accuracy.md").read_text(encoding="utf-8")


def test_summaries_are_those_of_the_recorded_figures_and_the_bundle(tables):
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "benchmarks/accuracy")
        summary = importlib.import_module("summary")
    recorded, bundle = tables.read_results(), summary.load_bundle()
    assert summary.readme_table(recorded) == recorded["readme"]
    assert summary.accuracy_table(bundle, recorded) == recorded["accuracy"]
    assert summary.pair_models(bundle) == recorded["pair-models"]


def test_readme_names_the_weakest_case_as_it_was_measured(tables):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    n, wrong = map(int, re.search(r"Of (\d+) copies denoised by ffmpeg's bm3d, (\d+) stood before", readme).groups())
    rows = [row.cells for row in tables.read_results()["cases"].rows if row.cells["case"] != "all"]
    weakest = min(rows, key=lambda cells: int(cells["right by rank"]) / int(cells["n"]))
    assert "bm3d" in weakest["made by"]
    assert (n, wrong) == (int(weakest["n"]), int(weakest["n"]) - int(weakest["right by rank"]))
