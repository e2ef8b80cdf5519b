"""`genloss audit` from folders to report: counts, links, resuming, comparison, classes, refusals."""

import csv
import json
import os
import re
import shutil
import sys
from pathlib import Path
from urllib.parse import unquote

import pyarrow.parquet as pq
import pytest

from genloss.datagen.profiles import load
from genloss.dataset import reading
from genloss.dataset.audit import AuditOptions, audit
from genloss.model.errors import (
    DatasetEmptyError,
    DatasetUnlabelledError,
    DatasetUnreadableError,
    OutputError,
    OutputRefusedError,
)
from tests.dataset_tests.made_files import COLOUR, MADE, jpeg


def _quietly(batches, count, doing):
    return batches


@pytest.fixture
def without_pictures(monkeypatch):
    """Audits that draw no odd pictures, which needs a process each time."""
    monkeypatch.setattr("genloss.dataset.audit.odd_pictures", lambda view: [])


@pytest.fixture(scope="module")
def classes(tmp_path_factory) -> Path:
    """Two classes of JPEG files that differ in quality and subsampling only, and one of everything else."""
    root = tmp_path_factory.mktemp("classes")
    for name in ("cat", "dog", "odd & <ends>"):
        (root / name).mkdir()
    for number in range(40):
        picture = COLOUR.resize((30 + number % 5, 24))
        (root / "cat" / f"{number:02d}.jpg").write_bytes(jpeg(picture, quality=96, subsampling=0))
        (root / "dog" / f"{number:02d}.jpg").write_bytes(jpeg(picture, quality=60 + number % 3, subsampling=2))
    for made in MADE[100::3]:
        (root / "odd & <ends>" / made.name).write_bytes(made.make())
    return root


@pytest.fixture(scope="module")
def audited(classes, tmp_path_factory):
    """Folder of the results, and what the report shows."""
    out = tmp_path_factory.mktemp("audit") / "results"
    return out, audit(AuditOptions([classes], out, by_folder=True), _quietly)


def _rows(path: Path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_every_link_of_the_report_leads_to_a_list_of_as_many_files_as_it_says(audited):
    out, data = audited
    page = (out / "report.html").read_text(encoding="utf-8")
    links = re.findall(r'<a href="(lists/[^"]+)">([\d,]+)</a>', page)
    assert len(links) > 60
    for link, count in links:
        listed = _rows(out / unquote(link).replace(".html", ".csv"))
        assert len(listed) == int(count.replace(",", "")), link
        assert (out / link).read_text(encoding="utf-8").count("<tr><td>") == min(500, len(listed))
    assert data.totals[0][0].count == sum(row["is_picture"] == "true" for row in _rows(out / "facts.csv"))


def test_the_report_loads_nothing_and_escapes_names(audited):
    out, _ = audited
    for page in [out / "report.html", *(out / "lists").glob("*.html")]:
        text = page.read_text(encoding="utf-8")
        assert not re.search(r"(?:src|href)=\"(?:https?:)?//", text)
        assert "<script" not in text
        assert "<ends>" not in text
    assert (out / "report.html").read_text(encoding="utf-8").count("<svg") >= 5


def test_facts_are_a_row_for_every_file_in_both_formats(audited, classes):
    out, _ = audited
    rows = _rows(out / "facts.csv")
    assert {row["path"] for row in rows} == {str(path) for path in classes.rglob("*") if path.is_file()}
    table = pq.read_table(out / "facts.parquet").to_pylist()
    assert [row["path"] for row in table] == [row["path"] for row in rows]
    assert [row["jpeg_quality"] for row in table] == [int(row["jpeg_quality"]) if row["jpeg_quality"] else None for row in rows]
    assert {row["folder"] for row in table} == {"cat", "dog", "odd & <ends>"}


def test_make_pairs_takes_the_profile(audited):
    out, _ = audited
    profile = load(out / "profile.json")
    assert profile.jpeg_quality[-1] == 96
    assert sum(profile.sampling.values()) == pytest.approx(1)
    assert profile.longest_side_px[0] == 30


def test_classes_that_differ_in_compression_are_named_and_can_be_guessed(audited):
    _, data = audited
    assert data.groups.guess.right > data.groups.guess.blind + 0.3
    named = {(group.folder, group.heading) for group in data.groups.odd}
    assert {("cat", "JPEG quality"), ("dog", "Chroma subsampling")} <= named
    words = next(group.words for group in data.groups.odd if (group.folder, group.heading) == ("cat", "JPEG quality"))
    assert words.startswith("96: 100 % of this class")


def test_the_map_says_what_its_clusters_have_in_common(audited):
    pytest.importorskip("sklearn", reason="no genloss[audit]")
    _, data = audited
    words = [cluster.words for cluster in data.map.clusters]
    assert any("quality 96" in text and "4:4:4" in text for text in words), words


@pytest.mark.usefixtures("without_pictures")
def test_an_audit_resumes_and_reads_only_what_is_new_or_changed(classes, tmp_path, monkeypatch):
    copy = tmp_path / "set"
    shutil.copytree(classes / "cat", copy)
    seen: list[str] = []
    whole = reading.read_headers

    def read(path, folder):
        seen.append(Path(path).name)
        if len(seen) == 25:
            raise KeyboardInterrupt
        return whole(path, folder)

    monkeypatch.setattr(reading, "read_headers", read)
    monkeypatch.setattr(reading, "BATCH", 10)
    monkeypatch.setattr(reading, "FEW_BATCHES", 100)
    options = AuditOptions([copy], tmp_path / "out", has_map=False)
    with pytest.raises(KeyboardInterrupt):
        audit(options, _quietly)
    assert not (tmp_path / "out" / "report.html").exists()
    assert audit(options, _quietly).totals[0][0].count == 40
    assert len(seen) == 25 + 20
    seen.clear()
    (copy / "00.jpg").write_bytes(jpeg(quality=11))
    (copy / "01.jpg").unlink()
    (copy / "new.jpg").write_bytes(jpeg(quality=12))
    data = audit(options, _quietly)
    assert sorted(seen) == ["00.jpg", "new.jpg"]
    assert data.counts["quality"] == [{96: 38, 11: 1, 12: 1}]


@pytest.mark.usefixtures("without_pictures")
def test_two_sets_are_compared_in_words_with_effects(audited, classes, tmp_path):
    data = audit(AuditOptions([classes / "cat"], tmp_path / "out", compare=classes / "dog", has_map=False), _quietly)
    found = {line.name: line for line in data.comparison}
    assert found["Chroma subsampling"].difference.effect == pytest.approx(1)
    assert found["Chroma subsampling"].p < 1e-9
    assert "large effect" in found["JPEG quality"].words
    assert "96: 100 % against 0 %" in found["JPEG quality"].words
    assert found["JPEG quality, as a number"].difference.effect == pytest.approx(1)
    assert "No difference beyond chance" in found["Longest side"].words
    again = audit(AuditOptions([classes / "cat"], tmp_path / "again", compare=audited[0], has_map=False), _quietly)
    assert again.totals[1][0].count == audited[1].totals[0][0].count


@pytest.mark.usefixtures("without_pictures")
def test_files_may_have_any_name(tmp_path):
    folder = tmp_path / "set"
    for name in (b"\xff\xfe.jpg", b"=cmd().jpg", b"a\nb.jpg", b"<b>.jpg", b"\xe9t\xe9/\xe9.jpg"):
        path = folder / os.fsdecode(name)
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_bytes(jpeg(quality=50))
    data = audit(AuditOptions([folder], tmp_path / "out", by_folder=True, has_map=False), _quietly)
    assert data.counts["quality"] == [{50: 5}]
    assert data.groups.sizes == {".": 4, "\\xe9t\\xe9": 1}
    row = next(row for row in _rows(tmp_path / "out" / "facts.csv") if row["folder"] != ".")
    assert row["path"] == str(folder / "\\xe9t\\xe9" / "\\xe9.jpg")
    assert row["path"] in pq.read_table(tmp_path / "out" / "facts.parquet").column("path").to_pylist()
    assert "<b>" not in (tmp_path / "out" / "lists" / "quality-50.html").read_text(encoding="utf-8")


@pytest.mark.usefixtures("without_pictures")
@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        (["umap", "sklearn.manifold"], "The map needs scikit-learn"),
        (["genloss.dataset.charts"], "The charts need matplotlib"),
    ],
)
def test_without_optional_packages_a_sentence_stands_in_the_report(missing, sentence, classes, tmp_path, monkeypatch):
    for name in missing:
        monkeypatch.setitem(sys.modules, name, None)
    audit(AuditOptions([classes / "cat", classes / "dog"], tmp_path, has_map="umap" in missing), _quietly)
    assert sentence in (tmp_path / "report.html").read_text(encoding="utf-8")


def _empty(folder: Path) -> AuditOptions:
    (folder / "set").mkdir()
    (folder / "set" / "notes.txt").write_text("nothing")
    return AuditOptions([folder / "set"], folder / "out")


def _one_folder(folder: Path) -> AuditOptions:
    (folder / "set").mkdir()
    (folder / "set" / "a.jpg").write_bytes(jpeg())
    return AuditOptions([folder / "set"], folder / "out", by_folder=True)


def _inside(folder: Path) -> AuditOptions:
    return AuditOptions([folder], folder / "out")


def _of_others(folder: Path) -> AuditOptions:
    options = _one_folder(folder)
    audit(AuditOptions(options.folders, options.out, has_map=False), _quietly)
    (folder / "other").mkdir()
    return AuditOptions([folder / "other"], options.out)


def _taken(folder: Path) -> AuditOptions:
    options = _one_folder(folder)
    options.out.mkdir()
    (options.out / "report.html").write_text("mine")
    return options


def _nowhere(folder: Path) -> AuditOptions:
    (folder / "file").write_text("no folder")
    options = _one_folder(folder)
    return AuditOptions(options.folders, folder / "file" / "below")


def _damaged(folder: Path) -> AuditOptions:
    options = _one_folder(folder)
    options.out.mkdir()
    (options.out / "audit.sqlite").write_text("no ledger, but long enough for a header " * 30)
    return options


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (_empty, DatasetEmptyError, "no picture below"),
        (_one_folder, DatasetUnlabelledError, "directly in the named folder"),
        (_inside, OutputRefusedError, "lies in"),
        (_of_others, OutputRefusedError, "holds an audit of"),
        (_taken, OutputRefusedError, "of no audit"),
        (_nowhere, OutputError, "cannot be created"),
        (_damaged, DatasetUnreadableError, "not a ledger"),
        (lambda folder: AuditOptions([folder / "no"], folder / "out"), DatasetUnreadableError, "missing"),
    ],
)
def test_what_cannot_be_audited_is_said_in_one_line(make, error, words, tmp_path):
    options = make(tmp_path)
    with pytest.raises(error, match=words) as raised:
        audit(options, _quietly)
    assert "\n" not in str(raised.value)
    assert not (options.out / "facts.csv").exists() or make is _of_others


def test_the_ledger_says_which_folders_it_is_of(audited, classes):
    from genloss.dataset.ledger import LEDGER_NAME, Ledger

    assert json.loads(json.dumps(Ledger(audited[0] / LEDGER_NAME, None).identity)) == {"folders": [str(classes)]}
