"""Bodies where nobody expects them, and clients that hang up while they send, below any server."""

import asyncio
import json

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from genloss.serve.http.admission import Admission, Load
from genloss.serve.settings import Settings

CHUNKED = [(b"transfer-encoding", b"chunked")]


def _ask(app, method, path, headers, messages):
    """What an application behind the layer answers: status and body, or None; and the load afterwards."""
    load, sent, left = Load(), [], [*messages]
    layer = Admission(app, Settings(max_body_bytes=1024), load, {"/streamed": 4096})

    async def receive():
        return left.pop(0) if left else await asyncio.Future()

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "headers": headers, "query_string": b""}
    asyncio.run(asyncio.wait_for(layer(scope, receive, send), 20))
    answer = (sent[0]["status"], b"".join(message.get("body", b"") for message in sent)) if sent else None
    return answer, load, left


async def _ignoring(scope, receive, send):
    await PlainTextResponse("alive")(scope, receive, send)


async def _reading(scope, receive, send):
    async for _ in Request(scope, receive).stream():
        pass
    await PlainTextResponse("read")(scope, receive, send)


def _body(data, more=False):
    return {"type": "http.request", "body": data, "more_body": more}


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "DELETE"])
def test_a_body_of_a_request_that_should_have_none_is_read_and_bounded(method):
    answer, load, left = _ask(_ignoring, method, "/livez", CHUNKED, [_body(b"x" * 500, True), _body(b"x" * 500)])
    assert answer == (200, b"alive")
    assert left == []  # an unread body would reset the connection
    assert load == Load()
    answer, load, _ = _ask(_ignoring, method, "/livez", [(b"content-length", b"5000")], [_body(b"x" * 5000)])
    assert (answer[0], json.loads(answer[1])["code"]) == (413, "body_too_large")
    answer, _, left = _ask(_ignoring, method, "/livez", [(b"content-length", b"0")], [_body(b"")])
    assert answer == (200, b"alive")
    assert left  # nothing to read


def test_bodies_that_announce_no_length_are_bounded_together():
    load = Load()
    layer = Admission(_reading, Settings(max_body_bytes=1024, max_buffered_bytes=1500), load, {})

    async def post(messages):
        sent = []

        async def send(message):
            sent.append(message)

        scope = {"type": "http", "method": "POST", "path": "/score", "headers": CHUNKED, "query_string": b""}
        await layer(scope, messages.get, send)
        return sent[0]["status"], b"".join(message.get("body", b"") for message in sent)

    async def crowd():
        first, second = asyncio.Queue(), asyncio.Queue()
        first.put_nowait(_body(b"x" * 1000, True))
        waiting = asyncio.create_task(post(first))
        await asyncio.sleep(0)  # until the first chunk is read
        second.put_nowait(_body(b"x" * 1000, True))
        second.put_nowait(_body(b""))
        refused = await post(second)
        first.put_nowait(_body(b"x"))
        return refused, await waiting

    (status, document), answer = asyncio.run(asyncio.wait_for(crowd(), 20))
    assert (status, json.loads(document)["code"]) == (429, "overloaded")
    assert answer == (200, b"read")
    assert load == Load()


@pytest.mark.parametrize(("path", "app"), [("/streamed", _reading), ("/v1/score", _reading)])
def test_a_client_that_hangs_up_while_it_sends_is_no_error_of_the_service(path, app):
    answer, load, _ = _ask(app, "POST", path, CHUNKED, [_body(b"x", True), {"type": "http.disconnect"}])
    assert answer is None
    assert load == Load()


def test_an_answer_before_the_end_of_an_upload_comes_before_the_rest_is_given_up():
    chunks = [_body(b"x" * 100_000, True) for _ in range(10)]
    answer, _, left = _ask(_ignoring, "POST", "/streamed", CHUNKED, [*chunks, _body(b"", False)])
    assert answer == (200, b"alive")
    assert left == []


def test_a_client_that_waits_for_permission_is_answered_without_its_body():
    headers = [*CHUNKED, (b"expect", b"100-continue")]
    answer, _, left = _ask(_ignoring, "POST", "/streamed", headers, [_body(b"never sent")])
    assert answer == (200, b"alive")
    assert left
