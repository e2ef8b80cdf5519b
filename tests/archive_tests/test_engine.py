"""A scan in shards: the same bytes whoever makes them, nothing made twice, and one clear line where an engine cannot work."""

import shutil
import sys
from pathlib import Path

import pytest
from PIL import Image

import genloss
from genloss.archive import word_shards
from genloss.archive.catalog import Catalog
from genloss.archive.engine import Item, run_stage
from genloss.archive.grouping import ScanOptions
from genloss.archive.hashing import hash_file
from genloss.archive.scan import ScanResult, scan_folders
from genloss.archive.sharding import Sharding
from genloss.archive.stages import LOOK
from genloss.model.engines import shards
from genloss.model.engines.choosing import open_engine
from genloss.model.engines.shard_folder import ShardFolder
from genloss.model.errors import EngineError, ExtraMissingError, ImageError
from genloss.model.images.guard import MAX_PIXELS
from tests.archive_tests.conftest import genloss_command
from tests.archive_tests.pictures import CAT, DRAWING, make_old
from tests.fixtures import saved


@pytest.fixture(scope="module")
def pictures(tmp_path_factory) -> Path:
    """Small versions of two pictures, one of them broken."""
    folder = tmp_path_factory.mktemp("few").resolve() / "pictures"
    folder.mkdir()
    for name, path in (("cat", CAT), ("drawing", DRAWING)):
        with Image.open(path) as opened:
            image = opened.convert("RGB")
        image.thumbnail((240, 240))
        for quality in (95, 40):
            (folder / f"{name} {quality}.jpg").write_bytes(saved(image, "JPEG", quality=quality))
    whole = (folder / "cat 95.jpg").read_bytes()
    (folder / "broken.jpg").write_bytes(whole[: len(whole) // 2])
    make_old(folder)
    return folder


def _look(pictures: Path, place: Path, n_workers: int = 1, length: int = 2) -> dict[str, bytes | ImageError]:
    """Looks at all pictures in shards; what was found by file name."""
    names = {hash_file(path).sha256: path for path in sorted(pictures.iterdir())}
    sharding = Sharding(open_engine("threads", n_workers), ShardFolder(place), length)
    items = [Item(sha256, (str(path),)) for sha256, path in names.items()]
    rows = run_stage(LOOK, items, (MAX_PIXELS,), sharding, False, lambda made, total, doing: made)
    return {names[row.key].name: row.found for row in rows}


def _shards(place: Path) -> dict[str, bytes]:
    return {str(path.relative_to(place)): path.read_bytes() for path in place.rglob("*") if path.is_file()}


def _scan(pictures: Path, catalog: Path, place: Path | None) -> ScanResult:
    sharding = None if place is None else Sharding(open_engine("threads", 2), ShardFolder(place), 2)
    with Catalog(catalog) as opened:
        return scan_folders([pictures], opened, ScanOptions(isolated=False, sharding=sharding))


def test_shards_are_the_same_whoever_makes_them_and_only_absent_ones_are_made(pictures, tmp_path):
    found = _look(pictures, tmp_path / "one")
    assert found["broken.jpg"].code == "image_truncated"
    assert all(isinstance(look, bytes) for name, look in found.items() if name != "broken.jpg")
    made = _shards(tmp_path / "one")
    assert len(made) > 2
    _look(pictures, tmp_path / "several", n_workers=3)
    assert _shards(tmp_path / "several") == made

    lost, *kept = sorted(made)
    times = {name: (tmp_path / "one" / name).stat().st_mtime_ns for name in kept}
    (tmp_path / "one" / lost).unlink()
    _look(pictures, tmp_path / "one")
    assert _shards(tmp_path / "one") == made
    assert {name: (tmp_path / "one" / name).stat().st_mtime_ns for name in kept} == times


def test_shards_lie_beside_the_catalog_unless_a_place_is_named(pictures, tmp_path):
    with pytest.raises(EngineError, match="need a place, or a catalog"):
        genloss.scan([pictures], engine="threads")
    some = tmp_path / "some"
    some.mkdir()
    shutil.copy2(pictures / "cat 95.jpg", some)
    genloss.scan([some], tmp_path / "catalog", isolated=False, engine="threads")
    assert {name.split("-")[0] for name in _shards(tmp_path / "catalog.shards")} == {"exact", "look"}


def test_a_scan_in_shards_finds_what_a_scan_without_finds(pictures, tmp_path, monkeypatch):
    first, second = (_scan(pictures, tmp_path / name, place) for name, place in (("a", None), ("b", tmp_path / "shards")))
    assert second.plan.groups == first.plan.groups != ()
    assert second.files == first.files
    assert {path.name.split("-")[0] for path in (tmp_path / "shards").iterdir()} == {"exact", "look", "pair", "relate", "rank"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b", "shards"]  # no sorted words
    again = _scan(pictures, tmp_path / "b", tmp_path / "none")
    assert (again.n_looked, again.n_compared) == (0, 0)
    assert {path.name for path in (tmp_path / "none").iterdir()} == {"pair-1"}
    monkeypatch.setattr(word_shards, "gather_words", None)  # words are needed only where shards of pairs are absent
    assert _scan(pictures, tmp_path / "c", tmp_path / "shards").plan.groups == first.plan.groups


def test_a_file_that_could_not_be_read_is_tried_again(pictures, tmp_path):
    names = {path.name: (hash_file(path).sha256, path) for path in sorted(pictures.iterdir())[:2]}
    (there, path), (gone, _) = names.values()
    items = [Item(there, (str(path),)), Item(gone, (str(tmp_path / "gone.jpg"),))]
    sharding = Sharding(open_engine("threads", 1), ShardFolder(tmp_path / "shards"), 1000)
    rows = list(run_stage(LOOK, items, (MAX_PIXELS,), sharding, False, lambda made, total, doing: made))
    assert [getattr(row.found, "code", "ok") for row in rows] == ["image_truncated", "file_unreadable"]
    assert _shards(tmp_path / "shards") == {}


def test_a_machine_without_the_collection_or_with_other_packages_makes_no_shard(pictures, tmp_path, monkeypatch):
    copy = tmp_path / "copy"
    shutil.copytree(pictures, copy)
    items = [Item(hash_file(path).sha256, (str(path),)) for path in copy.iterdir()]
    shutil.rmtree(copy)
    sharding = Sharding(open_engine("threads", 1), ShardFolder(tmp_path / "shards"))
    with pytest.raises(EngineError, match="must lie at one path on every machine"):
        list(run_stage(LOOK, items, (MAX_PIXELS,), sharding, False, lambda made, total, doing: made))
    assert _shards(tmp_path / "shards") == {}
    problem = shards._make(lambda items: b"", ShardFolder(tmp_path), {**shards._versions(), "numpy": "0.1"}, "name", b"")
    assert "instead of 0.1" in problem
    assert not (tmp_path / "name").exists()


def test_shards_in_a_store_are_whole_or_absent():
    store = ShardFolder("mock:///bucket/shards")
    assert store.names("look-1") == set()
    store.write("look-1/one.parquet", b"1")
    store.write("look-1/two.parquet", b"22")
    assert store.names("look-1") == {"look-1/one.parquet", "look-1/two.parquet"}
    assert store.read("look-1/two.parquet") == b"22"
    store.remove("look-1/two.parquet")
    assert store.names("look-1") == {"look-1/one.parquet"}
    with pytest.raises(EngineError, match="cannot be read"):
        store.read("look-1/two.parquet")
    store.clear("look-1")
    assert store.names("look-1") == set()


def test_a_damaged_shard_is_named(pictures, tmp_path):
    _look(pictures, tmp_path)
    damaged = next(tmp_path.rglob("*.parquet"))
    damaged.write_bytes(damaged.read_bytes()[:-7])
    with pytest.raises(EngineError, match=f"{damaged.stem}.* remove it"):
        _look(pictures, tmp_path)


@pytest.mark.parametrize("engine", ["daft", "ray://head:10001"])
def test_the_missing_extra_is_named_in_one_line(engine, pictures, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "daft", None)
    monkeypatch.delitem(sys.modules, "genloss.model.engines.daft_engine", raising=False)
    with pytest.raises(ExtraMissingError, match=r"genloss\[cluster\]"):
        open_engine(engine)
    said = genloss_command("scan", pictures, "--catalog", tmp_path / "catalog", "--engine", engine)
    assert said.exit_code == 2
    assert said.stderr.startswith("genloss: extra_missing: ")
    assert said.stderr.count("\n") == 1
    assert not (tmp_path / "catalog").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--engine", "spark"], "no engine is called 'spark'"),
        (["--engine", "ray://"], "ray://HOST:PORT"),
        (["--shards", "somewhere"], "--shards needs an --engine"),
        (["--engine", "threads", "--shards", "{pictures}/shards"], "is read; results would count as inputs"),
        (["--engine", "threads", "--shards", "nowhere://shards"], "cannot be opened"),
    ],
)
def test_useless_options_are_one_clear_line(words, message, pictures, tmp_path):
    words = [word.format(pictures=pictures) for word in words]
    said = genloss_command("scan", pictures, "--catalog", tmp_path / "catalog", *words)
    assert said.exit_code == 2
    assert message in said.stderr
    assert said.stderr.count("\n") == 1


def test_leaks_work_in_shards_too_and_say_how_far_they_are(pictures, tmp_path):
    options = ["--engine", "threads", "--shards", tmp_path / "shards", "--in-process"]
    leaks = genloss_command("leaks", pictures, *options)
    assert leaks.exit_code == 0
    assert {name.split("-")[0] for name in _shards(tmp_path / "shards")} == {"exact", "look", "pair", "relate", "rank"}
    assert "--engine works on folders" in genloss_command("find", CAT, *options, "--catalog", CAT).stderr
