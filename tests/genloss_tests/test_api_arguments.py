"""Wrong arguments of the Python API: typed and clear, never a file or folder that nobody named."""

import multiprocessing
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from genloss import Scorer, find, leaks, rank, scan, score
from genloss.model.errors import ArchiveError, CatalogError, FileUnreadableError, ImageError, RulesError
from tests.fixtures import ROOT

CAT = ROOT / "samples" / "cat"
FILES = sorted(CAT.glob("*.jpg"))[:2]


@pytest.fixture(scope="module")
def scorer():
    return Scorer()


@pytest.mark.parametrize("given", [None, 1, True, b"\xff\xd8\xff", Image.new("RGB", (9, 9)), np.zeros((9, 9, 3)), [FILES[0]]])
def test_what_is_no_path_is_a_type_error(scorer, given):
    with pytest.raises(TypeError, match=r"path must be a str or os\.PathLike, not"):
        score(given, scorer)
    with pytest.raises(TypeError, match=r"paths\[1\] must be a str or os\.PathLike, not"):
        rank([FILES[0], given], scorer)


@pytest.mark.parametrize("single", ["a.jpg", Path("a.jpg"), b"a.jpg"])
def test_one_name_is_not_taken_for_a_list_of_letters(scorer, single, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.jpg").mkdir()
    for question in (rank, scan, leaks, lambda names: find(FILES[0], names)):
        with pytest.raises(TypeError, match="must be a list of paths, not one"):
            question(single)


def test_an_empty_name_is_not_the_current_folder(scorer, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for question in (scan, leaks, lambda names: find(FILES[0], names), lambda names: score(names[0], scorer)):
        with pytest.raises(FileUnreadableError, match="the name is empty"):
            question([""])
    for question in (lambda name: scan([CAT], name), lambda name: find(FILES[0], [CAT], name)):
        with pytest.raises(CatalogError, match="the name is empty"):
            question("")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("sure", [-1, 0.4, 1.1, float("nan")])
def test_a_probability_out_of_bounds_is_refused(sure):
    with pytest.raises(RulesError, match=r"between 0\.5 and 1"):
        scan([CAT], sure=sure)


def test_a_generator_is_ranked_and_an_error_names_its_file(scorer):
    assert {version.path for version in rank((path for path in FILES), scorer)} == set(FILES)
    with pytest.raises(FileUnreadableError, match=r"none\.jpg: "):
        rank([FILES[0], "none.jpg"], scorer)


def test_any_bytes_are_scored_and_nothing_else_is_called_damaged(scorer):
    data = FILES[0].read_bytes()
    expected = scorer.score(data)
    assert scorer.score(bytearray(data)) == scorer.score(memoryview(data)) == expected
    for given in (None, str(FILES[0]), FILES[0], Image.new("RGB", (9, 9)), np.zeros((9, 9, 3))):
        with pytest.raises(TypeError, match="data must be the bytes of a whole file"):
            scorer.score(given)
    with pytest.raises(ImageError):
        scorer.score(b"")


@pytest.mark.parametrize("pixels", [0, -1, float("nan")])
def test_a_pixel_limit_is_above_0(pixels):
    with pytest.raises(ValueError, match="max_pixels must be above 0"):
        Scorer(max_pixels=pixels)


def test_a_daemonic_process_is_told_that_it_may_start_no_workers(monkeypatch, tmp_path):
    monkeypatch.setitem(multiprocessing.current_process()._config, "daemon", True)
    (tmp_path / "cat.jpg").write_bytes(FILES[0].read_bytes())
    with pytest.raises(ArchiveError, match=r"daemonic process.*isolated=False"):
        scan([tmp_path], isolated=True)
    assert len(scan([tmp_path], isolated=False).files) == 1
