"""The report of a run: hostile names stay text, and records are read once, one at a time."""

import json
import subprocess
import sys
from collections import Counter
from html.parser import HTMLParser

import pytest

from genloss.datagen.contact_sheet import ChainPictures
from genloss.datagen.ledger import ChainRecord
from genloss.datagen.report import write_report
from genloss.datagen.run_statistics import RunStatistics
from genloss.datagen.sources import Source
from tests.fixtures import ROOT

HOSTILE = "</style></title><script>alert(1)</script><img src=x onerror='alert(2)'>\" ' & {{ 7 * 7 }} \udcff.png"


class Page(HTMLParser):
    """Elements, attributes and text of a page."""

    def __init__(self, page):
        super().__init__()
        self.elements, self.attributes, self.words = Counter(), [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.elements[tag] += 1
        self.attributes += attrs

    def handle_data(self, data):
        self.words.append(data)


def _record(chain, name="cat.png", **changed):
    steps = [{"name": "gamma", "gamma": 0.5 + chain}, {"name": "save_jpeg", "quality": 80, "sampling": name}]
    common = {"path": "files/x", "image_format": "jpeg", "n_bytes": 1000, "width_px": 100, "height_px": 80}
    versions = (
        {**common, "kind": "original", "recipe": json.dumps({"kind": "original", "steps": []})},
        {**common, "kind": name, "recipe": json.dumps({"kind": "jpeg", "steps": steps})} | changed,
    )
    return ChainRecord(chain, name, "00", "train", versions)


@pytest.fixture
def hostile_page(tmp_path):
    record = _record(0, HOSTILE)
    sources = [Source(HOSTILE, "00", split="train", group="g"), Source(HOSTILE, "00", skipped=HOSTILE)]
    counts = Counter({"chains": 1, "versions": 2, "pairs": 1, f"chains skipped ({HOSTILE})": 1})
    pictures = ChainPictures(record, (b"\xff\xd8", b""))
    write_report(tmp_path, {"images": HOSTILE}, counts, sources, iter([record]), [pictures])
    return (tmp_path / "report.html").read_text("utf-8")


def test_hostile_names_stay_text(hostile_page):
    page = Page(hostile_page)
    assert "script" not in page.elements
    assert page.elements["style"] == page.elements["title"] - page.elements["rect"] == page.elements["img"] == 1
    assert {value for name, value in page.attributes if name == "src"} == {"data:image/jpeg;base64,/9g="}
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    shown = HOSTILE.replace("\udcff", "?")
    # In the run, as skipped file and as reason, as source of the chain, as kind twice, as a drawn word.
    assert page.words.count(shown) == 7
    assert any("<script>alert(1)" in value for name, value in page.attributes if name == "title")


def test_records_are_read_once_and_not_kept(tmp_path):
    def records():
        for chain in range(200):
            yield _record(chain)
            yield ChainRecord(chain, "cat.png", "00", "train", (), "no edit changed a pixel")

    statistics = RunStatistics()
    for record in records():
        statistics.add(record)
    assert statistics.splits == {"train": Counter(chains=200, versions=400)}
    assert statistics.kinds == {"cat.png": 200}
    assert statistics.headings() == ["versions: edited", "versions: original", "step: gamma", "step: save_jpeg"]
    gammas = statistics.numbers["step: gamma"]["gamma"]
    assert (gammas[0], gammas[-1], len(gammas), gammas.itemsize) == (0.5, 199.5, 200, 8)
    write_report(tmp_path, {}, Counter(), [], records(), [])
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "gamma: 0.5 to 199.5, median 100, n 200" in page
    assert '<td>cat.png</td><td class="n">200</td>' in page


def test_a_run_without_a_finished_chain_has_a_report(tmp_path):
    write_report(tmp_path, {"without": ""}, Counter(), [], iter([]), [])
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "No chain was skipped." in page
    assert "<tr><th>without</th><td>none</td></tr>" in page


def test_a_long_list_of_skipped_files_says_that_it_is_cut(tmp_path, monkeypatch):
    monkeypatch.setattr("genloss.datagen.report._MOST_SKIPPED", 3)
    sources = [Source(f"{index}.png", "", skipped="animated") for index in range(5)]
    write_report(tmp_path, {}, Counter(), sources, iter([]), [])
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "5 of 5 files" in page
    assert "which, and why (the first 3)" in page
    assert page.count("<td>animated</td>") == 3


def test_undecodable_file_names_survive_a_whole_run(tmp_path):
    images = tmp_path / "images"
    images.mkdir()
    name = b"\xff<b>'\".jpg"
    (images.joinpath(name.decode("utf-8", "surrogateescape"))).write_bytes((ROOT / "samples/cat/original.jpg").read_bytes())
    command = [sys.executable, "datagen/make_pairs.py", "--images", images, "--out", tmp_path / "out", "--chains", "2"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert result.returncode == 0, result.stderr
    page = Page((tmp_path / "out/report.html").read_text("utf-8"))
    assert "?<b>'\".jpg" in page.words
    assert page.elements["b"] == page.elements["img"] > 0  # the only bold words are kinds of edit
