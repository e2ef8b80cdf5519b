"""The parts of a sweep that need no training: folders, splits, levels, findings, attention."""

import json
import os
import shutil
from dataclasses import replace

import numpy as np
import pytest

from genloss.dataset.labelled import keep_readable, list_labelled
from genloss.dataset.networks.attention import agreement, attend, spread_over
from genloss.dataset.networks.augmentation import augment
from genloss.dataset.splits import group_near_duplicates, split_by_group
from genloss.dataset.sweep.degradations import Degradation, degrade
from genloss.dataset.sweep.findings import find_out, is_sure, level_of_fall
from genloss.dataset.sweep.levels import AS_FOUND
from genloss.dataset.sweep.options import SweepOptions, check_out, measure_of
from genloss.dataset.sweep.outputs import LevelOutputs
from genloss.model.errors import (
    DatasetEmptyError,
    DatasetError,
    DatasetUnlabelledError,
    DatasetUnreadableError,
    OutputRefusedError,
)
from genloss.model.images.decode import decode
from genloss.model.images.reencoding import encode
from tests.dataset_tests.labelled_set import make_set


def _generator():
    return np.random.default_rng(0)


def _watch(doing, done, total, note):
    pass


def test_classes_are_the_folders_and_unreadable_files_are_said_to_be(tmp_path):
    root = make_set(tmp_path / "set", 12)
    (root / "down" / "000.png").write_bytes(b"no picture at all")
    (root / "down" / "deeper").mkdir()
    shutil.copy(root / "down" / "001.png", root / "down" / "deeper")
    (root / "notes.txt").write_text("of no class")
    files, hashes, side_px = keep_readable(list_labelled(root, 100, _generator()), _watch)
    assert files.classes == ["across", "aslant", "down"]
    assert np.bincount(files.labels).tolist() == [12, 12, 12]
    assert list(files.unreadable) == [str(root / "down" / "000.png")]
    assert hashes.shape == (36, 32)
    assert side_px == 32
    assert len(list_labelled(root, 5, _generator()).paths) == 15


def test_folders_that_are_no_labelled_set_are_refused(tmp_path):
    with pytest.raises(DatasetUnreadableError, match="missing"):
        list_labelled(tmp_path / "nowhere", 10, _generator())
    with pytest.raises(DatasetEmptyError):
        list_labelled(tmp_path, 10, _generator())
    root = make_set(tmp_path / "set", 3, ("down",))
    with pytest.raises(DatasetUnlabelledError):
        list_labelled(root / "down", 10, _generator())
    with pytest.raises(DatasetUnlabelledError):
        list_labelled(root, 10, _generator())
    make_set(root, 3, ("across",))
    with pytest.raises(DatasetError, match=r"class across has 3 readable pictures.*at least 10"):
        keep_readable(list_labelled(root, 10, _generator()), _watch)


def test_a_class_folder_may_have_any_name(tmp_path):
    root = make_set(tmp_path / "set", 2, ("down", "across"))
    (root / "down").rename(root / os.fsdecode(b"\xff\xe9"))
    files = list_labelled(root, 10, _generator())
    assert files.classes == ["\\xff\\xe9", "across"]
    json.dumps(files.classes, ensure_ascii=False).encode()
    assert all(path.exists() for path in files.paths)


def test_a_file_that_vanishes_while_the_set_is_described_is_one_line(tmp_path):
    files = list_labelled(make_set(tmp_path / "set", 2), 10, _generator())
    files.paths[3].unlink()
    with pytest.raises(DatasetUnreadableError, match="changed while it was worked on"):
        files.digest()


def test_a_sweep_by_another_measure_is_another_sweep(tmp_path):
    """Its thresholds hold for one measure of similarity."""
    root = make_set(tmp_path / "set", 2)
    options = SweepOptions(root, tmp_path / "out")
    files = list_labelled(root, 10, _generator())
    with check_out(options, files).held():
        pass
    assert measure_of(options.out / "trained-as-found") == "cosine"
    by_signs = replace(options, nearest="hamming")
    with pytest.raises(OutputRefusedError):
        check_out(by_signs, files)
    elsewhere = replace(by_signs, out=tmp_path / "other")
    with check_out(elsewhere, files).held():
        pass
    assert measure_of(elsewhere.out / "trained-5") == "hamming"


def test_near_duplicates_stay_in_one_part_and_classes_are_spread(tmp_path):
    root = make_set(tmp_path / "set", 20, side_px=64)
    for path in sorted(root.rglob("00?.png")):  # further guises of the first ten of each class: saved again, and turned
        rgb = decode(path.read_bytes()).rgb
        path.with_name(f"again-{path.stem}.jpg").write_bytes(encode(rgb, "jpeg", 60))
        path.with_name(f"turned-{path.stem}.jpg").write_bytes(encode(np.rot90(rgb), "jpeg", 90))
    files, hashes, _ = keep_readable(list_labelled(root, 100, _generator()), _watch)
    groups = group_near_duplicates(hashes)
    group_of = {path.relative_to(root).as_posix(): group for path, group in zip(files.paths, groups, strict=True)}
    for name, group in group_of.items():
        if name.count("/00"):
            assert group_of[name.replace("/00", "/again-00").replace("png", "jpg")] == group
            assert group_of[name.replace("/00", "/turned-00").replace("png", "jpg")] == group
    parts = split_by_group(files.labels, groups, (0.6, 0.2, 0.2), _generator())
    assert sorted(np.concatenate(parts).tolist()) == list(range(len(files.paths)))
    assert not set(groups[parts[0]]) & set(groups[parts[1]]) | set(groups[parts[0]]) & set(groups[parts[2]])
    for part in parts:
        counts = np.bincount(files.labels[part], minlength=3)
        assert counts.min() > 0.5 * counts.max()


@pytest.mark.parametrize("kind", ["jpeg", "webp", "palette", "scale"])
def test_lower_levels_differ_more_and_take_fewer_bytes(cat, kind):
    rgb = np.asarray(cat)
    degradation = Degradation(kind)
    found = [degrade(rgb, degradation, level) for level in (degradation.levels[0], degradation.levels[-1])]
    errors = [np.abs(picture.astype(int) - rgb).mean() for picture, _ in found]
    assert all(picture.shape == rgb.shape for picture, _ in found)
    assert errors[1] > 2 * errors[0]
    assert found[1][1] < found[0][1]


def test_levels_out_of_bounds_and_unknown_kinds_are_refused():
    assert Degradation("jpeg", (5, 50, 5)).levels == (50, 5)
    for arguments in (("jpeg", (0,)), ("palette", (1,)), ("jpeg", (), "4:1:1"), ("gif",)):
        with pytest.raises(DatasetError):
            Degradation(*arguments)


def _outputs(right, labels, n_classes=3):
    """Similarities by which some pictures are named rightly, and attention that is the same everywhere."""
    answers = np.where(right, labels, (labels + 1) % n_classes)
    similarities = np.full((len(labels), n_classes), 0.1, np.float32)
    similarities[np.arange(len(labels)), answers] = 0.8
    attention = np.random.default_rng(1).random((4, 3, 3)).astype(np.float32)
    return LevelOutputs(similarities, np.zeros((4, 8), np.float32), attention, np.full(len(labels), 500))


def test_falls_their_intervals_and_the_level_where_they_happen():
    labels = np.arange(300) % 3
    share = {AS_FOUND: 0.9, 50: 0.9, 10: 0.86, 1: 0.5}
    by_level = {level: _outputs(np.arange(300) < 300 * part, labels) for level, part in share.items()}
    findings = find_out(by_level, labels, np.arange(300), np.full(3, 0.5, np.float32), _generator())
    assert [round(finding.accuracy, 3) for finding in findings] == [0.9, 0.9, 0.86, 0.5]
    assert [is_sure(finding) for finding in findings] == [False, False, True, True]
    assert all(finding.low < finding.accuracy < finding.high for finding in findings)
    assert findings[0].fall_low == findings[0].fall_high == 0
    assert findings[0].attention == pytest.approx(1)
    assert level_of_fall(findings, 1) == pytest.approx(40)  # a quarter of the way from 50 to 10
    assert level_of_fall(findings, 10) == pytest.approx(10 - 9 * (10 - 4) / 36)
    assert level_of_fall(findings, 60) is None


def test_few_groups_make_a_wide_interval():
    labels = np.arange(300) % 3
    by_level = {AS_FOUND: _outputs(np.arange(300) % 100 < 70, labels)}
    thresholds = np.full(3, 0.5, np.float32)
    alone, grouped = (
        find_out(by_level, labels, groups, thresholds, _generator())[0] for groups in (np.arange(300), np.arange(300) // 10)
    )
    assert grouped.high - grouped.low > 1.5 * (alone.high - alone.low)


def test_attention_lies_where_the_class_is_spoken_for():
    maps = np.zeros((1, 4, 4, 2), np.float32)
    maps[0, 0, 1, 0], maps[0, 3, 3, 1] = 5, 9  # the second map speaks against the class
    attention = attend(maps, np.array([1.0, -2.0], np.float32))
    assert attention[0, 0, 1] == 1
    assert attention[0, 3, 3] == 0
    large = spread_over(attention, 40, 40)[0]
    assert np.unravel_index(large.argmax(), large.shape) in {(y, x) for y in range(10) for x in range(10, 20)}
    assert agreement(attention, attention)[0] == pytest.approx(1)
    assert agreement(attention, np.ones_like(attention))[0] == 0


@pytest.mark.parametrize("how", ["none", "mirrored", "turned"])
def test_augmented_pictures_are_drawn_by_the_generator_and_keep_their_colours(how):
    pictures = np.random.default_rng(3).integers(0, 256, (6, 16, 16, 3)).astype(np.uint8)
    first, again = (augment(pictures, how, np.random.default_rng(1)) for _ in range(2))
    assert np.array_equal(first, again)
    assert np.array_equal(first, pictures) == (how == "none")
    assert {tuple(colour) for colour in first.reshape(-1, 3)} <= {tuple(colour) for colour in pictures.reshape(-1, 3)}
