"""A program for tests: scans a folder again and again, each time killed at one point, then once to its end.

It forks before any library has started threads, so that each scan costs a fork instead of a start.
"""

import json
import os
import signal
import sys

import genloss
import genloss.archive.scan  # else each fork would import it
from genloss.archive.catalog import Catalog


def main(folder: str, catalog: str, points: list[int]) -> None:
    """Prints how many scans were killed, and what the last one said.

    Args:
        folder: to scan.
        catalog: file that all scans share.
        points: number of the SQL statement before which each scan dies.
    """
    n_killed = sum(os.WIFSIGNALED(_in_child(folder, catalog, point)) for point in points)
    result = genloss.scan([folder], catalog, isolated=False)
    print(json.dumps({"n_killed": n_killed, "n_looked": result.n_looked, "files": list(map(repr, result.files))}))


def _in_child(folder: str, catalog: str, point: int) -> int:
    child = os.fork()
    if child == 0:
        try:
            _die_at(point)
            genloss.scan([folder], catalog, isolated=False)
        finally:
            os._exit(0)
    return os.waitpid(child, 0)[1]


def _die_at(point: int) -> None:
    """Kills this process before the SQL statement of that number, counted from 1 in all connections."""
    left = point
    prepare = Catalog._prepare

    def count(statement: str) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def prepare_and_count(self: Catalog) -> None:
        self.connection.set_trace_callback(count)
        prepare(self)

    Catalog._prepare = prepare_and_count  # type: ignore[method-assign]


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], [int(word) for word in sys.argv[3:]])
