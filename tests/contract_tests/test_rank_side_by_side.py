"""Versions laid on each other, as a person or a script sees it: parents, the tree, pairs that are evaluated."""

import json

import pytest
import typer
from PIL import Image

from genloss import Ranker, Scorer, rank
from genloss.batch import BatchOptions
from genloss.commands.evaluate import evaluate as evaluate_command
from genloss.commands.rank import rank as rank_command
from genloss.comparing import comparing_files
from genloss.model.pairs.findings import find
from genloss.model.pairs.planes import VersionPlanes
from genloss.model.scoring.side_by_side import PROVED
from genloss.options import OutputFormat, ReportFormat
from tests.fixtures import ROOT, saved


@pytest.fixture(scope="module")
def family(tmp_path_factory):
    """A PNG, a JPEG made from it, which is proved, a copy, and a cut-out of the JPEG."""
    folder = tmp_path_factory.mktemp("family")
    with Image.open(ROOT / "samples/screenshot/original.png") as picture:
        original = picture.convert("RGB").crop((0, 0, 480, 320))
    original.save(folder / "original.png")
    original.save(folder / "saved.jpg", quality=80)
    (folder / "again.jpg").write_bytes((folder / "saved.jpg").read_bytes())
    with Image.open(folder / "saved.jpg") as decoded:
        decoded.crop((40, 32, 360, 272)).save(folder / "cut.png")
    return folder


@pytest.mark.parametrize("isolated", [False, True])
def test_records_say_what_each_was_made_from(family, paired_bundle, isolated, capsys):
    assert rank_command([str(family)], bundle=paired_bundle, format=OutputFormat.json, isolated=isolated) == 0
    records = {record["path"].rsplit("/", 1)[1]: record for record in json.loads(capsys.readouterr().out)}
    first, jpeg, copy, cut = (records[name] for name in ("original.png", "again.jpg", "saved.jpg", "cut.png"))
    assert (first["place"], first["parent"], first["changes"]) == (1, None, None)
    assert jpeg["parent"] == str(family / "original.png")
    assert (jpeg["proof_rule"], jpeg["changes"][-1][:12]) == ("quantised", "saved as JPE")
    assert "half a step" in jpeg["proof"]
    assert (copy["same_as"], copy["parent"]) == (str(family / "again.jpg"), None)
    assert cut["parent"] in (str(family / "original.png"), str(family / "again.jpg"))
    assert (cut["transform"]["shift_x_px"], cut["transform"]["shift_y_px"]) == (-40, -32)
    assert any(change.startswith("cropped to") for change in cut["changes"])


def test_two_moments_are_not_ranked_across(family, paired_bundle, tmp_path, capsys):
    with Image.open(family / "original.png") as picture:
        later = picture.convert("RGB")
    later.paste(later.crop((0, 0, 200, 150)), (230, 120))
    later.save(tmp_path / "later.jpg", quality=90)
    assert rank_command([str(family), str(tmp_path)], bundle=paired_bundle, format=OutputFormat.json) == 0
    records = json.loads(capsys.readouterr().out)
    assert [(record["picture"], record["path"].endswith("later.jpg")) for record in records] == [(1, False)] * 4 + [(2, True)]
    assert (records[-1]["place"], records[-1]["probability_worse_than_first"]) == (1, None)


def test_the_tree_is_drawn_instead_of_the_table(family, paired_bundle, capsys):
    assert rank_command([str(family)], bundle=paired_bundle, tree=True) == 0
    drawn = capsys.readouterr().out
    lines = drawn.splitlines()
    assert lines[0].startswith(f"{family}/original.png  1. PNG 480x320")
    assert any(f"── {family}/again.jpg  " in line for line in lines)
    assert any(line.endswith(f"same file: {family}/saved.jpg") for line in lines)
    assert any("proved: saved as JPEG of quality 80" in line for line in lines)
    assert "closer than next" not in drawn
    assert rank_command([str(family)], bundle=paired_bundle) == 0
    assert "  original.png: saved as JPEG 80, 4:2:0\n" in capsys.readouterr().out
    with pytest.raises(typer.BadParameter, match="drawn for people"):
        rank_command([str(family)], bundle=paired_bundle, tree=True, format=OutputFormat.json)


def test_the_shipped_model_has_parents_if_it_has_pair_models(family, scorer):
    names = [family / "cut.png", family / "saved.jpg", family / "original.png"]
    ranked = rank(names, scorer)
    if scorer.bundle.pairs is None:
        assert {(version.descent, version.parent) for version in ranked} == {(None, None)}
        return
    assert ranked[0].path == names[2]
    assert ranked[0].parent is None
    jpeg = next(version for version in ranked if version.path == names[1])
    assert (jpeg.parent, jpeg.descent.proof.rule) == (names[2], "quantised")


def test_a_file_that_changed_meanwhile_goes_by_the_judge_alone(family, paired_bundle, tmp_path):
    scorer = Scorer(paired_bundle)
    paths = [tmp_path / name for name in ("original.png", "saved.jpg")]
    for path in paths:
        path.write_bytes((family / path.name).read_bytes())
    scores = [scorer.score_file(path, with_fingerprint=True) for path in paths]
    ranker = Ranker(scorer.bundle)
    for change in (lambda: paths[1].write_bytes(saved(Image.new("RGB", (64, 64)), "PNG")), paths[1].unlink):
        change()
        with comparing_files(paths, scores, BatchOptions(isolated=False)) as compare_pairs:
            changed = ranker.rank(scores, compare_pairs)
        assert [version.index for version in changed] == [version.index for version in ranker.rank(scores)]
        assert [version.descent for version in changed] == [None, None]


def test_a_proof_decides_a_pair(family, paired_bundle):
    scorer = Scorer(paired_bundle)
    names = ("saved.jpg", "original.png")
    jpeg, original = (scorer.score_file(family / name, with_fingerprint=True) for name in names)
    finding = find(*(VersionPlanes.read((family / name).read_bytes()) for name in names))
    assert finding.made_backwards is not None
    ranker = Ranker(scorer.bundle)
    assert ranker.compare(jpeg, original, finding) == -ranker.compare(original, jpeg, finding.swapped) >= PROVED
    alone = ranker.compare(jpeg, original, None)
    assert alone == -ranker.compare(original, jpeg, None) != ranker.compare(jpeg, original, finding)


def test_evaluate_compares_side_by_side(family, paired_bundle, tmp_path, capsys):
    pairs = tmp_path / "pairs.csv"
    pairs.write_text(
        "better,worse,category\noriginal.png,gone.jpg,lost\noriginal.png,saved.jpg,saved\noriginal.png,cut.png,cut\n"
    )
    assert evaluate_command(pairs, family, format=ReportFormat.json, bundle=paired_bundle) == 1
    printed = capsys.readouterr()
    assert len(printed.err.splitlines()) == 1  # about the lost file
    by_category = {one["category"]: one["accuracy"] for one in json.loads(printed.out)["rank"]["categories"]}
    assert by_category == {"cut": 1.0, "lost": 0.0, "saved": 1.0}
