"""A program for tests: scans a folder, in short shards if by an engine; on a Ray cluster, one of its two nodes dies meanwhile.

    python cluster_scan.py PICTURES CATALOG SHARDS threads|daft|ray|none

Daft and Ray are set up once in a process, hence a program.
"""

import json
import os
import socket
import sys
import threading
import time
from pathlib import Path

from genloss.archive.catalog import Catalog
from genloss.archive.grouping import ScanOptions
from genloss.archive.listing import find_roots
from genloss.archive.scan import scan_folders
from genloss.archive.sharding import Sharding
from genloss.model.engines.choosing import open_engine
from genloss.model.engines.shard_folder import ShardFolder

LENGTH = 2  # items of a shard, on average
_BEFORE_DEATH = 2  # shards


def main(pictures: Path, catalog: Path, shards: str, engine: str) -> None:
    """Prints what was found, and whether a node died before the scan was done."""
    died = threading.Event()
    name = _start_cluster(Path(shards), died) if engine == "ray" else engine
    sharding = None if name == "none" else Sharding(open_engine(name), ShardFolder(shards), LENGTH)
    with Catalog(catalog) as opened:
        result = scan_folders(find_roots([pictures]), opened, ScanOptions(sharding=sharding))
    groups = [[str(member.path) for member in group.members] for group in result.plan.groups]
    print(json.dumps({"groups": groups, "n_looked": result.n_looked, "a_node_died": died.is_set()}))


def _start_cluster(shards: Path, died: threading.Event) -> str:
    # A busy machine takes more than the 30 s that Ray waits for a server of its own.
    os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_CLIENT_SERVER_CHECK_CHANNEL_TIMEOUT_S": "600"}
    from ray.cluster_utils import Cluster

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "ray_client_server_port": port})
    _, victim = cluster.add_node(num_cpus=1), cluster.add_node(num_cpus=1)

    def kill() -> None:
        while len(list(shards.rglob("*.parquet"))) < _BEFORE_DEATH:
            time.sleep(0.05)
        cluster.remove_node(victim, allow_graceful=False)
        died.set()

    threading.Thread(target=kill, daemon=True).start()
    return f"ray://127.0.0.1:{port}"


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:])
