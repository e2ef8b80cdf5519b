"""Who was made from whom, as people and programs read it: the tree, the table's last column, and records."""

import csv
import io
import json
import os
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from rich.cells import cell_len

from genloss.descents import changes_text
from genloss.family_tree import FamilyTree
from genloss.model.images.facts import Facts
from genloss.model.pairs.genealogy import Descent
from genloss.model.pairs.placement import whole_frame
from genloss.model.pairs.proofs import Proof
from genloss.model.scoring.ranked import RankedVersion
from genloss.model.scoring.scorer import Score
from genloss.ranking_table import RankingTable
from genloss.records import RANK_COLUMNS, ranked_record
from genloss.writers import record_writer

FACTS = Facts("png", 64, 48, 900, 2.34, None, False, "", False, True, 1)
PROOF = Proof("quantised", "saved as JPEG of quality 75, every step filled evenly")


def _descent(parent, *changes, probability=0.83, proof=None):
    return Descent(parent, probability, probability > 0.5, proof, changes, whole_frame((48, 64), (24, 32)))


def _version(index, place, descent=None, same_as=None, picture=1):
    score = Score(0.5, FACTS, np.zeros(3, np.float32))
    same = None if same_as is None else "pixels"
    return RankedVersion(picture, place, index, score, 0.9, 0.9, False, same_as, same, descent)


FAMILY = [
    _version(2, 1),
    _version(0, 2, _descent(2, "shrunk to 50 %", "saved as JPEG 75", proof=PROOF)),
    _version(1, 2, same_as=0),
    _version(4, 4, _descent(0, "cropped to 81 %", "saved as PNG", probability=0.12)),
    _version(3, 5, _descent(2, "brighter", "more saturated", "saved as JPEG 92")),
]
PATHS = [Path(name) for name in ("small.jpg", "copy.png", "original.png", "bright.jpg", "crop.png")]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def _drawn(ranked, paths, stream=None):
    stream = stream or io.StringIO()
    tree = FamilyTree(stream, paths, ranked)
    for version in ranked:
        tree.write(ranked_record(paths, version, None))
    tree.close()
    return stream.getvalue()


def test_a_tree_has_every_edge_with_its_changes_and_how_sure_it_is():
    assert [line.rstrip() for line in _drawn(FAMILY, PATHS).splitlines()] == [
        "original.png  1. PNG 64x48, 900 B",
        "├── small.jpg  2. PNG 64x48, 900 B",
        "│   shrunk to 50 %, saved as JPEG 75",
        "│   proved: saved as JPEG of quality 75, every step filled evenly",
        "│   ├── same pixels: copy.png",
        "│   └── crop.png  4. PNG 64x48, 900 B",
        "│       cropped to 81 %, saved as PNG",
        "│       a version seems to be missing between or above the two (directly: 12 %)",
        "└── bright.jpg  5. PNG 64x48, 900 B",
        "    edited: brighter, more saturated; saved as JPEG 92",
        "    likely, 83 %",
    ]


def test_a_proof_may_lead_by_way_of_a_missing_version():
    ranked = [_version(0, 1), _version(1, 2, _descent(0, "saved as PNG", probability=0.2, proof=PROOF))]
    assert "evenly; by way of a version that is not here" in _drawn(ranked, PATHS)


@pytest.mark.parametrize(("odds", "text"), [(0.9, "likely, 90 %"), (0.6, "likely, 60 %"), (0.45, "perhaps, 45 %")])
def test_odds_that_say_nothing_are_not_called_likely_nor_a_version_missing(odds, text):
    ranked = [_version(0, 1), _version(1, 2, _descent(0, "saved as PNG", probability=odds))]
    assert _drawn(ranked, PATHS).rstrip().endswith(text)
    (row,) = _table(ranked, PATHS, io.StringIO())[2:]
    assert row.endswith(("  small.jpg: saved as PNG", "  perhaps small.jpg: saved as PNG")[odds < 0.9])


def test_versions_without_a_parent_and_other_pictures_have_trees_of_their_own():
    ranked = [_version(0, 1), _version(1, 2), _version(2, 1, picture=2)]
    drawn = _drawn(ranked, PATHS).splitlines()
    assert [line for line in drawn if line.startswith("Picture")] == ["Picture 1:", "Picture 2:"]
    assert drawn[2:4] == ["copy.png  2. PNG 64x48, 900 B", "nothing is known of where it came from"]


def test_names_are_safe_for_the_terminal_and_plain_where_it_is_none():
    paths = [Path(os.fsdecode(b"caf\xe9\n\x1b[31m.jpg")), Path("写真 [bold].png")]
    ranked = [_version(0, 1), _version(1, 2, _descent(0, "saved as PNG"))]
    drawn = _drawn(ranked, paths)
    assert drawn.startswith("caf\\\\xe9\\n\\x1b[31m.jpg  1.") or drawn.startswith("caf\\xe9\\n\\x1b[31m.jpg  1.")
    assert "写真 [bold].png" in drawn
    assert "\x1b" not in drawn


def test_many_generations_are_drawn_whole_even_in_a_window(monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("TERM", "dumb")
    n_versions = 200
    ranked = [_version(0, 1), *(_version(n, n + 1, _descent(n - 1, "saved as PNG")) for n in range(1, n_versions))]
    paths = [Path(f"{n}.png") for n in range(n_versions)]
    drawn = _drawn(ranked, paths, Terminal())
    assert f"{n_versions - 1}.png  {n_versions}. PNG 64x48, 900 B" in drawn


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ((), ""),
        (("cropped to 81 %", "saved as JPEG 75"), "cropped to 81 %, saved as JPEG 75"),
        (("sharpened", "saved as PNG"), "edited: sharpened; saved as PNG"),
        (("mirrored", "darker", "black and white", "saved as PNG"), "mirrored; edited: darker, black and white; saved as PNG"),
    ],
)
def test_edits_are_called_so(changes, text):
    assert changes_text(changes) == text


def _table(ranked, paths, stream):
    table = RankingTable(stream, with_decision=False)
    for version in ranked:
        table.write(ranked_record(paths, version, None))
    table.close()
    return stream.getvalue().splitlines()


def test_the_table_says_what_each_was_made_from_and_fits_the_window(monkeypatch):
    lines = _table(FAMILY, [Path("folder") / path for path in PATHS], io.StringIO())
    assert lines[0].endswith("  made from")
    assert lines[2].endswith("  original.png: shrunk to 50 %, saved as JPEG 75")
    assert lines[3].endswith("900 B")
    assert lines[5].endswith("  perhaps original.png: edited: brighter, more saturated; saved as JPEG 92")
    monkeypatch.setenv("COLUMNS", "90")
    wide = [Path("写真.jpg"), *PATHS[1:]]
    cut = _table(FAMILY, wide, Terminal())
    assert max(map(cell_len, cut)) <= 90
    assert any(line.endswith("…") for line in cut)
    assert cut[4].rstrip("…") in _table(FAMILY, wide, io.StringIO())[4]


def test_two_parents_of_one_name_keep_their_folders():
    ranked = [_version(0, 1), _version(1, 2, _descent(0, "saved as PNG"))]
    lines = _table(ranked, [Path("a/x.png"), Path("b/x.png")], io.StringIO())
    assert lines[2].endswith("a/x.png: saved as PNG")


def test_without_any_parent_the_table_is_as_it_was():
    assert "made from" not in _table([_version(0, 1), _version(1, 2)], PATHS, io.StringIO())[0]


def test_records_have_parent_proof_and_transform_in_every_format(tmp_path):
    records = [ranked_record(PATHS, version, None) for version in FAMILY]
    root, small, copy, crop, bright = records
    names = ("parent", "parent_probability", "parent_direct", "proof_rule", "proof", "changes", "edited", "transform")
    assert {root[name] for name in names} == {copy[name] for name in names} == {None}
    assert (small["parent"], small["parent_probability"], small["parent_direct"]) == ("original.png", 0.83, True)
    assert (small["proof_rule"], small["proof"], small["edited"]) == (PROOF.rule, PROOF.sentence, False)
    assert (crop["parent"], crop["parent_direct"], crop["proof"]) == ("small.jpg", False, None)
    assert bright["edited"]
    transform = {"turn": 0, "scale_x": 0.5, "scale_y": 0.5, "shift_x_px": 0.0, "shift_y_px": 0.0}
    assert json.loads(json.dumps(small))["transform"] == transform
    for format in ("csv", "parquet"):
        with open(tmp_path / format, "w+b") as binary, io.TextIOWrapper(binary, "utf-8", write_through=True) as text:
            writer = record_writer(format, RANK_COLUMNS, lambda stream: pytest.fail("no table"))(text, binary)
            for record in records:
                writer.write(record)
            writer.close()
    rows = list(csv.DictReader((tmp_path / "csv").read_text().splitlines()))
    assert rows[4]["changes"] == "brighter; more saturated; saved as JPEG 92"
    assert (rows[0]["parent"], rows[0]["changes"], rows[0]["transform"]) == ("", "", "")
    assert json.loads(rows[1]["transform"]) == transform
    stored = pq.read_table(tmp_path / "parquet").to_pylist()
    assert [row["changes"] for row in stored] == [record["changes"] for record in records]
    assert stored[1]["transform"] == transform
