"""Boosted trees give the same numbers as ONNX, and odds of a pair do not depend on which version is named first."""

import json
import shutil

import lightgbm
import numpy as np
import pytest
from typer.testing import CliRunner

from genloss import parser
from genloss.model.onnx_runtime import onnxruntime
from genloss.model.pairs.evidence import N_MEASURES, NAMES, both_directions, input_names
from genloss.model.scoring.bundle import BUNDLED, load_bundle
from genloss.model.scoring.pair_models import PairModels
from genloss.model.training.pair_evaluation import JudgedGroup
from genloss.model.training.pair_set import PairSet, known_order, open_pair_set
from genloss.model.training.rival_set import find_rivals
from genloss.model.training.tree_export import export_trees, join_trees


@pytest.fixture(scope="module")
def columns():
    generator = np.random.default_rng(3)
    found = generator.normal(size=(3000, 6)).astype(np.float32)
    found[generator.random(found.shape) < 0.2] = np.nan
    found[:, 5] = np.round(found[:, 4])  # a column with few values
    return found


def test_exported_trees_say_what_lightgbm_says(columns):
    labels = (np.nan_to_num(columns[:, 0]) + np.nan_to_num(columns[:, 1]) ** 2 > 0.5).astype(float)
    boosters = [
        lightgbm.train(
            {"objective": "binary", "num_leaves": 12, "num_threads": 1, "seed": seed, "verbosity": -1, "feature_fraction": 0.7},
            lightgbm.Dataset(columns, labels), 40,
        )
        for seed in (1, 2)
    ]  # fmt: skip
    session = onnxruntime.InferenceSession(export_trees(boosters, columns.shape[1]), providers=["CPUExecutionProvider"])
    # Also values that stand exactly at a threshold, and columns with nothing in them.
    thresholds = [
        node["threshold"] for tree in boosters[0].dump_model()["tree_info"] for node in [tree["tree_structure"]]
        if "threshold" in node
    ]  # fmt: skip
    at_bounds = np.tile(np.array(thresholds[:40], np.float32)[:, None], (1, columns.shape[1]))
    rows = np.vstack([columns, at_bounds, np.full((1, columns.shape[1]), np.nan, np.float32)])
    (found,) = session.run(None, {"columns": rows})
    expected = np.mean([booster.predict(rows, raw_score=True, num_threads=1) for booster in boosters], axis=0)
    assert np.abs(found[:, 0] - expected).max() < 1e-4


def test_joined_trees_give_the_sum_of_both(columns):
    settings = {"objective": "binary", "num_leaves": 12, "num_threads": 1, "verbosity": -1}
    labels = (np.nan_to_num(columns[:, 0]) > 0, np.nan_to_num(columns[:, 1]) > 0.3)
    parts = [
        export_trees([lightgbm.train(settings, lightgbm.Dataset(columns, one.astype(float)), n)], columns.shape[1])
        for one, n in zip(labels, (30, 12), strict=True)
    ]

    def scores(network):
        (found,) = onnxruntime.InferenceSession(network, providers=["CPUExecutionProvider"]).run(None, {"columns": columns})
        return found[:, 0]

    assert np.abs(scores(join_trees(*parts)) - scores(parts[0]) - scores(parts[1])).max() < 1e-4
    assert np.abs(scores(parts[1])).max() > 0.5


def test_exchanging_two_versions_exchanges_the_columns():
    generator = np.random.default_rng(5)
    forwards, backwards = generator.normal(size=(2, 4, N_MEASURES)).astype(np.float32)
    forwards[:, 0] = backwards[:, 0]  # the likeness has no direction
    one, other = both_directions(forwards, backwards), both_directions(backwards, forwards)
    assert one.shape == (4, len(input_names()))
    assert np.array_equal(one[:, 1:N_MEASURES], other[:, N_MEASURES : 2 * N_MEASURES - 1])
    assert np.array_equal(one[:, 2 * N_MEASURES - 1 :], -other[:, 2 * N_MEASURES - 1 :])


def test_odds_are_antisymmetric(paired_bundle, scorer):
    bundle = scorer.bundle if scorer.bundle.pairs is not None else load_bundle(paired_bundle)
    models = PairModels(bundle)
    generator = np.random.default_rng(7)
    forwards, backwards = generator.normal(size=(2, 50, N_MEASURES)).astype(np.float32)
    backwards[:, 0] = forwards[:, 0]
    judge = generator.normal(size=50)
    one, other = models.log_odds(forwards, backwards, judge), models.log_odds(backwards, forwards, -judge)
    assert np.array_equal(one, -other)


def test_names_of_measures_are_unique():
    assert len(set(NAMES)) == N_MEASURES


def test_who_is_known_to_be_closer():
    versions = [
        {"parent": 0, "kind": "original"}, {"parent": 0, "kind": "jpeg_ladder"}, {"parent": 0, "kind": "jpeg_ladder"},
        {"parent": 2, "kind": "crop"}, {"parent": 0, "kind": "webp"},
    ]  # fmt: skip
    assert known_order(versions, 0, 3) == 1
    assert known_order(versions, 3, 2) == -1
    assert known_order(versions, 1, 2) == 1
    assert known_order(versions, 1, 4) == 0
    assert known_order(versions, 1, 3) == 0


def test_a_version_whose_parent_is_missing_hangs_on_the_next_one_up():
    group = JudgedGroup(np.zeros((4, 4)), np.zeros((4, 4)), np.zeros((4, 4), np.int8), [None, 0, 1, 0])
    assert group.without(np.array([False, True, False, False])).parents == [None, 0, 0]
    assert group.without(np.array([True, False, False, False])).parents == [None, 0, None]


@pytest.mark.slow
def test_the_command_adds_pair_models_to_a_bundle(small_pairs, tmp_path):
    result = CliRunner().invoke(parser.app, ["train-pairs", "--groups", str(small_pairs), "--out", str(tmp_path / "bundle")])
    assert result.exit_code == 0, result.output
    description = json.loads((tmp_path / "bundle/bundle.json").read_text())
    assert description["pairs"]["evaluation"]["side_by_side"]["test"]["n_pairs"] > 0
    assert load_bundle(tmp_path / "bundle").pairs is not None


@pytest.mark.slow
def test_further_trees_are_added_and_all_other_models_stay(small_pairs, tmp_path):
    words = ["train-pairs", "--further", "--groups", str(small_pairs), "--out", str(tmp_path / "bundle")]
    result = CliRunner().invoke(parser.app, words)
    assert result.exit_code == 0, result.output
    assert "test split, before: " in result.output
    assert "test split, after: " in result.output
    before, after = load_bundle(BUNDLED), load_bundle(tmp_path / "bundle")
    assert len(after.pairs.closer) > len(before.pairs.closer)
    assert (after.pairs.parent, after.pairs.family, after.pairs.rival) == (
        before.pairs.parent, before.pairs.family, before.pairs.rival,
    )  # fmt: skip
    assert after.description["pairs"]["further"]["from"] == before.version
    assert "trees were added" in (tmp_path / "bundle/README.md").read_text()


@pytest.mark.slow
def test_another_judge_needs_no_new_evidence(tmp_path, clean_cat):
    listed = []
    for number, quality in enumerate((95, 60, 30)):
        clean_cat.save(tmp_path / f"{number}.jpg", quality=quality)
        listed.append({"path": f"{number}.jpg", "parent": max(0, number - 1), "kind": "jpeg"})
    (tmp_path / "chains.jsonl").write_text(json.dumps({"split": "train", "source": "cat", "versions": listed}))
    first = open_pair_set(tmp_path, BUNDLED, 1)
    (evidence,), (judge,) = tmp_path.glob("evidence-*"), tmp_path.glob("judge-*")
    measured = {path: path.stat().st_mtime_ns for path in evidence.iterdir()}
    shutil.rmtree(judge)  # as if the bundle were another
    second = open_pair_set(tmp_path, BUNDLED, 1)
    assert {path: path.stat().st_mtime_ns for path in evidence.iterdir()} == measured
    assert np.array_equal(first.judge, second.judge)
    assert len(first.judge) == 3
    assert np.all(first.judge * first.closer < 0)


def test_a_folder_without_groups_is_one_clear_error(tmp_path):
    (tmp_path / "empty").mkdir()
    result = CliRunner().invoke(
        parser.app, ["train-pairs", "--groups", str(tmp_path / "empty"), "--out", str(tmp_path / "bundle")]
    )
    assert result.exit_code == 2
    assert not (tmp_path / "bundle").exists()


def test_rivals_are_versions_that_may_be_the_parent():
    """A chain 0 -> 1 -> 2, and 3, another child of 0: the third version is nobody's parent, and 2 cannot be the parent of 1."""
    pairs = [(0, 1, 1, 1), (2, 0, -1, 0), (1, 2, 1, 1), (0, 3, 1, 1), (3, 1, 0, 0), (2, 3, 0, 0)]
    first, second, closer, parent = np.array(pairs).T
    n = len(pairs)
    evidence = np.arange(2 * n * N_MEASURES, dtype=np.float32).reshape(2, n, N_MEASURES)
    data = PairSet(
        *evidence, np.zeros(n, np.float32), closer.astype(np.int8), parent.astype(np.int8), np.zeros(n, np.int8),
        np.stack([first, second], axis=1).astype(np.int16), np.zeros(n, np.int64), np.full(n, "jpeg"), np.full(n, ""),
        np.array(["train"]), np.array(["picture"]),
    )  # fmt: skip
    rivals = find_rivals(data, np.ones(n, bool))
    found = {tuple(versions): truth for versions, truth in zip(rivals.versions.tolist(), rivals.truth.tolist(), strict=True)}
    assert found == {
        (1, 0, 3): 1, (2, 0, 1): -1, (2, 0, 3): 0, (2, 1, 3): 1, (3, 0, 1): 1, (3, 0, 2): 1, (3, 1, 2): 0,
    }  # fmt: skip
    grandparent = rivals[np.array([list(found).index((2, 0, 1))])]
    forwards, backwards = grandparent.evidence(data, 0)
    assert np.array_equal(forwards[0], data.backwards[1])  # version 2 stands first in that pair
    assert np.array_equal(backwards[0], data.forwards[1])
