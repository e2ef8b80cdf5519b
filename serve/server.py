"""Runs the service with uvicorn until it is told to stop, and then answers what it has accepted."""

import logging
import signal
import socket
import sys
from types import FrameType

import uvicorn

from genloss.model.scoring.bundle import load_bundle
from genloss.serve.app import create_app
from genloss.serve.http.protocol import DeadlineProtocol
from genloss.serve.jobs.supervision import load_jobs
from genloss.serve.logs import logging_config
from genloss.serve.settings import Settings, SettingsError

log = logging.getLogger("genloss.serve")


def run(settings: Settings) -> None:
    """Listens until SIGTERM or SIGINT, then finishes running requests and returns.

    Raises:
        BundleError: the model cannot be loaded.
        ExtraMissingError: training is on, but its packages are not installed.
        SettingsError: nobody can listen on this address.
    """
    # Said in one line now instead of in a traceback of the lifespan.
    load_bundle(settings.bundle)
    if settings.training_token is not None:
        load_jobs()
    on_terminal = sys.stderr.isatty()
    listener = _listen(settings)
    app = create_app(settings)
    config = uvicorn.Config(
        app,
        http=_protocol(settings),
        ws="none",
        lifespan="on",
        log_config=logging_config(settings.log_level, on_terminal),
        access_log=False,  # uvicorn's holds addresses and queries; http/metrics.py writes its own
        server_header=False,
        timeout_graceful_shutdown=round(settings.stop_seconds),
    )
    # uvicorn raises the signal again when it is done, which would end the process with a failure.
    previous = {number: signal.signal(number, _ignore) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        address = listener.getsockname()
        host = f"[{address[0]}]" if listener.family is socket.AF_INET6 else address[0]
        said = "genloss serves on http://%s:%d — Ctrl-C stops it" if on_terminal else "genloss listens on http://%s:%d"
        log.info(said, host, address[1])
        server = uvicorn.Server(config)
        app.state.is_stopping = lambda: server.should_exit  # streams of events end then
        server.run([listener])
    finally:
        listener.close()
        for number, handler in previous.items():
            signal.signal(number, handler)


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as error:
        raise SettingsError(f"cannot listen on {settings.host} port {settings.port}: {error.strerror or error}") from error


def _protocol(settings: Settings) -> type[DeadlineProtocol]:
    class Protocol(DeadlineProtocol):
        header_seconds = settings.header_seconds

    return Protocol


def _ignore(number: int, frame: FrameType | None) -> None:
    pass
