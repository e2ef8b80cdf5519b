"""Uploads meant to hurt, between good ones: never a 5xx, never a hang, and every good one gets its right score."""

import asyncio
import io
import random
import struct
import zlib

import httpx2 as httpx
import pytest
from PIL import Image

from tests.fixtures import LIMIT_SECONDS, ROOT, http, service, wait_until

SAMPLES = sorted((ROOT / "samples").glob("*/*.*"))
SIDE_BY_SIDE = 8


def _damaged(chance: random.Random) -> bytes:
    """One hostile upload; the same for the same state of `chance`."""
    data = bytearray(chance.choice(SAMPLES).read_bytes())
    kind = chance.choice(["cut", "flip", "splice", "head", "noise", "bomb", "scans", "frames", "empty", "form"])
    if kind == "cut":
        return bytes(data[: chance.randrange(len(data))])
    if kind == "flip":
        for _ in range(chance.choice([1, 4, 64])):
            data[chance.randrange(len(data))] = chance.randrange(256)
        return bytes(data)
    if kind == "splice":
        other = chance.choice(SAMPLES).read_bytes()
        return bytes(data[: chance.randrange(len(data))]) + other[chance.randrange(len(other)) :]
    if kind == "head":
        return bytes(data[:32]) + chance.randbytes(2000)
    if kind == "noise":
        return chance.randbytes(chance.choice([1, 7, 64, 4096]))
    if kind == "bomb":
        return _png_bomb(*chance.choice([(1500, 1500), (20_000, 20_000)]))
    if kind == "scans":
        return JPEG_SCANS
    if kind == "frames":
        return b"GIF89a" + struct.pack("<HHBBB", 60000, 60000, 0x80, 0, 0) + b"\0" * 6 + b"," + chance.randbytes(200)
    return b"" if kind == "empty" else b"--x\r\nContent-Disposition: form-data; name=\r\n\r\n" + bytes(data)


def _png_bomb(width: int, height: int) -> bytes:
    """Many pixels of nothing in a small file."""
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"\0" * (height * (1 + (width + 7) // 8)), 9)),
        (b"IEND", b""),
    ]
    packed = (struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


def _many_scans() -> bytes:
    stream = io.BytesIO()
    Image.new("L", (64, 64), 120).save(stream, "JPEG", progressive=True)
    whole = stream.getvalue()
    start = whole.rindex(b"\xff\xda")
    return whole[:start] + whole[start:-2] * 400 + whole[-2:]


JPEG_SCANS = _many_scans()


@pytest.mark.parametrize("n_hostile", [120, pytest.param(10_000, marks=pytest.mark.slow)])
def test_hostile_uploads_harm_nobody(scorer, n_hostile):
    right = {path: scorer.score(path.read_bytes()).generation_loss for path in SAMPLES}
    chance = random.Random(1683)
    work = [None] * n_hostile + [chance.choice(SAMPLES) for _ in range(n_hostile // 5)]
    chance.shuffle(work)
    statuses: dict[int, int] = {}

    async def client(session, left):
        for good in left:
            form = chance.random() < 0.5
            data = good.read_bytes() if good else _damaged(chance)
            answer = await session.post("/v1/score", **({"files": {"file": data}} if form else {"content": data}))
            if good:
                assert (answer.status_code, answer.json()["generation_loss"]) == (200, right[good])
            else:
                statuses[answer.status_code] = statuses.get(answer.status_code, 0) + 1
                if answer.status_code != 200:
                    assert answer.headers["content-type"] == "application/problem+json"
                    assert answer.json()["status"] == answer.status_code

    async def everybody(url):
        left = iter(work)
        async with httpx.AsyncClient(base_url=url, timeout=LIMIT_SECONDS) as session:
            await asyncio.gather(*(client(session, left) for _ in range(SIDE_BY_SIDE)))
            answer = await session.get("/readyz")
            assert answer.status_code == 200

    with service(workers=2, scoring_seconds=LIMIT_SECONDS) as running:
        asyncio.run(everybody(running.url))
        lines = list(running.lines)
    assert sum(statuses.values()) == n_hostile
    assert set(statuses) <= {200, 400, 415, 422}, statuses
    assert not any('"level": "ERROR"' in line for line in lines)


def test_a_picture_that_takes_too_long_is_given_up_and_the_next_one_is_scored():
    slow = _png_bomb(9000, 9000)
    good = SAMPLES[0].read_bytes()
    with service(workers=1, scoring_seconds=0.5) as running:
        for _ in range(2):
            answer = http.post(f"{running.url}/score", content=slow)
            assert (answer.status_code, answer.json()["code"]) == (422, "decode_timeout")

        def scores():
            return http.post(f"{running.url}/score", content=good).status_code == 200

        wait_until(scores, "the worker that replaced the one it stuck in scores within half a second")
