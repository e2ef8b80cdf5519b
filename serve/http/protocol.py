"""uvicorn's HTTP protocol with the deadlines it lacks: for receiving headers and for sending answers."""

import asyncio
import json
import socket
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from genloss.serve.http.problems import MEDIA_TYPE, STATUSES, problem

MAX_HEADER_BYTES = 64 * 1024


class DeadlineProtocol(HttpToolsProtocol):
    """Closes a connection if its headers are slow or endless, or if the client does not read the answer.

    Attributes:
        header_seconds: longest time from the connection, or from the first byte of a further request, to the last header.
        send_seconds: longest time for the client to read the buffered part of an answer.
    """

    header_seconds = 10.0
    send_seconds = 30.0

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._header_timer: asyncio.TimerHandle | None = None
        self._header_bytes = 0
        self._send_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Starts the deadline for the first request's headers."""
        super().connection_made(transport)
        # asyncio sets TCP_NODELAY only on sockets created with an explicit protocol number; create_server and uvicorn give
        # none. Without the option, the body of an answer waits 40 ms for the client to acknowledge the head.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._expect_headers()

    def data_received(self, data: bytes) -> None:
        """Feeds the parser; rejects a request whose headers exceed MAX_HEADER_BYTES."""
        if self._header_timer is None and (self.cycle is None or self.cycle.response_complete):
            self._expect_headers()
        self._header_bytes += len(data)
        super().data_received(data)
        if self._header_timer is not None and self._header_bytes > MAX_HEADER_BYTES:
            self._refuse("headers_too_large", f"the headers are larger than {MAX_HEADER_BYTES} bytes")

    def on_headers_complete(self) -> None:
        """Ends the deadline for headers."""
        self._stop_timers()
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        """Starts the send deadline if a part of the answer is still buffered."""
        super().on_response_complete()
        if self.transport.get_write_buffer_size():
            self._expect_taking()

    def pause_writing(self) -> None:
        """Starts the send deadline, since the write buffer is full."""
        super().pause_writing()
        self._expect_taking()

    def resume_writing(self) -> None:
        """Ends the send deadline, since the client has read most of the buffer."""
        self._stop_timers()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancels all deadlines."""
        self._stop_timers()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Answers invalid HTTP with a problem document, too."""
        self._refuse("request_malformed", "this is not a valid HTTP request")

    def _expect_headers(self) -> None:
        self._header_bytes = 0
        self._header_timer = self.loop.call_later(self.header_seconds, self._headers_are_late)

    def _headers_are_late(self) -> None:
        if self._header_bytes:
            self._refuse("header_timeout", f"the headers took longer than {self.header_seconds:g} s")
        else:  # a connection opened in advance and never used
            self.transport.close()

    def _expect_taking(self) -> None:
        if self._send_timer is None:
            self._send_timer = self.loop.call_later(self.send_seconds, self.transport.abort)

    def _refuse(self, code: str, detail: str) -> None:
        self._stop_timers()
        if self.transport.is_closing():
            return
        status, body = STATUSES[code], json.dumps(problem(code, detail)).encode()
        head = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\ncontent-type: {MEDIA_TYPE}\r\n"
        self.transport.write(f"{head}content-length: {len(body)}\r\nconnection: close\r\n\r\n".encode() + body)
        self.transport.close()

    def _stop_timers(self) -> None:
        for timer in (self._header_timer, self._send_timer):
            if timer is not None:
                timer.cancel()
        self._header_timer = self._send_timer = None
