"""Where a trial's process begins: without TensorFlow, whose messages at its import would tear the progress bar."""

from multiprocessing.connection import Connection

from genloss.model.quiet import quiet_stderr
from genloss.search.trial_messages import TrialTask


def start_trial(task: TrialTask, connection: Connection) -> None:
    """What the process runs: trial_training.run_trial, with standard error silenced."""
    with quiet_stderr():
        from genloss.search.trial_training import run_trial

        run_trial(task, connection)
