"""The page of `genloss review`: who is let in, and a person's way through two groups in a real browser."""

import asyncio
import errno
import os
import re
import signal
import socket
import subprocess
import sys
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from genloss.archive.catalog import Catalog
from genloss.archive.decisions import decisions
from genloss.archive.plan import Action, ActionKind, Group, Relation, make_plan
from genloss.archive.plan_file import read_plan, write_plan
from genloss.archive.report_drawing import Drawings
from genloss.model.errors import DecisionError
from genloss.model.pairs.placement import whole_frame
from genloss.serve.review.app import Endpoints, create_review_app
from genloss.serve.review.pictures import GroupPictures
from genloss.serve.settings import Settings
from tests.archive_tests.conftest import CREATED, member
from tests.fixtures import LIMIT_SECONDS, ROOT, browsing, http, saved

NAME = "<img src=x onerror=alert(1)>.jpg"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A plan of two groups with its catalog; the second group waits for a person."""
    folder = tmp_path_factory.mktemp("review").resolve()
    root = folder / "pictures"
    root.mkdir()
    groups = []
    for number, sample in enumerate(("cat/original.jpg", "drawing/original.png"), 1):
        with Image.open(ROOT / "samples" / sample) as opened:
            picture = opened.convert("RGB").resize((160, 120))
        kept, worse = root / f"{number}.png", root / f"{number} {NAME}"
        kept.write_bytes(saved(picture, "PNG"))
        worse.write_bytes(saved(picture, "JPEG", quality=50))
        first, second = member(kept, 1, True), member(worse, 2)
        away = Action(ActionKind.QUARANTINE, kept, first.sha256) if number == 1 else None
        lying = whole_frame((120, 160), (120, 160))
        second = replace(second, relation=Relation.VERSION, odds=0.999 if away else 0.7, transform=lying, action=away)
        groups.append(Group(number, (first, second)))
    write_plan(make_plan(CREATED, [root], groups), folder / "plan.jsonl")
    with Catalog(folder / "genloss.catalog"):
        pass
    return folder


@pytest.fixture
def served(folder):
    """The process and the address it prints."""
    words = [sys.executable, "-m", "genloss.cli", "review", "plan.jsonl", "--no-open"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(words, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True) as process:
        address = re.search(r"http://127\.0\.0\.1:\d+/[\w-]{32}/", process.stderr.readline())
        try:
            yield process, address[0]
        finally:
            process.kill()


class _OddNames:
    """A review whose files have names that are not UTF-8."""

    def decide(self, number, kind, place):
        raise DecisionError("caf\udce9.jpg holds something of its own")


@pytest.fixture
def endpoints():
    return Endpoints(_OddNames(), None, {}, lambda: {"plan": "caf\udce9.jsonl", "before": None, "next": "x"})


@pytest.fixture
def client(endpoints):
    client = TestClient(create_review_app(endpoints, "token", 80), base_url="http://127.0.0.1")
    client.headers["host"] = "127.0.0.1:80"
    return client


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ('{"group": 1, "place": 0, "kind": "\\ud800"}', "body.kind: "),
        ('{"group": NaN, "place": 0, "kind": "keep_this"}', "body.group: "),
        ('{"group": 1, "place": 0, "kind": "keep_this", "\\ud800": 1}', "body"),
        ("{", "body.1: "),
    ],
)
def test_a_decision_that_is_none_is_refused_whatever_it_holds(client, body, where):
    refused = client.post("/token/decisions", content=body, headers={"content-type": "application/json"})
    assert refused.status_code == 422
    assert refused.json()["code"] == "request_invalid"
    assert refused.json()["detail"].startswith(where)


def test_names_that_are_not_utf8_do_not_break_an_answer(client):
    refused = client.post("/token/decisions", json={"group": 1, "place": 0, "kind": "keep_this"})
    assert (refused.status_code, refused.json()["detail"]) == (409, "caf\\xe9.jpg holds something of its own")
    assert client.post("/token/finish").json() == {"plan": "caf\\xe9.jsonl", "before": None, "next": "x"}


def test_a_request_whose_body_never_ends_or_is_too_large_is_given_up(client, endpoints, monkeypatch):
    async def receive():
        return messages.pop() if messages else await asyncio.Future()

    async def send(message):
        sent.append(message)

    assert client.post("/token/undo", content=b" " * 5000).json()["code"] == "body_too_large"
    messages, sent = [{"type": "http.request", "body": b"{", "more_body": True}], []
    monkeypatch.setattr("genloss.serve.review.app.LIMITS", Settings.model_construct(body_seconds=0.01))
    headers = [(b"host", b"127.0.0.1:80"), (b"content-length", b"2")]
    scope = {"type": "http", "method": "POST", "path": "/token/undo", "headers": headers, "query_string": b""}
    asyncio.run(asyncio.wait_for(create_review_app(endpoints, "token", 80)(scope, receive, send), LIMIT_SECONDS))
    assert sent[0]["status"] == 408


def test_a_full_disk_costs_the_pictures_and_not_the_group(tmp_path):
    def fail(*arguments):
        future = Future()
        future.set_exception(OSError(errno.ENOSPC, "No space left on device"))
        return future

    async def draw():
        await pictures.begin(group)

    (tmp_path / "a.png").write_bytes(b"a picture")
    group = Group(1, (member(tmp_path / "a.png", 1, True),))
    pictures = GroupPictures(Drawings(tmp_path, lambda group, member: 0.0, 100), fail)
    asyncio.run(draw())
    assert pictures.drawings.files == {}


def _wait_for(page, title):
    """The group is shown, and keys speak of it."""
    page.wait_for_selector(f"#title:has-text('{title}')")
    page.wait_for_selector("#members:not([aria-busy])")


@pytest.mark.slow
def test_a_person_decides_and_nobody_else_is_let_in(served, folder, browser):
    process, address = served
    port = address.split(":")[2].split("/")[0]
    assert http.get(f"{address}queue").status_code == 200
    assert http.get(f"http://127.0.0.1:{port}/{'x' * 32}/queue").status_code == 404
    assert http.get(f"http://127.0.0.1:{port}/").status_code == 404
    for headers, status in (
        ({"Host": f"evil.example:{port}"}, 421), ({"Host": "127.0.0.1"}, 421), ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403), ({"Sec-Fetch-Site": "cross-site"}, 403),
    ):  # fmt: skip
        assert http.post(f"{address}undo", headers=headers).status_code == status, headers
    assert http.get(f"{address}pictures/%2e%2e/%2e%2e/plan.jsonl").status_code == 404
    assert http.post(f"{address}decisions", json={"group": 9, "kind": "keep_both", "place": 1}).status_code == 409
    assert http.get(f"{address}queue").headers["content-security-policy"].startswith("default-src 'none'")

    requests, complaints = [], []
    with browsing(browser, viewport={"width": 1280, "height": 900}, reduced_motion="reduce") as page:
        page.on("request", lambda request: requests.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(address)
        _wait_for(page, "Group 2")  # the uncertain one
        page.wait_for_selector("#image-b[src]")
        page.set_viewport_size({"width": 320, "height": 568})
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        page.set_viewport_size({"width": 1280, "height": 900})
        assert NAME in page.locator("#members").inner_text()
        page.keyboard.press("1")  # the first can be chosen, too: to keep the whole group
        assert "the whole group stays" in page.locator("[data-key=l]").inner_text()
        assert [page.locator(f"[data-key={key}]").is_disabled() for key in "kjlx"] == [False, True, False, True]
        page.keyboard.press("2")
        assert "1 and 2 stay" in page.locator("[data-key=l]").inner_text()
        page.keyboard.press("k")
        _wait_for(page, "Group 1")
        assert page.locator("#progress-words").inner_text() == "1 of 2 groups decided"
        with Catalog(folder / "genloss.catalog") as catalog:  # at once
            assert [decision.kind for decision in decisions(catalog)] == ["keep_this"]
        page.keyboard.press("u")
        _wait_for(page, "Group 2")
        page.keyboard.press("j")
        _wait_for(page, "Group 1")
        page.reload()  # goes on where it was
        _wait_for(page, "Group 1")
        page.keyboard.press("x")
        page.get_by_text("Finish: write the plan").click()
        page.wait_for_selector(".command")
        assert page.locator(".command").inner_text() == "genloss apply plan.jsonl --dry-run"
    assert process.wait(LIMIT_SECONDS) == 0
    assert "plan.jsonl.before" in process.stderr.read()
    assert complaints == []
    assert [url for url in requests if not url.startswith(address)] == []
    (group,) = read_plan(folder / "plan.jsonl").groups
    assert [(one.path.name, one.action is not None) for one in group.members] == [(f"2 {NAME}", False), ("2.png", True)]
    assert [one.number for one in read_plan(folder / "plan.jsonl.before").groups] == [1, 2]


@pytest.mark.slow
def test_headers_without_an_end_are_given_up(served):
    _, address = served
    with socket.create_connection(("127.0.0.1", int(address.split(":")[2].split("/")[0])), LIMIT_SECONDS) as client:
        client.sendall(b"GET / HTTP/1.1\r\nx: " + b"x" * 70_000)
        assert client.recv(100).startswith(b"HTTP/1.1 431 ")


@pytest.mark.slow
def test_ctrl_c_saves_what_was_decided(served, folder):
    process, address = served
    http.post(f"{address}decisions", json={"group": 2, "kind": "keep_both", "place": 1})
    process.send_signal(signal.SIGINT)
    assert process.wait(LIMIT_SECONDS) == 0
    assert "next: genloss apply plan.jsonl --dry-run" in process.stderr.read()
    assert all(one.keep for one in read_plan(folder / "plan.jsonl").groups[-1].members)
