"""Answers that reach a client that is still sending: an unread upload would reset the connection, and the answer be lost."""

import asyncio
import json
from dataclasses import dataclass

from starlette.types import Message, Receive, Send

from genloss.serve.http.problems import MEDIA_TYPE, STATUSES, problem

RETRY_AFTER_SECONDS = 1
DRAIN_BYTES = 256 * 1024  # of a refused body, read before the answer
LINGER_BYTES = 16 * 1024 * 1024  # of a refused body, read after the answer so that the answer survives
LINGER_SECONDS = 2.0
_CLOSE = (b"connection", b"close")


@dataclass
class Refusal:
    """A rejection that reaches the client even if the client is still sending."""

    receive: Receive
    send: Send
    waits_for_continue: bool

    async def answer(self, code: str, detail: str, read: bool = False) -> None:
        """Sends the problem document.

        Args:
            code, detail: as for serve.http.problems.problem.
            read: True if no more of the body is to be read: it is complete, or was too slow.
        """
        is_slow = code == "body_timeout"
        is_silent = self.waits_for_continue or (read and is_slow)
        answer = EarlyAnswer(self.receive, self.send, is_silent, has_ended=read and not is_slow)
        body = json.dumps(problem(code, detail)).encode()
        headers = [(b"content-type", MEDIA_TYPE.encode()), (b"content-length", str(len(body)).encode())]
        if code == "overloaded":
            headers.append((b"retry-after", str(RETRY_AFTER_SECONDS).encode()))
        await answer.send({"type": "http.response.start", "status": STATUSES[code], "headers": headers})
        await answer.send({"type": "http.response.body", "body": body})


class EarlyAnswer:
    """The two ends of a request whose body is passed on chunk by chunk. An answer before the end of the body survives.

    Args:
        receive, send: of the server.
        is_silent: whether nothing is read before an answer. A client that waits for "100 Continue" sends its body only after
            the first `receive`, and none if it gets any other answer; another one was too slow already.
        has_ended: whether the body is complete.
    """

    def __init__(self, receive: Receive, send: Send, is_silent: bool, has_ended: bool = False) -> None:
        self._receive, self._send = receive, send
        self._is_silent = is_silent
        self._ended = has_ended
        self._lingers = False

    async def receive(self) -> Message:
        """The next message of the client."""
        self._is_silent = False
        message = await self._receive()
        self._ended = self._ended or not message.get("more_body", False)
        return message

    async def send(self, message: Message) -> None:
        """Sends a part of the answer. The connection closes after an answer before the end of the body."""
        is_early = message["type"] == "http.response.start" and not self._ended
        if is_early and (self._is_silent or not await drained(self.receive, DRAIN_BYTES)):
            self._lingers = not self._is_silent
            message = {**message, "headers": [*message.get("headers", ()), _CLOSE]}
        is_last = message["type"] == "http.response.body" and not message.get("more_body", False)
        if not (is_last and self._lingers):
            await self._send(message)
            return
        await self._send({**message, "more_body": True})
        await drained(self.receive, LINGER_BYTES)
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})


async def drained(receive: Receive, most_bytes: int) -> bool:
    """Discards the rest of a body; True if it ended within `most_bytes` and LINGER_SECONDS."""
    left = most_bytes
    try:
        async with asyncio.timeout(LINGER_SECONDS):
            while left > 0:
                message = await receive()
                if not message.get("more_body", False):
                    return True
                left -= len(message.get("body", b""))
    except TimeoutError:
        pass
    return False
