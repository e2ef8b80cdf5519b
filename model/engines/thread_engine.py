"""Makes shards in threads of this process; their work may start processes of its own."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

from genloss.model.engines.shards import Make, Shard


class ThreadEngine:
    """Makes shards in threads.

    Args:
        n_threads: shards made at a time.
    """

    def __init__(self, n_threads: int) -> None:
        self._n_threads = n_threads

    def run(self, make: Make, shards: Sequence[Shard]) -> Iterator[tuple[str, str]]:
        """As Engine.run."""
        with ThreadPoolExecutor(self._n_threads) as pool:
            futures = {pool.submit(make, shard.name, shard.items): shard.name for shard in shards}
            try:
                for future in as_completed(futures):
                    yield futures[future], future.result()
            finally:  # if stopped, running shards are finished and no others begin
                for future in futures:
                    future.cancel()
