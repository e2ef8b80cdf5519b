"""The service under load: latency, capacity, goodput under overload, and memory.

The server (with one worker) and the load generator are bound to one core each. Requests arrive at random moments
and do not wait for answers (open loop), so a slow server cannot reduce its own load. Latency counts from the
moment a request was due.
"""

import argparse
import asyncio
import io
import os
import platform
import random
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
SEED = 1683
ANSWER_SECONDS = 15.0  # after this time without an answer a request counts as lost
PROBE_SECONDS = 0.2
CLOSED_LOOP_CLIENTS = 4


@dataclass
class Outcome:
    """The result of a load.

    Attributes:
        seconds: how long requests were sent.
        statuses: HTTP status of every request; 0 for no answer.
        latencies: in seconds, of the requests answered with 200.
        without_retry_after: number of rejections without a Retry-After header.
        ready_seconds: latencies of /readyz during the load.
    """

    seconds: float = 0.0
    statuses: list[int] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)
    without_retry_after: int = 0
    ready_seconds: list[float] = field(default_factory=list)

    def count(self, *statuses: int) -> int:
        return sum(status in statuses for status in self.statuses)

    @property
    def goodput(self) -> float:
        return self.count(200) / self.seconds

    def percentile_ms(self, share: float) -> float:
        return 1000 * float(np.percentile(self.latencies, share)) if self.latencies else float("nan")


class Client:
    """A pool of kept-alive connections to a server, as many as are needed at once."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Status and head of the answer; status 0 without an answer."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                while self._idle and self._idle[-1][0].at_eof():  # the server closed it because it was idle
                    self._idle.pop()[1].close()
                reader, writer = self._idle.pop() if self._idle else await asyncio.open_connection("127.0.0.1", self._port)
                writer.write(request)
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                found = re.search(rb"content-length: (\d+)", head)
                await reader.readexactly(int(found[1]) if found else 0)
        except (OSError, EOFError, TimeoutError):
            return 0, b""
        if b"connection: close" in head:
            writer.close()
        else:
            self._idle.append((reader, writer))
        return int(head.split()[1]), head

    def close(self) -> None:
        for _, writer in self._idle:
            writer.close()


async def open_loop(port: int, request: bytes, rate: float, seconds: float) -> Outcome:
    """Sends requests at random moments, `rate` a second on average, without waiting for answers."""
    client, outcome, clock = Client(port), Outcome(seconds), asyncio.get_running_loop().time
    chance = random.Random(SEED)
    stop = asyncio.Event()

    async def one(due: float) -> None:
        await asyncio.sleep(due - clock())
        note(outcome, await client.ask(request), clock() - due)

    probing = asyncio.create_task(probe(port, outcome, stop))
    due, tasks = clock(), []
    end = due + seconds
    while (due := due + chance.expovariate(rate)) < end:
        tasks.append(asyncio.create_task(one(due)))
    await asyncio.gather(*tasks)
    stop.set()
    await probing
    client.close()
    return outcome


async def closed_loop(port: int, request: bytes, n_requests: int) -> Outcome:
    """Runs a few clients; each sends the next request as soon as its last request is answered."""
    client, outcome, clock = Client(port), Outcome(), asyncio.get_running_loop().time
    left = iter(range(n_requests))

    async def one_client() -> None:
        for _ in left:
            started = clock()
            note(outcome, await client.ask(request), clock() - started)

    started = clock()
    await asyncio.gather(*(one_client() for _ in range(CLOSED_LOOP_CLIENTS)))
    outcome.seconds = clock() - started
    client.close()
    return outcome


def note(outcome: Outcome, answer: tuple[int, bytes], seconds: float) -> None:
    status, head = answer
    outcome.statuses.append(status)
    if status == 200:
        outcome.latencies.append(seconds)
    elif status == 429 and b"retry-after:" not in head:
        outcome.without_retry_after += 1


async def probe(port: int, outcome: Outcome, stop: asyncio.Event) -> None:
    """Polls /readyz, each time on a new connection, as a load balancer does."""
    while not stop.is_set():
        started = time.perf_counter()
        client = Client(port)
        status, _ = await client.ask(b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        outcome.ready_seconds.append(time.perf_counter() - started if status == 200 else float("inf"))
        await asyncio.sleep(PROBE_SECONDS)


@contextmanager
def server(core: int) -> Iterator[tuple[int, int]]:
    """`genloss serve` with one worker on one core; its port and process id."""
    process = subprocess.Popen(
        ["taskset", "--cpu-list", str(core), sys.executable, "-m", "genloss.cli", "serve", "--port", "0", "--workers", "1"],
        cwd=ROOT, env={**os.environ, "GENLOSS_LOG_LEVEL": "info"}, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    port = 0
    for line in process.stderr:  # type: ignore[union-attr]
        port = int(found[1]) if (found := re.search(r"127\.0\.0\.1:(\d+)", line)) else port
        if "startup complete" in line:
            break
    # Log lines are read at once, so that a full pipe cannot block the server.
    threading.Thread(target=lambda: [None for _ in process.stderr], daemon=True).start()  # type: ignore[union-attr]
    try:
        yield port, process.pid
    finally:
        process.terminate()
        if process.wait(60):
            sys.exit(f"the server ended with {process.returncode}")


def memory_mib(process: int) -> float:
    """Memory of a process and all its descendants in MiB; shared pages count once."""
    try:
        rollup = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii")
        children = " ".join(path.read_text("ascii") for path in Path(f"/proc/{process}/task").glob("*/children")).split()
    except OSError:  # the process has just ended
        return 0.0
    own = int(re.search(r"^Pss:\s+(\d+)", rollup, re.MULTILINE)[1]) / 1024  # type: ignore[index]
    return own + sum(memory_mib(int(child)) for child in children)


def picture(megapixels: float) -> bytes:
    """The sample photograph as a JPEG of about that size."""
    with Image.open(ROOT / "samples/cat/original.jpg") as opened:
        factor = (megapixels * 1e6 / (opened.width * opened.height)) ** 0.5
        size = (round(opened.width * factor), round(opened.height * factor))
        resized = opened.convert("RGB").resize(size, Image.Resampling.BICUBIC)
    stream = io.BytesIO()
    resized.save(stream, "JPEG", quality=85)
    return stream.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0, help="length of every step")
    parser.add_argument("--requests", type=int, default=0, help="measure memory over so many requests as well, 20000 say")
    parser.add_argument(
        "--cores", type=int, nargs=2, default=sorted(os.sched_getaffinity(0))[:2], metavar=("SERVER", "GENERATOR")
    )
    arguments = parser.parse_args()
    os.sched_setaffinity(0, {arguments.cores[1]})
    body = picture(0.3)
    request = b"POST /score HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    print(f"{_processor()}, server and generator on one core each, load average before: {os.getloadavg()[0]:.1f}")
    print(f"POST /score of a JPEG of 0.3 megapixels, {len(body) / 1000:.0f} kB\n")
    with server(arguments.cores[0]) as (port, process):
        asyncio.run(closed_loop(port, request, 100))
        capacity = asyncio.run(closed_loop(port, request, round(40 * arguments.seconds))).goodput
        print(f"capacity: {capacity:.1f} requests/s\n")
        print("| load | answered/s | of capacity | p50 ms | p99 ms | 429 | no Retry-After | 5xx | no answer | /readyz p99 ms |")
        print("|---|---|---|---|---|---|---|---|---|---|")
        for times in (0.5, 1, 2, 4, 8):
            outcome = asyncio.run(open_loop(port, request, times * capacity, arguments.seconds))
            _print_row(f"{times:g}x", outcome, capacity)
        print("\nafter that, at half load:")
        for second in range(1, 6):
            outcome = asyncio.run(open_loop(port, request, 0.5 * capacity, 1.0))
            print(f"second {second}: p50 {outcome.percentile_ms(50):.0f} ms, {outcome.count(429)} refused")
        if arguments.requests:
            _measure_memory(port, process, request, arguments.requests)


def _print_row(name: str, outcome: Outcome, capacity: float) -> None:
    failures = sum(status >= 500 for status in outcome.statuses)
    ready_ms = 1000 * float(np.percentile(outcome.ready_seconds, 99))
    print(
        f"| {name} | {outcome.goodput:.1f} | {100 * outcome.goodput / capacity:.0f} % | {outcome.percentile_ms(50):.0f} "
        f"| {outcome.percentile_ms(99):.0f} | {outcome.count(429)} | {outcome.without_retry_after} | {failures} "
        f"| {outcome.count(0)} | {ready_ms:.0f} |",
        flush=True,
    )


def _measure_memory(port: int, process: int, request: bytes, n_requests: int) -> None:
    print(f"\nmemory over {n_requests} requests:", flush=True)
    done, first = 0, 0.0
    for until in sorted({*range(2000, n_requests, 2000), n_requests}):
        asyncio.run(closed_loop(port, request, until - done))
        done, now = until, memory_mib(process)
        first = first or now
        print(f"after {done}: {now:.1f} MiB, {100 * (now / first - 1):+.1f} %", flush=True)


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.processor())


if __name__ == "__main__":
    main()
