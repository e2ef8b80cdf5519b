"""One trial in its own process: trains for a given time on a fraction of the data, measures, and sends the result.

A process of its own keeps the study alive if the training is killed (no memory, a crash in a library), and frees all memory
for the next trial.
"""

import contextlib
import multiprocessing
import os
import threading
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from genloss.model.errors import GenerationLossError
from genloss.model.measurements.features import FeatureConfig
from genloss.model.networks.config import NetworkConfig
from genloss.model.networks.onnx_export import export_onnx
from genloss.model.networks.tower import build_tower
from genloss.model.scoring.evaluation import chain_accuracy
from genloss.model.training.configuration import from_document
from genloss.model.training.dataset import ChainSet, open_chains
from genloss.model.training.timed_training import train_for
from genloss.model.training.tower_training import score_versions
from genloss.search.latency import compare_latency
from genloss.search.trial_messages import Failed, Judged, Measured, Refused, TrialTask

# Ranking configurations needs no more; judging takes seconds instead of minutes.
MOST_JUDGING_CHAINS = 1000


def run_trial(task: TrialTask, connection: Connection) -> None:
    """Sends Measured, a PartReport for every part, and Judged; or Refused or Failed in place of the rest."""
    _end_with_parent()
    try:
        data = trial_data(open_chains(task.pairs, FeatureConfig()), task.fraction, task.data_seed, task.half)
        network, training = from_document(
            {**task.document, "training": {**task.document["training"], "seed": task.training_seed}}, data.metadata.shape[1]
        )
        measured = measure(network)
        connection.send(measured)
        if measured.size > task.max_size:
            connection.send(Refused(f"{measured.size:.1f} times the size of the shipped tower"))
        elif measured.latency > task.max_latency:
            connection.send(Refused(f"takes {measured.latency:.1f} times as long as the shipped tower"))
        else:
            tower = train_for(data, network, training, task.seconds, connection.send)
            scores = score_versions(tower, data, "validation", FeatureConfig().n_blocks, 64)
            connection.send(Judged(chain_accuracy(scores)))
    except MemoryError:
        connection.send(Failed("out of memory"))
    except GenerationLossError as error:
        connection.send(Failed(str(error)))
    except Exception as error:  # TensorFlow has its own errors for lack of memory; none may end the study
        text = " ".join(str(error).split())
        connection.send(Failed(f"{type(error).__name__}: {text[:300]}"))


def trial_data(data: ChainSet, fraction: float, seed: int, half: int) -> ChainSet:
    """A seeded fraction of the training chains, and one half of the validation chains; without the test split."""
    train, validation = data.chains["train"], data.chains["validation"]
    chosen = np.random.default_rng([seed, 0]).permutation(len(train))[: max(1, round(fraction * len(train)))]
    dealt = np.random.default_rng([seed, 1]).permutation(len(validation))[half::2][:MOST_JUDGING_CHAINS]
    # In stored order, so that neighbours on disk are read together.
    chains = {"train": train[np.sort(chosen)], "validation": validation[np.sort(dealt)]}
    return ChainSet(data.blocks, data.n_present, data.metadata, chains, data.sha256)


def measure(network: NetworkConfig) -> Measured:
    """Size and latency of an untrained tower; neither depends on the values of the weights."""
    shipped = export_onnx(build_tower(NetworkConfig(network.metadata_size)))
    candidate = export_onnx(build_tower(network))
    ratio, milliseconds = compare_latency(candidate, shipped, FeatureConfig().n_blocks, network.metadata_size)
    return Measured(len(candidate) / 1e6, len(candidate) / len(shipped), ratio, milliseconds)


def _end_with_parent() -> None:
    """Ends this process when its parent is gone, however that ended; and lets Linux sacrifice this process first."""
    parent = multiprocessing.parent_process()
    if parent is None:  # called directly
        return

    def wait() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("800")
