"""Who the page of `genloss review` lets in."""

import asyncio

import pytest

from genloss.serve.review.guard import Guard

TOKEN, PORT = "t" * 32, 4711
HOST = ("host", f"127.0.0.1:{PORT}")


def _status(path: str, *headers: tuple[str, str]) -> int:
    """What the guard answers, 200 where it lets the request through."""
    sent = []

    async def through(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message):
        sent.append(message)

    given = [(name.encode(), value.encode()) for name, value in headers]
    scope = {"type": "http", "method": "GET", "path": path, "headers": given, "query_string": b""}
    asyncio.run(Guard(through, TOKEN, PORT)(scope, lambda: None, send))
    return sent[0]["status"]


@pytest.mark.parametrize(
    "headers",
    [
        [], [("origin", f"http://127.0.0.1:{PORT}"), ("sec-fetch-site", "same-origin")], [("sec-fetch-site", "none")],
    ],
)  # fmt: skip
def test_the_page_itself_is_let_in(headers):
    assert _status(f"/{TOKEN}/queue", HOST, *headers) == 200


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        (f"/{TOKEN}/queue", [("host", f"evil.example:{PORT}")], 421),  # a name that was made to point here
        (f"/{TOKEN}/queue", [("host", "127.0.0.1:80")], 421),
        (f"/{TOKEN}/queue", [], 421),
        (f"/{TOKEN}/queue", [HOST, HOST], 421),
        ("/", [HOST], 404),
        ("*", [HOST], 404),  # OPTIONS *
        (f"/{TOKEN}x/queue", [HOST], 404),
        ("/queue", [HOST], 404),
        (f"/{TOKEN}/undo", [HOST, ("origin", "http://evil.example")], 403),
        (f"/{TOKEN}/undo", [HOST, ("origin", "null")], 403),
        (f"/{TOKEN}/undo", [HOST, ("origin", "http://127.0.0.1:1")], 403),
        (f"/{TOKEN}/", [HOST, ("sec-fetch-site", "cross-site")], 403),
        (f"/{TOKEN}/", [HOST, ("sec-fetch-site", "same-site")], 403),
    ],
)
def test_nobody_else_is(path, headers, status):
    assert _status(path, *headers) == status
