"""Facts from headers, on files that are made with known facts."""

import random

import pytest

from genloss.dataset import file_window
from genloss.dataset.file_facts import COLUMNS
from genloss.dataset.headers import read_headers
from genloss.dataset.headers_jpeg import name_subsampling
from tests.dataset_tests.made_files import MADE, Made


def test_at_least_two_hundred_files_with_different_names_are_known():
    assert len({made.name for made in MADE}) == len(MADE) >= 200


@pytest.mark.parametrize("made", MADE, ids=lambda made: made.name)
def test_facts_are_those_the_file_was_made_with(made: Made, tmp_path):
    path = tmp_path / made.name
    path.write_bytes(made.make())
    facts, mtime_ns = read_headers(str(path), "folder")
    assert {name: getattr(facts, name) for name in made.facts} == made.facts
    assert (facts.path, facts.folder, facts.n_bytes) == (str(path), "folder", path.stat().st_size)
    assert mtime_ns == path.stat().st_mtime_ns


@pytest.mark.parametrize("name", ["one.gif", "trailing.png", "trailing5000.jpg"])
def test_a_file_that_is_larger_than_what_is_read_of_it_is_not_called_broken(name, tmp_path, monkeypatch):
    monkeypatch.setattr(file_window, "_MOST_BYTES", 1500)
    path = tmp_path / name
    path.write_bytes(next(made.make() for made in MADE if made.name == name) + bytes(5000))
    facts, _ = read_headers(str(path), "")
    assert (facts.width_px, facts.broken) == (48, "")


@pytest.mark.parametrize("made", MADE[3::6], ids=lambda made: made.name)
def test_damage_is_a_reason_or_goes_unnoticed_but_never_an_exception(made: Made, tmp_path):
    whole = made.make()
    random_bytes = random.Random(made.name)
    path = tmp_path / made.name
    for length in sorted({min(len(whole), length) for length in (1, 3, 12, 30, 60, 200, 650)}):
        damaged = bytearray(whole[:length])
        for _ in range(length // 20):
            damaged[random_bytes.randrange(length)] = random_bytes.randrange(256)
        path.write_bytes(damaged)
        facts, _ = read_headers(str(path), "")
        assert set(COLUMNS) <= set(dir(facts))


@pytest.mark.parametrize(
    ("factors", "name"),
    [
        ([(1, 1), (1, 1), (1, 1)], "4:4:4"),
        ([(2, 2), (2, 2), (2, 2)], "4:4:4"),
        ([(2, 1), (1, 1), (1, 1)], "4:2:2"),
        ([(2, 2), (1, 2), (1, 2)], "4:2:2"),
        ([(2, 2), (1, 1), (1, 1)], "4:2:0"),
        ([(1, 2), (1, 1), (1, 1)], "4:4:0"),
        ([(2, 2), (2, 1), (2, 1)], "4:4:0"),
        ([(4, 1), (1, 1), (1, 1)], "4:1:1"),
        ([(4, 2), (1, 1), (1, 1)], "4:1:0"),
        ([(3, 1), (1, 1), (1, 1)], "3x1,1x1,1x1"),
        ([(2, 2), (1, 1), (2, 1)], "2x2,1x1,2x1"),
        ([(1, 4), (1, 1), (1, 1)], "1x4,1x1,1x1"),
    ],
)
def test_subsampling_is_named_as_four_a_b_where_that_notation_can_say_it(factors, name):
    assert name_subsampling(factors) == name
