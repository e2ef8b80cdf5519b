"""Helpers around uvicorn for every server: listen before start-up, and end cleanly on a signal."""

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from genloss.serve.settings import SettingsError


def listen(host: str, port: int, backlog: int) -> socket.socket:
    """Opens a listening TCP socket.

    Args:
        host: address or name.
        port: 0 for a free one.
        backlog: most connections that wait to be accepted.

    Raises:
        SettingsError: the system refuses this host or port.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=backlog)
    except OSError as error:
        raise SettingsError(f"cannot listen on {host} port {port}: {error.strerror or error}") from error


@contextmanager
def no_second_signal() -> Iterator[None]:
    """Ignores SIGINT and SIGTERM outside uvicorn's own handlers.

    uvicorn raises the signal again after it has stopped, which would end the process before its clean-up.
    """
    previous = {number: signal.signal(number, lambda number, frame: None) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
