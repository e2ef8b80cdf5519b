"""Metrics for Prometheus, and one log line per request."""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.core import CounterMetricFamily
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from genloss.serve.http.admission import Load

SECONDS = (0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

log = logging.getLogger("genloss.serve.requests")


class Served(Protocol):
    """The part of a serving model that the metrics read."""

    @property
    def version(self) -> str: ...

    @property
    def queue_depth(self) -> int: ...


class Kept(Protocol):
    """The part of the kept versions that the metrics read."""

    n_bytes: int
    n_forgotten: dict[str, int]

    def __len__(self) -> int: ...


class Forgotten(Collector):
    """A counter of forgotten versions, by reason."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        self._counts = counts

    def collect(self) -> Iterator[CounterMetricFamily]:
        counter = CounterMetricFamily("genloss_kept_versions_forgotten", "Kept versions that were forgotten.", labels=["why"])
        for why, count in self._counts.items():
            counter.add_metric([why], count)
        yield counter


class Metrics:
    """All metrics of the service; one registry per application, so that tests can create many.

    Args:
        load: counters of the admission layer.
        kept: versions kept for later rankings.
        serving: returns the current model.
    """

    def __init__(self, load: Load, kept: Kept, serving: Callable[[], Served]) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.requests = Counter("genloss_requests", "Answered requests.", ["method", "route", "status"], registry=self.registry)
        self.request_seconds = Histogram(
            "genloss_request_seconds", "From the headers to the end of the answer.", ["route"],
            buckets=SECONDS, registry=self.registry,
        )  # fmt: skip
        self.decode_failures = Counter(
            "genloss_decode_failures", "Pictures that could not be scored.", ["code"], registry=self.registry
        )
        self.model_seconds = Histogram(
            "genloss_model_seconds", "Decoding, measuring and scoring of one picture, without waiting.", ["reasons"],
            buckets=SECONDS, registry=self.registry,
        )  # fmt: skip
        self._model = Gauge("genloss_model_info", "The serving model.", ["version"], registry=self.registry)
        self._serving = serving
        for name, text, read in (
            ("genloss_queue_depth", "Pictures and pairs that wait for or hold a worker.", lambda: serving().queue_depth),
            ("genloss_requests_working", "Admitted requests that are worked on.", lambda: load.working),
            ("genloss_requests_uploading", "Requests whose body is still arriving.", lambda: load.uploading),
            ("genloss_buffered_bytes", "Request bodies held in memory.", lambda: load.buffered_bytes),
            ("genloss_kept_versions", "Single versions kept to be ranked.", lambda: len(kept)),
            ("genloss_kept_bytes", "Their files, held in memory.", lambda: kept.n_bytes),
        ):
            Gauge(name, text, registry=self.registry).set_function(read)
        self.registry.register(Forgotten(kept.n_forgotten))

    def text(self) -> bytes:
        """All metrics in Prometheus' text format."""
        self._model.clear()
        self._model.labels(self._serving().version).set(1)
        return generate_latest(self.registry)


class Observation:
    """ASGI layer that counts and logs every answered request, rejected requests included."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 0

        async def watched_send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched_send)
        except Exception:
            status = status or 500
            raise
        finally:
            self._note(scope, status or 499, time.perf_counter() - started)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        """Counts and logs one request; status 499 means that the client disconnected, as in nginx."""
        route = _route(scope, status)
        method = scope["method"] if scope["method"] in METHODS else "other"
        self._metrics.requests.labels(method, route, status).inc()
        self._metrics.request_seconds.labels(route).observe(seconds)
        facts = {"method": method, "route": route, "status": status, "seconds": round(seconds, 6)}
        log.log(logging.ERROR if status >= 500 else logging.INFO, "request", extra=facts)


def _route(scope: Scope, status: int) -> str:
    """The path with parameter names instead of values, so that there are few routes; a word where no endpoint matched."""
    if "endpoint" not in scope:
        return "refused" if status in (408, 413, 429, 499) else "none"
    names = {str(value): f"{{{name}}}" for name, value in scope.get("path_params", {}).items()}
    return "/".join(names.get(segment, segment) for segment in scope["path"].split("/"))
