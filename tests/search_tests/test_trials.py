"""What goes wrong in a trial ends that trial, and the study goes on."""

import multiprocessing
import os
import signal

import optuna
import pytest
from optuna.trial import TrialState

from genloss.model.measurements.features import FeatureConfig
from genloss.model.networks.config import NetworkConfig
from genloss.model.training.dataset import open_chains
from genloss.model.training.reports import PartReport
from genloss.search.objective import Objective, TrialFailedError
from genloss.search.space import draw, shipped_parameters
from genloss.search.study import open_study
from genloss.search.trial_messages import Failed, Judged, Measured, Refused, TrialTask
from genloss.search.trial_training import measure, run_trial, trial_data


def _task(pairs, **options):
    document = draw(optuna.trial.FixedTrial(shipped_parameters()))
    document["network"] |= {"dct_units": (8,), "metadata_units": (8,), "aggregator_units": 8}
    return TrialTask(
        **{"pairs": pairs, "document": document, "seconds": 1.0, "fraction": 0.5, "data_seed": 3, "training_seed": 3}
        | {"max_size": 9.0, "max_latency": 99.0} | options
    )  # fmt: skip


def _messages(task):
    receiver, sender = multiprocessing.Pipe(duplex=False)
    run_trial(task, sender)
    sender.close()
    found = []
    while receiver.poll():
        try:
            found.append(receiver.recv())
        except EOFError:
            break
    return found


def test_a_trial_measures_trains_and_judges(small_pairs):
    measured, *parts, judged = _messages(_task(small_pairs))
    assert isinstance(measured, Measured)
    assert measured.size < 1
    assert measured.latency_ms > 0
    assert parts
    assert all(isinstance(part, PartReport) for part in parts)
    assert isinstance(judged, Judged)
    assert 0 <= judged.accuracy <= 1


def test_a_loss_that_is_not_finite_fails_the_trial(small_pairs):
    task = _task(small_pairs, seconds=600.0)  # the second step ends it
    task.document["training"] |= {"optimizer": "sgd", "learning_rate": 1e38}
    *_, last = _messages(task)
    assert isinstance(last, Failed)
    assert "the loss became nan" in last.reason


def test_a_tower_over_the_limits_is_not_trained(small_pairs):
    for options, said in (({"max_size": 0.01}, "the size of"), ({"max_latency": 0.001}, "times as long")):
        messages = _messages(_task(small_pairs, **options))
        assert [type(one) for one in messages] == [Measured, Refused]
        assert said in messages[-1].reason


def test_the_shipped_tower_has_its_own_size_and_takes_its_own_time():
    # Another program may disturb one comparison, but hardly all of them.
    assert any(measure(NetworkConfig(30)).latency == pytest.approx(1.0, abs=0.3) for _ in range(5))
    assert measure(NetworkConfig(30)).size == pytest.approx(1.0)


def test_a_larger_tower_takes_longer():
    large = measure(NetworkConfig(30, aggregator_units=160, embedding_units=160, dct_units=(256, 256, 256)))
    assert large.size > 1.5
    assert large.latency > 1.2


def _fixed_trial():
    return optuna.trial.FixedTrial(shipped_parameters())


@pytest.mark.parametrize(
    ("messages", "said"),
    [
        ([], "its process ended without a result"),
        ([Measured(1.0, 1.0, 1.0, 1.0)], "its process ended without a result"),
        ([Judged(0.9)], "judged before it was measured"),
        ([Measured(1.0, 1.0, 1.0, 1.0), Failed("out of memory")], "out of memory"),
    ],
)
def test_a_process_that_does_not_say_how_it_ended_fails_its_trial(tmp_path, monkeypatch, messages, said):
    monkeypatch.setattr(Objective, "_messages", lambda self, trial, task: (message for message in messages))
    trial = _fixed_trial()
    with pytest.raises(TrialFailedError, match=said):
        Objective(_task(tmp_path), ("accuracy",))(trial)
    assert said in trial.user_attrs["ended"]


def test_values_come_in_the_order_of_the_objectives(tmp_path, monkeypatch):
    messages = [Measured(1.0, 1.0, 2.5, 1.0), PartReport(10, 1.0, 0.1, 0.8, 0.8, 9.0), Judged(0.9)]
    monkeypatch.setattr(Objective, "_messages", lambda self, trial, task: (message for message in messages))
    assert Objective(_task(tmp_path), ("accuracy", "latency"))(_fixed_trial()) == (0.9, 2.5)
    assert Objective(_task(tmp_path), ("latency", "accuracy"))(_fixed_trial()) == (2.5, 0.9)


def test_trials_see_a_seeded_fraction_and_never_the_test_split(small_pairs):
    data = open_chains(small_pairs, FeatureConfig())
    first, again, other = (trial_data(data, 0.5, seed, 0) for seed in (3, 3, 4))
    assert first.chains.keys() == {"train", "validation"}
    assert len(first.chains["train"]) == round(0.5 * len(data.chains["train"]))
    assert first.chains["train"].tolist() == again.chains["train"].tolist() != other.chains["train"].tolist()
    halves = [trial_data(data, 0.5, 3, half).chains["validation"].tolist() for half in (0, 1)]
    assert sorted(halves[0] + halves[1]) == data.chains["validation"].tolist()


def test_a_killed_process_costs_one_trial(small_pairs, tmp_path):
    """The kernel kills what takes too much memory; the study must go on and the next trial must not know."""
    study = open_study(f"sqlite:///{tmp_path / 's.sqlite'}", "one", {}, ("accuracy",), True, "tpe", "median", 3, 10)

    def kill(number, share):
        for child in multiprocessing.active_children():
            if number == 0:
                os.kill(child.pid, signal.SIGKILL)

    objective = Objective(_task(small_pairs), ("accuracy",), kill)
    study.enqueue_trial(shipped_parameters())
    study.optimize(objective, n_trials=2, catch=(TrialFailedError,))
    killed, judged = study.get_trials()
    assert killed.state == TrialState.FAIL
    assert "killed, most likely for lack of memory" in killed.user_attrs["ended"]
    assert judged.state == TrialState.COMPLETE
    assert judged.user_attrs["parts"][-1]["part"] == 10
    assert multiprocessing.active_children() == []
