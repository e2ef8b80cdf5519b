"""A study belongs to its data, survives its workers, and says in one line what is wrong."""

import sqlite3

import optuna
import pytest
from optuna.trial import TrialState

from genloss.model.errors import SearchError
from genloss.search import study as studies
from genloss.search.claim import check_claim, claim_folder
from genloss.search.space import draw, shipped_parameters
from genloss.search.study import best_trials, open_study, requeue_stale, settled_trials

# These tests ask for trials themselves, to abandon them as a killed worker does.
pytestmark = pytest.mark.filterwarnings("ignore:Heartbeat of storage is supposed")
IDENTITY = {"pairs": "abc", "feature_version": 1, "space": "1-x"}


def _open(folder, identity=IDENTITY, objectives=("accuracy",), resume=True, sampler="tpe", pruner="median", url=None):
    url = url or f"sqlite:///{folder / 'study.sqlite'}"
    return open_study(url, "one", identity, objectives, resume, sampler, pruner, 7, 10)


def test_the_first_trial_is_the_shipped_configuration_and_only_once(tmp_path):
    _open(tmp_path)
    study = _open(tmp_path)
    assert len(study.get_trials()) == 1
    trial = study.ask()
    draw(trial)
    assert trial.params == shipped_parameters()
    other = study.ask()
    draw(other)
    assert other.params != trial.params


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"pairs": "xyz"}, "made with pairs abc, now it is xyz"),
        ({"feature_version": 2}, "made with feature_version 1, now it is 2"),
        ({"space": "2-x"}, "made with space 1-x, now it is 2-x"),
    ],
)
def test_an_incompatible_study_is_refused(tmp_path, change, said):
    _open(tmp_path)
    with pytest.raises(SearchError, match=said):
        _open(tmp_path, {**IDENTITY, **change})


def test_other_objectives_are_another_study(tmp_path):
    _open(tmp_path)
    with pytest.raises(SearchError, match="made with objectives accuracy, now it is accuracy,latency"):
        _open(tmp_path, objectives=("accuracy", "latency"))


def _claim(folder, study):
    claim_folder(folder, study.study_name, study.user_attrs[studies.STUDY_ID])


def test_a_folder_holds_the_results_of_one_study(tmp_path):
    _claim(tmp_path, _open(tmp_path))
    _claim(tmp_path, _open(tmp_path))  # another worker, or the same command again
    check_claim(tmp_path, "one")
    with pytest.raises(SearchError, match="results of another study, 'one'; give another --out"):
        check_claim(tmp_path, "two")
    of_another_database = _open(tmp_path, url=f"sqlite:///{tmp_path / 'other.sqlite'}")
    with pytest.raises(SearchError, match="results of another study, 'one'"):
        _claim(tmp_path, of_another_database)


def test_a_damaged_claim_is_one_line(tmp_path):
    (tmp_path / "study.json").write_bytes(b"\xff{")
    for claim in (lambda: check_claim(tmp_path, "one"), lambda: claim_folder(tmp_path, "one", "")):
        with pytest.raises(SearchError, match=r"study\.json is damaged; remove it"):
            claim()


def test_an_existing_study_is_refused_when_asked_for_a_new_one(tmp_path):
    _open(tmp_path, resume=False)
    with pytest.raises(SearchError, match="exists already"):
        _open(tmp_path, resume=False)


def test_somebody_elses_study_is_refused(tmp_path):
    url = f"sqlite:///{tmp_path / 'study.sqlite'}"
    study = optuna.create_study(storage=url, study_name="one", direction="maximize")
    study.set_user_attr("mine", 1)
    with pytest.raises(SearchError, match="not made by this program"):
        _open(tmp_path)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nonsense", "'nonsense' cannot be used"),
        ("nosuch://x", "nosuch"),
        ("sqlite:////nonexistent/folder/study.sqlite", "unable to open database file"),
        ("postgresql://me:secret@127.0.0.1:1/x", "127.0.0.1:1/x cannot be used: Can't create a connection"),
    ],
)
def test_a_bad_storage_is_one_line_without_the_password(tmp_path, url, said):
    with pytest.raises(SearchError) as caught:
        _open(tmp_path, url=url)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)


def _wait_past_the_grace_period(folder):
    """Moves all heartbeats into the past, as if so much time had gone by."""
    connection = sqlite3.connect(folder / "study.sqlite", timeout=60)
    with connection:
        connection.execute(
            "UPDATE trial_heartbeats SET heartbeat = datetime(heartbeat, ?)", (f"-{studies.GRACE_SECONDS + 2} seconds",)
        )
    connection.close()


def test_a_trial_whose_worker_died_before_its_first_heartbeat_is_queued_again(tmp_path):
    lost = _open(tmp_path).ask()
    draw(lost)  # and its worker is never heard of again
    study = _open(tmp_path)
    _wait_past_the_grace_period(tmp_path)
    requeue_stale(study)
    first, again = study.get_trials()
    assert (first.state, again.state) == (TrialState.FAIL, TrialState.WAITING)
    assert again.params == first.params
    assert again.user_attrs["shipped"]
    assert settled_trials(study) == []


def test_a_trial_that_kills_every_worker_is_given_up(tmp_path):
    for _ in range(studies.MOST_RETRIES + 1):
        study = _open(tmp_path)
        draw(study.ask())
        _open(tmp_path)
        _wait_past_the_grace_period(tmp_path)
        requeue_stale(study)
    assert [trial.state for trial in study.get_trials()] == [TrialState.FAIL] * (studies.MOST_RETRIES + 1)
    assert len(settled_trials(study)) == 1


def test_a_database_that_another_worker_is_creating_is_opened_again(tmp_path, monkeypatch):
    failures = iter([RuntimeError("table studies already exists")] * 2)

    class CollidingStorage(optuna.storages.RDBStorage):
        def __init__(self, *words, **options):
            for error in failures:
                raise error
            super().__init__(*words, **options)

    monkeypatch.setattr("optuna.storages.RDBStorage", CollidingStorage)
    monkeypatch.setattr("genloss.search.study.time.sleep", lambda seconds: None)
    assert len(_open(tmp_path).get_trials()) == 1
    assert next(failures, None) is None


def test_a_database_that_never_comes_into_being_is_an_error(tmp_path, monkeypatch):
    tries = []

    def collide(*words, **options):
        tries.append(1)
        raise RuntimeError("table studies already exists")

    monkeypatch.setattr("optuna.storages.RDBStorage", collide)
    monkeypatch.setattr("genloss.search.study.time.sleep", lambda seconds: None)
    with pytest.raises(SearchError, match="cannot be used: table studies already exists"):
        _open(tmp_path)
    assert len(tries) == studies.MOST_OPENINGS


@pytest.mark.parametrize("pruner", ["median", "hyperband"])
def test_bad_trials_are_pruned_and_good_ones_are_not(tmp_path, pruner):
    study = _open(tmp_path, sampler="random", pruner=pruner)

    def objective(trial):
        quality = 0.9 if trial.number < 8 or trial.number == 29 else 0.5
        for part in range(1, 11):
            trial.report(quality + 0.001 * trial.number, part)
            if trial.should_prune():
                raise optuna.TrialPruned
        return quality

    study.optimize(objective, n_trials=30)
    states = [trial.state for trial in study.get_trials()]
    assert states.count(TrialState.PRUNED) > 10
    assert states[29] == TrialState.COMPLETE


def test_two_objectives_keep_what_no_other_beats(tmp_path):
    study = _open(tmp_path, objectives=("accuracy", "latency"))
    values = iter([(0.9, 2.0), (0.8, 1.0), (0.7, 1.5), None] + [(0.5, 3.0)] * 8)

    def objective(trial):
        draw(trial)
        value = next(values)
        if value is None:  # as a tower that is too large; the sampler has to live with it
            raise optuna.TrialPruned
        return value

    study.optimize(objective, n_trials=12)  # the sampler draws from what it learned after ten
    assert [trial.number for trial in best_trials(study)] == [0, 1]
