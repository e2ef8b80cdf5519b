"""Shards by Daft: in this process, or on the machines of a Ray cluster."""

import logging
import os
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

from genloss.model.engines.shards import Make, Shard
from genloss.model.errors import EngineError, ExtraMissingError

# Daft reports each import and query to its makers, and draws bars, unless it is told before it is imported, on any machine.
_QUIET = {"DO_NOT_TRACK": "1", "DAFT_ANALYTICS_ENABLED": "0", "DAFT_PROGRESS_BAR": "0"}
os.environ |= _QUIET

try:
    import daft
    from daft import DataType
except ImportError as error:
    raise ExtraMissingError("work by Daft", "cluster", error) from error

_SHARDS_A_QUERY = 1000  # bounds memory, and what a query that fails has to begin again


class DaftEngine:
    """Makes shards in queries of Daft, a partition a shard.

    Args:
        address: of a Ray cluster: ray://HOST:PORT of its client server, or what ray.init takes; None for this machine.

    Raises:
        ExtraMissingError: Ray is not installed.
        EngineError: no cluster answers, or another engine of Daft runs in this process.
    """

    def __init__(self, address: str | None = None) -> None:
        self._on_ray = address is not None
        try:
            if address is None:
                daft.set_runner_native()
            else:
                _connect(address)
        except ImportError as error:
            raise ExtraMissingError("work on a Ray cluster", "cluster", error) from error
        except Exception as error:  # Ray's and Daft's have no common class
            raise EngineError(f"{address or 'daft'}: {_in_short(error)}") from error

    def run(self, make: Make, shards: Sequence[Shard]) -> Iterator[tuple[str, str]]:
        """As Engine.run; a shard whose machine dies is made on another."""

        def make_batch(names: Any, items: Any) -> list[str]:
            return [make(name, packed) for name, packed in zip(names.to_pylist(), items.to_pylist(), strict=True)]

        function = daft.func.batch(return_dtype=DataType.string(), batch_size=1, use_process=False)(make_batch)
        for begin in range(0, len(shards), _SHARDS_A_QUERY):
            part = shards[begin : begin + _SHARDS_A_QUERY]
            frame = daft.from_pydict({"name": [shard.name for shard in part], "items": [shard.items for shard in part]})
            if self._on_ray:
                frame = frame.into_partitions(len(part))
            try:
                for row in frame.select("name", function(frame["name"], frame["items"]).alias("problem")).iter_rows():
                    yield row["name"], row["problem"]
            except Exception as error:  # as above
                raise EngineError(f"Daft stopped: {_in_short(error)}; run again to resume") from error


def _connect(address: str) -> None:
    import ray

    for name in ("ray", "daft.runners.ray_runner"):  # remarks on their own workings
        logging.getLogger(name).setLevel(logging.ERROR)
    with warnings.catch_warnings(action="ignore"):  # the error says it
        if not ray.is_initialized():
            ray.init(address, log_to_driver=False, logging_level=logging.ERROR, runtime_env={"env_vars": _QUIET})
    daft.set_runner_ray(address, noop_if_initialized=True)


def _in_short(error: Exception) -> str:
    """The line that says most: of a traceback from another machine the last, else the first."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    return lines[-1] if any(line.startswith("Traceback") for line in lines) else lines[0]
