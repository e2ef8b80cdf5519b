"""The engine that a user names."""

from genloss.model.engines.shards import Engine
from genloss.model.engines.thread_engine import ThreadEngine
from genloss.model.errors import EngineError
from genloss.model.processes import n_usable_cores

THREADS, DAFT, RAY = "threads", "daft", "ray://"
NAMES = f"{THREADS}, {DAFT} or {RAY}HOST:PORT"


def open_engine(name: str, n_workers: int | None = None) -> Engine:
    """An engine that is ready to work.

    Args:
        name: one of NAMES.
        n_workers: threads, each making one shard at a time; by default one for each usable core. Daft ignores this.

    Raises:
        EngineError: the name is unknown, or no cluster answers.
        ExtraMissingError: Daft or Ray is not installed.
    """
    if name == THREADS:
        return ThreadEngine(n_workers or n_usable_cores())
    if name != DAFT and not (name.startswith(RAY) and name != RAY):
        raise EngineError(f"no engine is called {name!r}; there are {NAMES}")
    from genloss.model.engines.daft_engine import DaftEngine

    return DaftEngine(None if name == DAFT else name)
