"""The versions of one picture: by content that the catalog knows, and of a picture that it never saw."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image

import genloss
from genloss.archive.catalog import Catalog, CatalogFile
from genloss.archive.decisions import Decision, DecisionKind, record
from genloss.archive.find import Closer, FoundFile
from genloss.archive.plan import Relation
from genloss.archive.put_away import describe
from genloss.archive.verify import Kind, PairRelation, relate
from genloss.find_records import find_record
from genloss.model.images.decode import decode
from genloss.model.pairs.laying import Sides
from genloss.model.pairs.placement import whole_frame
from tests.archive_tests.conftest import genloss_command
from tests.archive_tests.pictures import CAT, NOT_UTF8
from tests.fixtures import saved


@pytest.fixture
def pictures(scanned, tmp_path):
    """The scanned folder, and a copy of its catalog."""
    shutil.copy(scanned[0] / "catalog", tmp_path / "catalog")
    return scanned[0] / "pictures", tmp_path / "catalog"


def test_a_picture_of_the_collection_has_its_copies_and_its_versions(pictures):
    folder, catalog = pictures
    result = genloss.find(folder / "small.jpg", catalog=catalog)
    found = {one.file.path.name: one for one in result.found}
    assert set(found) == {"cat.jpg", NOT_UTF8, "mirrored.jpg", "crop.png", "frame.png"}
    for name in ("cat.jpg", NOT_UTF8):
        assert (found[name].relation, found[name].closer) == (Relation.VERSION, Closer.FILE)
        assert found[name].odds > 0.9
    assert any("mirrored against the picture" in sentence for sentence in found["mirrored.jpg"].reasons)
    assert (result.n_unreadable, result.is_plain) == (0, False)


def test_a_new_picture_is_compared_with_what_the_catalog_knows(pictures, tmp_path):
    catalog = pictures[1]
    with Image.open(CAT) as opened:
        cat = opened.convert("RGB")
    new = tmp_path / "new.webp"
    new.write_bytes(saved(cat.resize((cat.width * 2 // 3, cat.height * 2 // 3)), "WEBP", quality=40))
    done = genloss_command("find", new, "--catalog", catalog, "--format", "jsonl", "--in-process")
    assert done.exit_code == 0
    records = list(map(json.loads, done.stdout.splitlines()))
    assert records[0]["closer"] == "file"
    assert {record["relation"] for record in records} == {"version"}
    assert len(records) >= 5
    assert sum("path_base64" in record for record in records) == 1
    with Catalog(catalog) as opened:
        assert opened.find(new) is None


def test_a_decision_that_it_is_not_the_same_picture_holds(pictures):
    folder, catalog = pictures
    with Catalog(catalog) as opened:
        contents = tuple(opened.find(folder / name).sha256 for name in ("one.png", "two.png"))
        assert [one.relation for one in genloss.find(folder / "one.png", catalog=catalog).found] == [Relation.ALTERNATE]
        record(opened, Decision(DecisionKind.NOT_SAME_PICTURE, contents, datetime.now(UTC)))
    assert genloss.find(folder / "one.png", catalog=catalog).found == ()


def test_files_that_are_gone_since_the_scan_are_counted_and_not_called_copies(tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        shutil.copy(CAT, folder / name)
    genloss.scan([folder], catalog=tmp_path / "catalog", isolated=False)
    (folder / "a.jpg").unlink()
    (folder / "b.jpg").touch()  # another time, the same bytes
    (folder / "c.jpg").write_bytes(b"another file")
    result = genloss.find(CAT, catalog=tmp_path / "catalog", isolated=False)
    assert [one.file.path.name for one in result.found] == ["b.jpg"]
    assert result.n_unreadable == 2
    smaller = tmp_path / "smaller.jpg"
    with Image.open(CAT) as opened:
        smaller.write_bytes(saved(opened.resize((opened.width // 2, opened.height // 2)), "JPEG", quality=80))
    result = genloss.find(smaller, catalog=tmp_path / "catalog", isolated=False)
    assert [(one.file.path.name, one.relation) for one in result.found] == [("b.jpg", Relation.VERSION)]
    assert result.n_unreadable == 2


def test_a_copy_in_another_container_has_its_own_format():
    file = CatalogFile(Path("/a.png"), 1, 1, 1, 1, 1, "png", "0" * 64, None, None, None)
    look = SimpleNamespace(image_format="jpeg", width_px=8, height_px=8)  # of the file with equal pixels that stays
    assert find_record(FoundFile(file, look, Relation.VERSION))["format"] == "png"


def test_what_is_gone_is_counted_and_what_is_plain_is_said(pictures, tmp_path):
    folder, catalog = pictures
    sky = genloss_command("find", folder / "sky.png", "--catalog", catalog)
    assert (sky.exit_code, len(sky.stdout.splitlines())) == (0, 1)
    assert "too plain or too small" in sky.stderr
    missing = genloss_command("find", tmp_path / "missing.jpg", "--catalog", catalog)
    assert (missing.exit_code, missing.stderr.startswith("genloss: file_unreadable: ")) == (2, True)
    nothing = genloss_command("find", folder / "cat.jpg", "--catalog", tmp_path / "no catalog")
    assert (nothing.exit_code, nothing.stderr.startswith("genloss: catalog_invalid: ")) == (2, True)
    assert not (tmp_path / "no catalog").exists()
    words = genloss_command("find", folder / "words.jpg", "--catalog", catalog)
    assert (words.exit_code, words.stderr.startswith("genloss: unsupported_format: ")) == (2, True)


def test_folders_are_looked_at_first_and_nothing_is_kept(scanned, tmp_path):
    (tmp_path / "album").mkdir()
    shutil.copy(CAT, tmp_path / "album/copy.jpg")
    result = genloss.find(CAT, [tmp_path / "album"])
    assert [one.relation for one in result.found] == [Relation.SAME_BYTES]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["album"]


def test_nothing_is_said_of_the_pose_of_other_content():
    turned = whole_frame((40, 60), (40, 60), 2)
    assert list(describe(PairRelation(Kind.ALTERNATE, turned, seen_turn=2), "the picture")) == [
        "holds other content in the same setting"
    ]
    assert list(describe(PairRelation(Kind.VERSION, turned, seen_turn=2), "the picture")) == ["turned 180° against the picture"]


def test_a_copy_that_is_seen_upright_by_its_exif_orientation_is_not_called_turned(cat):
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees to the right
    stored = cat.transpose(Image.Transpose.ROTATE_90)
    sides = []
    for data in (saved(cat, "PNG"), saved(stored, "JPEG", quality=80, exif=exif), saved(stored, "JPEG", quality=80)):
        image = decode(data)
        sides.append(Sides(image.luma, orientation=image.orientation))
    upright, turned = relate(sides[0], sides[1]), relate(sides[0], sides[2])
    assert (upright.placement.turn, upright.seen_turn, list(describe(upright))) == (1, 0, [])
    assert list(describe(turned)) == ["turned 90° left against the kept one"]
    assert list(describe(turned.swapped)) == ["turned 90° right against the kept one"]
