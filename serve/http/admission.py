"""Admission of requests: rejects under overload, bounds bodies, and cancels the work of clients that disconnect.

uvicorn waits for ever for a slow body. A rejection that leaves the upload unread is lost to a TCP reset on its way.
So this layer reads bodies, bounded in bytes and time, before anything is parsed.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from genloss.serve.http.refusals import EarlyAnswer, Refusal
from genloss.serve.settings import Settings

UPLOADS_PER_SLOT = 8  # uploads per request of max_in_flight; a slow upload does not block a fast one
LEAST_BYTES_PER_SECOND = 64 * 1024  # every so many bytes extend a body's deadline by 1 s
_BODILESS = ("GET", "HEAD", "OPTIONS", "DELETE")


class _DisconnectedError(Exception):
    pass


class _BodyTooLargeError(Exception):
    pass


class _MemoryFullError(Exception):
    pass


@dataclass
class Load:
    """The current load, read by the metrics.

    Attributes:
        working: admitted requests that wait for or hold a worker.
        uploading: requests whose bodies are still arriving.
        buffered_bytes: bodies held in memory.
    """

    working: int = 0
    uploading: int = 0
    buffered_bytes: int = 0


class _Held:
    """The memory that one body takes, counted in the load.

    Args:
        load: counters to update.
        n_bytes: announced by the client.

    Attributes:
        n_bytes: counted so far.
    """

    def __init__(self, load: Load, n_bytes: int) -> None:
        self._load = load
        self.n_bytes = 0
        self.resize(n_bytes)

    def resize(self, n_bytes: int) -> None:
        """Counts another size."""
        self._load.buffered_bytes += n_bytes - self.n_bytes
        self.n_bytes = n_bytes

    @property
    def is_alone(self) -> bool:
        """Whether no other body is held. A single one is always taken."""
        return self._load.buffered_bytes == self.n_bytes


class Admission:
    """ASGI layer that admits at most `max_in_flight` requests with a body, and rejects the others at once.

    Requests that bring no body (pages, health, progress of jobs) always pass. Paths in `streamed` get their
    body chunk by chunk instead of whole, hold no slot, and have a limit of their own.

    Args:
        app: the layer below.
        settings: limits and deadlines.
        load: counters to update.
        streamed: largest body in bytes by exact path.
    """

    def __init__(self, app: ASGIApp, settings: Settings, load: Load, streamed: Mapping[str, int]) -> None:
        self._app = app
        self._settings = settings
        self._load = load
        self._streamed = streamed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope.get("headers", ()))
        announced = int(headers.get(b"content-length", b"0"))  # the HTTP parser accepts digits only
        has_body = announced > 0 or b"transfer-encoding" in headers
        # A body that nobody reads would reset the connection, so that even GET must not bring one past this layer.
        if scope["type"] != "http" or (scope["method"] in _BODILESS and not has_body):
            await self._app(scope, receive, send)
            return
        limit = self._streamed.get(scope["path"], self._settings.max_body_bytes)
        refused = Refusal(receive, send, headers.get(b"expect", b"").lower() == b"100-continue")
        if announced > limit:
            await refused.answer("body_too_large", f"{announced} bytes are more than the limit of {limit}")
        elif scope["path"] in self._streamed:
            await self._stream(scope, receive, send, limit, refused)
        elif self._is_full(announced):
            await refused.answer("overloaded", "too many requests are being worked on; try again later")
        else:
            await self._admit(scope, receive, send, announced, refused)

    async def _admit(self, scope: Scope, receive: Receive, send: Send, announced: int, refused: "Refusal") -> None:
        load = self._load
        load.uploading += 1
        held = _Held(load, announced)
        try:
            try:
                body = await self._read(receive, held)
            finally:
                load.uploading -= 1
            held.resize(len(body))
            if load.working >= self._settings.max_in_flight:
                await refused.answer("overloaded", "too many requests are being worked on; try again later", read=True)
                return
            load.working += 1
            try:
                await self._work(scope, receive, send, body)
            finally:
                load.working -= 1
        except TimeoutError:
            await refused.answer("body_timeout", "the body arrived too slowly", read=True)
        except _BodyTooLargeError:
            await refused.answer(
                "body_too_large", f"the body is larger than the limit of {self._settings.max_body_bytes} bytes"
            )
        except _MemoryFullError:
            await refused.answer("overloaded", "the bodies of too many requests are held in memory; try again later")
        except _DisconnectedError:
            pass
        finally:
            held.resize(0)

    def _is_full(self, announced: int) -> bool:
        load, most = self._load, self._settings.max_in_flight
        return (
            load.working >= most
            or load.uploading >= UPLOADS_PER_SLOT * most
            or (load.buffered_bytes > 0 and load.buffered_bytes + announced > self._settings.max_buffered_bytes)
        )

    async def _read(self, receive: Receive, held: "_Held") -> bytes:
        """The whole body, within its deadline and within the memory for all bodies: a chunked one announces no length."""
        chunks: list[bytes] = []
        received = 0
        started = asyncio.get_running_loop().time()
        async with asyncio.timeout(None) as deadline:
            while True:
                deadline.reschedule(started + self._settings.body_seconds + received / LEAST_BYTES_PER_SECOND)
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise _DisconnectedError
                chunks.append(message.get("body", b""))
                received += len(chunks[-1])
                if received > self._settings.max_body_bytes:
                    raise _BodyTooLargeError
                if received > held.n_bytes:
                    held.resize(received)
                    if not held.is_alone and self._load.buffered_bytes > self._settings.max_buffered_bytes:
                        raise _MemoryFullError
                if not message.get("more_body", False):
                    return b"".join(chunks)

    async def _work(self, scope: Scope, receive: Receive, send: Send, body: bytes) -> None:
        """Runs the layer below on the complete body, and cancels it if the client disconnects."""
        pending = [body]
        answered = False
        gone: asyncio.Future[Message] = asyncio.get_running_loop().create_future()

        async def replay() -> Message:
            if pending:
                return {"type": "http.request", "body": pending.pop(), "more_body": False}
            return await asyncio.shield(gone)

        async def watched_send(message: Message) -> None:
            nonlocal answered
            answered = answered or (message["type"] == "http.response.body" and not message.get("more_body", False))
            await send(message)

        async def watch() -> None:
            message = await receive()
            while message["type"] != "http.disconnect":
                message = await receive()
            gone.set_result(message)
            if not answered:
                task.cancel()

        task = asyncio.ensure_future(self._app(scope, replay, watched_send))
        watcher = asyncio.ensure_future(watch())
        try:
            await task
        except asyncio.CancelledError:
            if not gone.done():  # the server itself is stopping
                task.cancel()
                raise
        finally:
            watcher.cancel()

    async def _stream(self, scope: Scope, receive: Receive, send: Send, limit: int, refused: "Refusal") -> None:
        """Passes chunks on; rejects the request if a chunk is late or the body is too large."""
        received = 0
        started = False

        answer = EarlyAnswer(receive, send, refused.waits_for_continue)

        async def bounded() -> Message:
            nonlocal received
            async with asyncio.timeout(self._settings.body_seconds):
                message = await answer.receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise _BodyTooLargeError
            return message

        async def watched_send(message: Message) -> None:
            nonlocal started
            started = True
            await answer.send(message)

        try:
            await self._app(scope, bounded, watched_send)
        except ClientDisconnect:
            pass  # nobody waits for an answer
        except (TimeoutError, _BodyTooLargeError) as error:
            if started:
                raise
            if isinstance(error, TimeoutError):
                await refused.answer("body_timeout", "the body arrived too slowly", read=True)
            else:
                await refused.answer("body_too_large", f"more bytes than the limit of {limit}")
