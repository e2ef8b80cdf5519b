"""What every server of genloss does around uvicorn: it listens before anything else is said, and ends without a failure."""

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from genloss.serve.settings import SettingsError


def listen(host: str, port: int, backlog: int) -> socket.socket:
    """A socket that listens.

    Args:
        host: address or name.
        port: 0 for a free one.
        backlog: connections that may wait.

    Raises:
        SettingsError: nobody can listen there.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=backlog)
    except OSError as error:
        raise SettingsError(f"cannot listen on {host} port {port}: {error.strerror or error}") from error


@contextmanager
def no_second_signal() -> Iterator[None]:
    """uvicorn raises SIGINT or SIGTERM again when it has stopped, which would end the process before it has cleaned up."""
    previous = {number: signal.signal(number, lambda number, frame: None) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
