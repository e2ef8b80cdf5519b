"""Crowds, slow clients, large bodies and clients that leave, over real sockets."""

import asyncio
import io
import json
import signal
import socket
import statistics
import time
from http.client import HTTPConnection, HTTPResponse

import httpx2 as httpx
import pytest
from PIL import Image

from tests.fixtures import LIMIT_SECONDS, ROOT, http, service, wait_until

JPEG = (ROOT / "samples/cat/original.jpg").read_bytes()
HEAD = b"POST /score HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
SLOW = "/score?reasons=true"
SLOW_HEAD = HEAD.replace(b"/score", SLOW.encode())


@pytest.fixture(scope="module")
def small():
    """A service that is easily full."""
    patience = {"header_seconds": LIMIT_SECONDS, "body_seconds": LIMIT_SECONDS}
    with service(max_in_flight=2, max_body_bytes=400_000, **patience) as running:
        yield running


@pytest.fixture(scope="module")
def hasty():
    """A service that waits a second for what a client has to say."""
    with service(header_seconds=1, body_seconds=1) as running:
        yield running


@pytest.fixture(scope="module")
def slow_picture():
    """A picture whose reasons take a hundred times as long as an answer without work."""
    picture = Image.open(ROOT / "samples/drawing/original.png").convert("RGB").resize((2400, 2200))
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=70)
    assert len(stream.getvalue()) < 400_000
    return stream.getvalue()


def test_a_kept_connection_answers_as_quickly_as_a_new_one(small):
    """A client may take 40 ms to acknowledge half an answer, but not on a connection that is new: twenty times as long."""
    kept = HTTPConnection("127.0.0.1", small.port, timeout=LIMIT_SECONDS)
    seconds: dict[str, list[float]] = {"kept": [], "new": []}
    for _ in range(41):
        new = HTTPConnection("127.0.0.1", small.port, timeout=LIMIT_SECONDS)
        for name, connection in (("kept", kept), ("new", new)):
            started = time.monotonic()
            connection.request("GET", "/livez")
            assert connection.getresponse().read()
            seconds[name].append(time.monotonic() - started)
        new.close()
    kept.close()
    assert statistics.median(seconds["kept"]) < 5 * statistics.median(seconds["new"])


def _connect(running) -> socket.socket:
    return socket.create_connection(("127.0.0.1", running.port), timeout=LIMIT_SECONDS)


def _read_all(connection: socket.socket) -> bytes:
    parts = []
    while part := connection.recv(65536):
        parts.append(part)
    return b"".join(parts)


def _read_answer(connection: socket.socket) -> bytes:
    """One whole answer of a connection that may stay open."""
    answer = HTTPResponse(connection)
    answer.begin()
    body = answer.read()
    return b"HTTP/1.1 %d\r\n%s\r\n\r\n" % (answer.status, str(answer.headers).strip().encode()) + body


def _problem(answer: bytes) -> tuple[int, dict]:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head
    return int(head.split()[1]), json.loads(body)


def _figure(text: str, name: str) -> float:
    """The value of a line of /metrics; 0 where it has none yet."""
    return float(next((line for line in text.splitlines() if line.startswith(f"{name} ")), "none 0").rpartition(" ")[2])


def _n_working(text: str) -> float:
    return _figure(text, "genloss_requests_working")


def _n_scored(text: str) -> float:
    return _figure(text, 'genloss_model_seconds_count{reasons="True"}')


def _metrics(running) -> str:
    return http.get(f"{running.url}/metrics").text


def _wait_until_working(running, n_requests: int) -> None:
    wait_until(lambda: _n_working(_metrics(running)) >= n_requests, f"{n_requests} requests are worked on")


def test_a_crowd_gets_scores_or_429_and_readiness_does_not_wait_for_them(small, slow_picture):
    async def crowd():
        limits = httpx.Limits(max_connections=50)
        async with httpx.AsyncClient(base_url=small.url, timeout=LIMIT_SECONDS, limits=limits) as client:
            requests = [asyncio.create_task(client.post(SLOW, content=slow_picture)) for _ in range(24)]
            while _n_working((await client.get("/metrics")).text) < 2:
                await asyncio.sleep(0.01)
            ready = await client.get("/readyz")
            unfinished = [request for request in requests if not request.done()]
            return ready, unfinished, await asyncio.gather(*requests)

    ready, unfinished, answers = asyncio.run(crowd())
    assert (ready.status_code, ready.json()["status"]) == (200, "ready")
    assert unfinished
    refused = [answer for answer in answers if answer.status_code == 429]
    assert {answer.status_code for answer in answers} == {200, 429}
    assert all(answer.headers["retry-after"] == "1" and answer.json()["code"] == "overloaded" for answer in refused)
    assert http.post(f"{small.url}/score", content=JPEG).status_code == 200


@pytest.mark.parametrize("n_bytes", [300_000, 399_999])
def test_a_refused_upload_of_any_size_still_gets_its_answer(small, slow_picture, n_bytes):
    """The whole body is sent before anything is read: an unread rest would reset the connection."""
    fillers = []
    for _ in range(2):
        filler = _connect(small)
        filler.sendall(SLOW_HEAD % len(slow_picture) + slow_picture)
        fillers.append(filler)
    _wait_until_working(small, 2)
    with _connect(small) as late:
        late.sendall(HEAD % n_bytes + b"x" * n_bytes)
        status, document = _problem(_read_answer(late))
    assert (status, document["code"]) == (429, "overloaded")
    for filler in fillers:
        assert b" 200" in _read_answer(filler)
        filler.close()


def test_a_body_over_the_limit_is_refused_before_it_is_parsed_announced_or_not(small):
    announced = http.post(f"{small.url}/score", content=b"x" * 5_000_000)

    def chunks():
        for _ in range(50):
            yield b"x" * 100_000

    streamed = http.post(f"{small.url}/score", content=chunks())
    for answer in (announced, streamed):
        assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


def test_a_client_that_waits_for_permission_is_refused_without_sending(small):
    with _connect(small) as client:
        client.sendall(b"POST /score HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\nExpect: 100-continue\r\n\r\n")
        status, document = _problem(_read_all(client))
    assert (status, document["code"]) == (413, "body_too_large")


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (b"POST /score HTTP/1.1\r\nHost: x\r\nX-Slow: ", 408, "header_timeout"),
        (HEAD % 1000 + b"x", 408, "body_timeout"),
        (b"GET / HTTP/1.1\r\n" + b"X-Long: " + b"y" * 66_000, 431, "headers_too_large"),
        (b"this is no HTTP\r\n\r\n", 400, "request_malformed"),
    ],
    ids=["slow headers", "slow body", "endless headers", "not HTTP"],
)
def test_slow_and_strange_clients_are_closed_on_a_deadline(hasty, sent, status, code):
    with _connect(hasty) as client:
        client.sendall(sent)
        answer = _problem(_read_all(client))
    assert (answer[0], answer[1]["code"]) == (status, code)


def test_a_connection_that_never_says_anything_is_closed(hasty):
    with _connect(hasty) as client:
        assert _read_all(client) == b""


def test_slow_second_headers_on_a_kept_connection_are_closed_too(hasty):
    with _connect(hasty) as client:
        client.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b" 200" in _read_answer(client)
        client.sendall(b"GET /livez HTTP/1.1\r\nHos")
        assert _problem(_read_all(client))[0] == 408


def test_a_client_that_leaves_frees_its_slot_before_its_picture_is_scored(small, slow_picture):
    before = _n_scored(_metrics(small))
    leaving = [_connect(small) for _ in range(2)]
    for client in leaving:
        client.sendall(SLOW_HEAD % len(slow_picture) + slow_picture)
    _wait_until_working(small, 2)
    for client in leaving:
        client.close()
    seen = []

    def freed():
        seen.append(_metrics(small))
        return _n_working(seen[-1]) == 0

    wait_until(freed, "nobody works for those who left")
    assert _n_scored(seen[-1]) < before + 2
    assert http.post(f"{small.url}/score", content=JPEG).status_code == 200


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stopping_answers_what_was_accepted_and_exits_with_0(slow_picture, number):
    with service(max_in_flight=4) as running:
        clients = [_connect(running) for _ in range(3)]
        for client in clients:
            client.sendall(SLOW_HEAD % len(slow_picture) + slow_picture)
        _wait_until_working(running, 3)
        running.process.send_signal(number)
        for client in clients:
            assert b" 200" in _read_answer(client)
            client.close()
        assert running.process.wait(LIMIT_SECONDS) == 0
