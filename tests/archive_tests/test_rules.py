"""The rules file."""

from pathlib import Path

import pytest

from genloss.archive.rules import Rules, Treatment, read_rules
from genloss.model.errors import RulesError


def test_rules_are_read_and_the_rest_has_its_defaults(tmp_path):
    path = tmp_path / "rules.toml"
    path.write_text(
        'protected = ["originals", "/srv/negatives"]\npreferred = ["albums", "~/inbox"]\n'
        'preferred_containers = ["png", "tiff"]\nminimum_odds = 0.999\ncaptioned = "keep"\n'
    )
    rules = read_rules(path)
    assert rules.is_protected(tmp_path / "originals/2001/a.jpg")
    assert rules.is_protected(Path("/srv/negatives/a.tif"))
    assert not rules.is_protected(tmp_path / "originals.jpg")
    assert rules.preferred[1] == (Path.home() / "inbox").resolve()
    assert (rules.minimum_odds, rules.captioned, rules.grey) == (0.999, Treatment.KEEP, Treatment.PUT_AWAY)
    files = [(tmp_path / "x/a.png", "png"), (tmp_path / "albums/b.webp", "webp"), (tmp_path / "y/c.tif", "tiff")]
    assert sorted(files, key=lambda file: rules.preference(*file)) == [files[1], files[0], files[2]]


def test_a_single_file_may_be_protected(tmp_path):
    (tmp_path / "rules.toml").write_text('protected = ["albums/best.jpg"]')
    rules = read_rules(tmp_path / "rules.toml")
    assert rules.is_protected(tmp_path / "albums/best.jpg")
    assert not rules.is_protected(tmp_path / "albums/best.jpg.png")


def test_a_byte_order_mark_of_an_editor_is_no_error(tmp_path):
    (tmp_path / "rules.toml").write_bytes(b"\xef\xbb\xbfminimum_odds = 0.999\r\n")
    assert read_rules(tmp_path / "rules.toml").minimum_odds == 0.999


def test_an_empty_file_is_the_defaults(tmp_path):
    (tmp_path / "rules.toml").touch()
    assert read_rules(tmp_path / "rules.toml") == Rules()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("minimum_odd = 0.9", "unknown field 'minimum_odd' (did you mean 'minimum_odds'?)"),
        ("[colours]\nred = 1", "unknown field 'colours'"),
        ("minimum_odds = 1.5", "not between 0.5 and 1"),
        ('minimum_odds = "high"', "not a number"),
        ("minimum_odds = nan", "not a number"),
        ('grey = "put away"', "did you mean 'put_away'"),
        ('protected = "originals"', "not a list"),
        ("protected = [1]", "not a list of texts"),
        ('preferred_containers = ["jxl"]', "it may hold jpeg, png"),
        ('protected = ["~no-such-user/originals"]', "protected holds '~no-such-user/originals'"),
        ("= 1", "not TOML"),
        pytest.param(".".join("a" * 100_000) + " = 1", "a key has 100 parts or more", id="a long key"),
        pytest.param(" " * (1 << 20) + "grey = 1", "larger than 1 MiB", id="a large file"),
    ],
)
def test_what_is_wrong_is_said(tmp_path, text, words):
    path = tmp_path / "rules.toml"
    path.write_text(text)
    with pytest.raises(RulesError) as error:
        read_rules(path)
    assert words in str(error.value)
    assert error.value.code == "rules_invalid"


def test_a_missing_file_is_no_file_of_defaults(tmp_path):
    with pytest.raises(RulesError, match="No such file"):
        read_rules(tmp_path / "rules.toml")
