"""What `genloss work` does: run the training jobs of a service that has no worker of its own."""

import logging.config
import signal
import threading

from model.errors import GenerationLossError

try:
    from serve.job_worker import work, worker_config
    from serve.logs import logging_config
    from serve.settings import read_settings
except ImportError as error:
    raise GenerationLossError(
        f"training jobs need more packages ({error}); install them with pip install 'genloss[serve,jobs]'"
    ) from error


def run_worker() -> None:
    """Takes jobs until SIGTERM or SIGINT, then ends with exit code 0; interrupted jobs go on with the next worker.

    Raises:
        SettingsError: a setting is wrong.
    """
    settings = read_settings()
    logging.config.dictConfig(logging_config(settings.log_level))
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    work(worker_config(settings), stopping)
