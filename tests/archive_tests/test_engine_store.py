"""Shards of a scan in an S3-compatible server, byte for byte as in a folder, by pyarrow's own client and by s3fs."""

import json
import subprocess
import sys
from importlib.util import find_spec

import pytest

from genloss.model.engines.shard_folder import ShardFolder
from tests.archive_tests.pictures import fill, make_old
from tests.fixtures import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.skipif(find_spec("moto") is None, reason="needs pip install 'moto[server]'")]

_SERVER = """
import sys
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
"""


@pytest.fixture
def bucket(monkeypatch):
    """The name of a bucket; ends its server, too."""
    server = subprocess.Popen([sys.executable, "-c", _SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        address = f"http://127.0.0.1:{int(server.stdout.readline())}"
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)
        for name, value in (("ACCESS_KEY_ID", "any"), ("SECRET_ACCESS_KEY", "any"), ("DEFAULT_REGION", "us-east-1")):
            monkeypatch.setenv(f"AWS_{name}", value)
        from pyarrow.fs import S3FileSystem

        S3FileSystem(endpoint_override=address, allow_bucket_creation=True).create_dir("shelf")
        yield "shelf"
    finally:
        server.communicate()
        if find_spec("s3fs") is not None:  # it keeps its connections to a server for the next test
            from s3fs import S3FileSystem as Remembering

            Remembering.clear_instance_cache()


def _scan(pictures, catalog, place, engine) -> dict:
    words = [str(pictures), str(catalog), str(place), engine]
    script = ROOT / "tests/archive_tests/cluster_scan.py"
    done = subprocess.run([sys.executable, str(script), *words], capture_output=True, text=True, timeout=1800, cwd=ROOT)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def _shards(place, stages) -> dict[str, bytes]:
    folder = ShardFolder(place)
    return {name: folder.read(name) for stage in stages for name in folder.names(stage)}


@pytest.mark.parametrize(("scheme", "client"), [("s3", "pyarrow"), ("fsspec+s3", "s3fs")])
@pytest.mark.parametrize("engine", ["threads", "daft"])
def test_shards_in_a_bucket_are_those_of_a_folder(scheme, client, engine, bucket, tmp_path):
    missing = [name for name in (client, engine) if name != "threads" and find_spec(name) is None]
    if missing:
        pytest.skip(f"needs {missing[0]}")
    pictures, place = tmp_path / "pictures", f"{scheme}://{bucket}/shards"
    fill(pictures)
    make_old(pictures)
    said = _scan(pictures, tmp_path / "one.catalog", tmp_path / "shards", "threads")
    stages = [path.name for path in (tmp_path / "shards").iterdir()]
    made = _shards(tmp_path / "shards", stages)
    assert len(made) > 6
    assert _scan(pictures, tmp_path / "other.catalog", place, engine) == said
    assert _shards(place, stages) == made
    assert _scan(pictures, tmp_path / "resumed.catalog", place, "threads") == said  # from the shards that are there


@pytest.mark.parametrize(("scheme", "client"), [("s3", "pyarrow"), ("fsspec+s3", "s3fs")])
def test_what_another_machine_wrote_meanwhile_is_seen(scheme, client, bucket):
    if find_spec(client) is None:
        pytest.skip(f"needs {client}")
    place = f"{scheme}://{bucket}/shards"
    folder = ShardFolder(place)
    folder.write("look-1/one.parquet", b"1")
    assert folder.names("look-1") == {"look-1/one.parquet"}
    program = f"from genloss.model.engines.shard_folder import ShardFolder as F; F({place!r}).write('look-1/two.parquet', b'2')"
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT)
    assert folder.read("look-1/two.parquet") == b"2"
    assert folder.names("look-1") == {"look-1/one.parquet", "look-1/two.parquet"}
