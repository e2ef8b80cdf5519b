"""Entry point of a trial's process. It imports no TensorFlow, whose messages at import would break the progress bar."""

from multiprocessing.connection import Connection

from genloss.model.quiet import quiet_stderr
from genloss.search.trial_messages import TrialTask


def start_trial(task: TrialTask, connection: Connection) -> None:
    """Runs trial_training.run_trial with standard error silenced."""
    with quiet_stderr():
        from genloss.search.trial_training import run_trial

        run_trial(task, connection)
