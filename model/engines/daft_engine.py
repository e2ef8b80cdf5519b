"""Makes shards with Daft: in this process, or on the machines of a Ray cluster."""

import logging
import os
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

from genloss.model.engines.shards import Make, Shard
from genloss.model.errors import EngineError, ExtraMissingError

# Daft sends telemetry on each import and query, and draws bars. These must be set before its import, on every machine.
_QUIET = {"DO_NOT_TRACK": "1", "DAFT_ANALYTICS_ENABLED": "0", "DAFT_PROGRESS_BAR": "0"}
os.environ |= _QUIET

try:
    import daft
    from daft import DataType
except ImportError as error:
    raise ExtraMissingError("work by Daft", "cluster", error) from error

_SHARDS_A_QUERY = 1000  # bounds memory, and the work that a failed query must repeat


class DaftEngine:
    """Makes shards in queries of Daft; on Ray, each shard is a partition.

    Args:
        address: of a Ray cluster, as ray.init takes it, such as ray://HOST:PORT of its client server; None for this process.

    Raises:
        ExtraMissingError: Ray is not installed.
        EngineError: no cluster answers, or this process already runs another engine of Daft.
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
        except Exception as error:  # errors of Ray and Daft have no common base class
            raise EngineError(f"{address or 'daft'}: {_in_short(error)}") from error

    def run(self, make: Make, shards: Sequence[Shard]) -> Iterator[tuple[str, str]]:
        """As Engine.run; if a machine dies, another machine makes its shards."""

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

    for name in ("ray", "daft.runners.ray_runner"):  # remarks on their internals
        logging.getLogger(name).setLevel(logging.ERROR)
    with warnings.catch_warnings(action="ignore"):  # the error says the same
        if not ray.is_initialized():
            ray.init(address, log_to_driver=False, logging_level=logging.ERROR, runtime_env={"env_vars": _QUIET})
    daft.set_runner_ray(address, noop_if_initialized=True)


def _in_short(error: Exception) -> str:
    """The most informative line of an error: the last line of a remote traceback, else the first line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    return lines[-1] if any(line.startswith("Traceback") for line in lines) else lines[0]
