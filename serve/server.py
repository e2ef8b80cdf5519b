"""Runs the service with uvicorn; after a signal it still answers the requests it has accepted."""

import logging
import socket
import sys

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from genloss.model.scoring.bundle import load_bundle
from genloss.serve.app import create_app
from genloss.serve.http.listening import listen, no_second_signal
from genloss.serve.http.protocol import DeadlineProtocol
from genloss.serve.jobs.supervision import load_jobs
from genloss.serve.logs import logging_config
from genloss.serve.settings import Settings

log = logging.getLogger("genloss.serve")


def run(settings: Settings) -> None:
    """Listens until SIGTERM or SIGINT, then finishes running requests and returns.

    Raises:
        BundleError: the model cannot be loaded.
        ExtraMissingError: training is on, but its packages are not installed.
        SettingsError: the service cannot listen on this address.
        TrainingError: training is on, but this system has no POSIX file locks.
        Exception: what else stops the application at its start, such as too little memory.
    """
    # Errors here become one line for the user; in the lifespan they would become a traceback.
    load_bundle(settings.bundle)
    if settings.training_token is not None:
        load_jobs()
    on_terminal = sys.stderr.isatty()
    listener = listen(settings.host, settings.port, 2048)
    app = create_app(settings)
    startup = _Startup(app)
    config = uvicorn.Config(
        startup,
        http=_protocol(settings),
        ws="none",
        lifespan="on",
        log_config=logging_config(settings.log_level, on_terminal),
        access_log=False,  # uvicorn's log holds addresses and queries; http/metrics.py logs without
        server_header=False,
        timeout_graceful_shutdown=round(settings.stop_seconds),
    )
    with no_second_signal(), listener:
        address = listener.getsockname()
        host = f"[{address[0]}]" if listener.family is socket.AF_INET6 else address[0]
        said = "genloss serves on http://%s:%d — Ctrl-C stops it" if on_terminal else "genloss listens on http://%s:%d"
        log.info(said, host, address[1])
        server = uvicorn.Server(config)
        app.state.is_stopping = lambda: server.should_exit  # ends event streams
        try:
            server.run([listener])
        except SystemExit:  # uvicorn's answer to a start that fails, with an exit code of its own
            if startup.failure is None:
                raise
    if startup.failure is not None:
        raise startup.failure


class _Startup:
    """Keeps the error that stops the application at its start; uvicorn would log its traceback.

    Args:
        app: the application.

    Attributes:
        failure: that error; None if the application started.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.failure: Exception | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes everything on to the application."""
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return

        async def send_without_traceback(message: Message) -> None:
            await send({"type": message["type"]} if message["type"] == "lifespan.startup.failed" else message)

        try:
            await self._app(scope, receive, send_without_traceback)
        except Exception as error:
            self.failure = error
            raise


def _protocol(settings: Settings) -> type[DeadlineProtocol]:
    class Protocol(DeadlineProtocol):
        header_seconds = settings.header_seconds

    return Protocol
