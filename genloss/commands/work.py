"""`genloss work`: runs the training jobs of a service that has no worker of its own."""

import logging.config
import signal
import threading

from genloss.model.errors import ExtraMissingError

EXAMPLES = """GENLOSS_JOBS_URL=postgresql://me@host/genloss genloss work"""


def work() -> int:
    """Run the training jobs of a service.

    The service is started with GENLOSS_JOBS_WORKER=separate. Set the same GENLOSS_JOBS_URL, GENLOSS_JOBS_FOLDER and
    GENLOSS_PAIRS_FOLDER as for the service; docs/using/training-jobs.md explains them. On Ctrl-C or SIGTERM it stops,
    and the next worker resumes its job. Needs the extras `serve`, `jobs` and `train`; also `datagen` for jobs that
    upload originals, and `search` for jobs that search.
    """
    try:
        from genloss.serve.jobs import worker
        from genloss.serve.logs import logging_config
        from genloss.serve.settings import read_settings
    except ImportError as error:
        raise ExtraMissingError("training jobs", "serve,jobs", error) from error
    settings = read_settings()
    logging.config.dictConfig(logging_config(settings.log_level))
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    worker.work(worker.worker_config(settings), stopping)
    return 0
