"""Whatever is named, listed or found gets exactly one record, in order, and the output is valid however the run ends."""

import base64
import csv
import json
import os
import pty
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from PIL import Image

from genloss import Scorer
from genloss.inputs import Input, expand, listed
from genloss.model.errors import FileUnreadableError
from genloss.model.images.reading import read_file
from genloss.model.scoring.bundle import load_bundle
from genloss.resume import ScoreJournal
from tests.fixtures import LIMIT_SECONDS, ROOT, saved
from tests.in_process import genloss_here

CAT = ROOT / "samples/cat"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


def _records(result: subprocess.CompletedProcess) -> list[dict]:
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture
def zoo(tmp_path) -> Path:  # type: ignore[no-untyped-def]
    """A folder with one of everything a file system has."""
    folder = tmp_path / "zoo"
    (folder / "b/deep").mkdir(parents=True)
    shutil.copy(CAT / "shrunk.png", folder / "a.png")
    shutil.copy(CAT / "messenger.jpg", folder / "b/deep/[1].jpg")
    shutil.copy(CAT / "messenger.jpg", folder / "b/new\nline.jpg")
    shutil.copy(CAT / "messenger.jpg", os.fsencode(folder) + b"/b/caf\xe9.jpg")
    (folder / "b/notes.txt").write_text("not a picture")
    os.mkfifo(folder / "c.jpg")
    with socket.socket(socket.AF_UNIX) as listening:
        previous = Path.cwd()
        os.chdir(folder)  # names of sockets are short
        listening.bind("d.sock")
        os.chdir(previous)
    os.symlink("a.png", folder / "e-link.png")
    os.symlink("..", folder / "b/up")
    os.symlink("nowhere", folder / "f-broken")
    return folder


PICTURES = ["a.png", "b/caf\\xe9.jpg", "b/deep/[1].jpg", "b/new\nline.jpg"]
LEFT_OUT = (
    b"genloss: left out in folders: 1 that are no pictures, 3 that are symbolic links (--follow-links reads them), "
    b"2 that are pipes, sockets or devices\n"
)


def test_a_folder_gives_one_record_for_every_picture_in_it_in_order_and_counts_the_rest(zoo):
    result = genloss_here("score", "-f", "jsonl", zoo)
    assert result.returncode == 0
    records = _records(result)
    assert [os.path.relpath(record["path"], zoo) for record in records] == PICTURES
    assert all("error" not in record for record in records)
    (odd,) = (record for record in records if "path_base64" in record)
    assert base64.b64decode(odd["path_base64"]) == os.fsencode(zoo) + b"/b/caf\xe9.jpg"
    assert result.stderr == LEFT_OUT


def test_a_file_in_a_folder_that_only_claims_to_be_a_picture_is_an_error(zoo):
    (zoo / "b/page.jpg").write_text("<html>not found</html>")
    (zoo / "b/cut.png").write_bytes((CAT / "shrunk.png").read_bytes()[:2000])
    result = genloss_here("score", "-f", "jsonl", zoo)
    assert result.returncode == 3
    errors = {os.path.relpath(record["path"], zoo): record["error"] for record in _records(result) if "error" in record}
    assert errors == {"b/page.jpg": "unsupported_format", "b/cut.png": "image_truncated"}


def test_what_is_named_is_an_error_where_it_is_no_picture(zoo):
    records = _records(genloss_here("score", "-f", "jsonl", zoo / "b/notes.txt", zoo / "c.jpg"))
    assert [record["error"] for record in records] == ["unsupported_format", "file_unreadable"]


def test_links_are_followed_when_asked_for_and_loops_end(zoo):
    records = _records(genloss_here("score", "-f", "jsonl", "--follow-links", zoo))
    found = {os.path.relpath(record["path"], zoo): record.get("message") for record in records}
    assert found["e-link.png"] is None
    assert found["b/up"] == "a link to a folder that it lies in"
    assert found["f-broken"] == "No such file or directory"
    assert set(found) == {*PICTURES, "e-link.png", "b/up", "f-broken"}


def test_a_link_that_is_named_is_followed_as_grep_does(zoo):
    os.symlink("b", zoo / "folder")
    link, target = (_records(genloss_here("score", "-f", "jsonl", zoo / name))[0] for name in ("e-link.png", "a.png"))
    assert link["generation_loss"] == target["generation_loss"]
    assert len(_records(genloss_here("score", "-f", "jsonl", zoo / "folder"))) == 3
    assert _records(genloss_here("score", "-f", "jsonl", zoo / "f-broken"))[0]["error"] == "file_unreadable"


def test_patterns_are_matched_and_names_that_exist_are_taken_as_they_are(zoo):
    records = _records(genloss_here("score", "-f", "jsonl", "**/*.jpg", "b/deep/[1].jpg", "*.gif", "b/*", cwd=zoo))
    assert [(record["path"], record.get("error")) for record in records] == [
        ("b/caf\\xe9.jpg", None), ("b/deep/[1].jpg", None), ("b/new\nline.jpg", None),
        ("b/deep/[1].jpg", None), ("*.gif", "file_unreadable"), ("b/caf\\xe9.jpg", None), ("b/deep/[1].jpg", None),
        ("b/new\nline.jpg", None), ("b/notes.txt", "unsupported_format"),
        *((f"b/up/{name}", None) for name in PICTURES),  # a link that is named, though by a pattern
    ]  # fmt: skip


def test_patterns_reach_below_links_only_when_asked_to(zoo):
    os.symlink("b", zoo / "g")
    refused = list(expand([zoo / "g*/*.txt"]))
    assert [(one.path.name, str(one.error)) for one in refused] == [("notes.txt", "below a symbolic link")]
    assert [one.error for one in expand([zoo / "g*/*.txt"], follow_links=True)] == [None]
    assert [one.error for one in expand([zoo / "g/*.txt"])] == [None]  # this link was named, not found


@pytest.mark.parametrize("separator", [b"\n", b"\0"])
def test_lists_of_files_from_a_file_and_from_stdin(zoo, tmp_path, separator):
    names = [b"a.png", b"missing.jpg", b"b/caf\xe9.jpg", b"*.png", b"c.jpg"]
    if separator == b"\0":
        names.append(b"b/new\nline.jpg")
    text = separator.join(names)
    (tmp_path / "list").write_bytes(text + separator)
    flags = ["-0"] if separator == b"\0" else []
    from_file = genloss_here("score", "-f", "jsonl", "--files-from", tmp_path / "list", *flags, cwd=zoo)
    command = [sys.executable, "-m", "genloss.cli", "score", "-f", "jsonl", "--files-from", "-", *flags]
    from_stdin = subprocess.run(command, cwd=zoo, env=ENVIRONMENT, input=text, capture_output=True, timeout=LIMIT_SECONDS)
    assert from_file.stdout == from_stdin.stdout
    assert [record.get("error") for record in _records(from_file)] == [
        None, "file_unreadable", None, "file_unreadable", "file_unreadable", *[None] * (len(names) - 5),
    ]  # fmt: skip


def test_names_are_read_as_they_arrive(zoo):
    command = [sys.executable, "-m", "genloss.cli", "score", "-f", "jsonl", "--files-from", "-"]
    with subprocess.Popen(command, cwd=zoo, env=ENVIRONMENT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        for name in (b"a.png\n", b"b/deep/[1].jpg\n", b"none\n"):
            process.stdin.write(name)
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["path"] == name.decode().strip()  # before the next is sent
        process.stdin.close()
    assert process.returncode == 3


def test_a_list_that_cannot_be_read_stops_everything(tmp_path):
    for source in (tmp_path / "none", tmp_path):
        result = genloss_here("score", "--files-from", source)
        assert result.returncode == 2
        assert result.stderr.startswith(b"genloss: file_unreadable: ")
        assert result.stderr.count(b"\n") == 1
    with pytest.raises(FileUnreadableError, match="is this a list"):
        list(listed("/dev/zero"))


def test_a_folder_deeper_than_paths_may_be_long_is_one_error(tmp_path):
    previous = os.open(".", os.O_RDONLY)
    try:
        os.chdir(tmp_path)
        for _ in range(300):
            os.mkdir("x" * 20)
            os.chdir("x" * 20)
    finally:
        os.fchdir(previous)
        os.close(previous)
    (found,) = expand([tmp_path])
    assert len(str(found.path)) > 3000
    result = genloss_here("score", "-f", "jsonl", tmp_path)
    assert [record["error"] for record in _records(result)] == ["file_unreadable"]
    shutil.rmtree(tmp_path / ("x" * 20))


def test_what_may_not_be_read_is_one_error_each():
    with tempfile.TemporaryDirectory() as name:  # pytest's own folders are closed to other users
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "closed").mkdir(mode=0)
        (folder / "secret.jpg").write_bytes((CAT / "original.jpg").read_bytes())
        (folder / "secret.jpg").chmod(0)
        user = os.geteuid()
        if user == 0:  # who may read everything
            os.seteuid(65534)
        try:
            closed, secret = expand([folder])
            with pytest.raises(FileUnreadableError, match="Permission denied"):
                read_file(secret.path)
        finally:
            os.seteuid(user)
        assert str(closed.error) == "the folder cannot be listed: Permission denied"


def test_devices_are_refused(tmp_path):
    records = _records(genloss_here("score", "-f", "jsonl", "/dev/zero", "/dev/null", "/proc/self/mem"))
    assert [record["error"] for record in records] == ["file_unreadable", "file_unreadable", "file_empty"]


def test_a_file_that_vanishes_is_one_error(tmp_path):
    names = [tmp_path / f"{number:03}.jpg" for number in range(400)]
    for name in names:
        os.link(shutil.copy(CAT / "messenger.jpg", tmp_path / "original"), name)
    command = [sys.executable, "-m", "genloss.cli", "score", "-f", "jsonl", *map(str, names)]
    with subprocess.Popen(command, env=ENVIRONMENT, cwd=ROOT, stdout=subprocess.PIPE) as process:
        first = process.stdout.readline()
        for name in names:
            name.unlink()
        rest = process.stdout.readlines()
    records = [json.loads(line) for line in [first, *rest]]
    assert [record["path"] for record in records] == [str(name) for name in names]
    assert {record.get("error") for record in records} == {None, "file_unreadable"}


@pytest.mark.parametrize("format", ["json", "csv", "parquet", "jsonl", "table"])
def test_every_format_holds_the_same_records(zoo, tmp_path, format):
    out = tmp_path / "out"
    (zoo / "b/cut.png").write_bytes((CAT / "shrunk.png").read_bytes()[:2000])
    names = sorted([*PICTURES, "b/cut.png"])
    result = genloss_here("score", "-f", format, "-o", out, zoo)
    assert result.returncode == 3
    assert result.stdout == b""
    if format == "table":
        assert len(out.read_text().splitlines()) == 2 + len(PICTURES)
        assert result.stderr.count(b"\n") == 2
        return
    assert out.read_bytes() == genloss_here("score", "-f", format, zoo).stdout
    if format == "parquet":
        records = pq.read_table(out).to_pylist()
    elif format == "json":
        records = json.loads(out.read_text())
    elif format == "jsonl":
        records = [json.loads(line) for line in out.read_text().splitlines()]
    else:
        with open(out, newline="") as stream:
            records = list(csv.DictReader(stream))
    assert [os.path.relpath(record["path"], zoo) for record in records] == names
    assert [record["path"] for record in records if record.get("error")] == [str(zoo / "b/cut.png")]
    assert all((record.get("generation_loss") in (None, "")) == bool(record.get("error")) for record in records)


def test_rank_writes_parquet_too(tmp_path):
    assert genloss_here("rank", "-f", "parquet", "-o", tmp_path / "ranked", CAT).returncode == 0
    table = pq.read_table(tmp_path / "ranked").to_pylist()
    assert [row["place"] for row in table] == list(range(1, 9))
    assert table[0]["path"].endswith("original.jpg")


def test_parquet_without_its_extra_is_one_line(tmp_path):
    (tmp_path / "pyarrow.py").write_text("raise ImportError('no pyarrow here')")
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    command = [sys.executable, "-m", "genloss.cli", "score", "-f", "parquet", "-o", tmp_path / "out", CAT]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment)
    assert result.returncode == 2
    assert result.stderr.startswith("genloss: extra_missing: ")
    assert "genloss[parquet]" in result.stderr
    assert result.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_output_that_cannot_be_written_is_one_line(tmp_path):
    for out, code in ((tmp_path / "no/such/folder", b"output_failed"), (tmp_path, b"output_refused")):
        result = genloss_here("score", "-f", "csv", "-o", out, CAT / "original.jpg")
        assert result.returncode == 2
        assert result.stderr.startswith(b"genloss: %s: " % code)
        assert result.stderr.count(b"\n") == 1
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "genloss.cli", "score", "-f", "jsonl", CAT / "original.jpg"]
        result = subprocess.run(command, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, env=ENVIRONMENT)
    assert result.returncode == 2
    assert b"Traceback" not in result.stderr


@pytest.mark.parametrize("format", ["json", "parquet"])
def test_ctrl_c_leaves_a_valid_file_of_whole_records_and_resume_completes_it(tmp_path, format):
    names = [tmp_path / "files" / f"{number:04}.jpg" for number in range(3000)]
    names[0].parent.mkdir()
    for name in names:
        os.link(CAT / "original.jpg", name)
    out = tmp_path / "out"
    command = [sys.executable, "-m", "genloss.cli", "score", "-f", format, "-o", out, names[0].parent]
    journal = tmp_path / "out.resume"
    with subprocess.Popen(command, cwd=ROOT, env=ENVIRONMENT, stderr=subprocess.PIPE, start_new_session=True) as process:
        while not (journal.exists() and journal.read_bytes().count(b"\n") > 20):
            assert process.poll() is None
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: workers get it too
        error = process.stderr.read()
        assert process.wait(LIMIT_SECONDS) == 130
    # On Python 3.13, two lines about a memory view may follow, which is collected while a task is being sent.
    assert b"genloss: interrupted" in error.splitlines()
    assert b"--resume" in error
    n_records = pq.read_table(out).num_rows if format == "parquet" else len(json.loads(out.read_text()))
    assert 0 < n_records < 3000
    n_known = journal.read_bytes().count(b"\n") - 1
    names[0].unlink()
    names[1].unlink()
    names[1].write_bytes((CAT / "messenger.jpg").read_bytes())  # has changed since
    for name in names[40:]:
        name.unlink()
    resumed = subprocess.run([*command, "--resume"], cwd=ROOT, env=ENVIRONMENT, capture_output=True)
    assert resumed.returncode == 0
    assert int(resumed.stderr.split()[1]) == min(n_known, 40) - 2
    whole = tmp_path / "whole"
    subprocess.run([*command[:-2], whole, command[-1]], cwd=ROOT, env=ENVIRONMENT, check=True)
    assert out.read_bytes() == whole.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["files", "out", "whole"]


def test_resuming_reads_over_a_torn_line_and_knows_copies_by_their_bytes(tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    for name in ("a.jpg", "b.jpg"):
        shutil.copy(CAT / "messenger.jpg", folder / name)
    out = tmp_path / "out.csv"
    with ScoreJournal(out, load_bundle().version, resume=False) as journal:
        for path in sorted(folder.iterdir()):
            assert journal.find(Input(path)) is None
            journal.add(path, Scorer().score(path.read_bytes(), with_digest=True))
        kept = journal.path.read_bytes()
    assert not journal.path.exists()
    journal.path.write_bytes(kept[:-30])  # killed while it wrote about b.jpg
    os.utime(folder / "a.jpg", (1, 1))  # copied from elsewhere: another time, the same bytes
    result = genloss_here("score", "-o", out, "--resume", folder)
    assert result.returncode == 0
    assert result.stderr == b"genloss: 1 file already scored and unchanged\n"
    assert len(out.read_text().splitlines()) == 3
    journal.path.write_bytes(kept.replace(load_bundle().version.encode(), b"0123456789ab"))
    other = genloss_here("score", "-o", out, "--resume", folder)
    assert (other.returncode, other.stderr.count(b"\n")) == (2, 1)
    assert b"is of the model 0123456789ab" in other.stderr
    assert genloss_here("score", "--resume", folder).returncode == 2


def test_the_progress_bar_is_for_terminals(tmp_path):
    main, child = pty.openpty()
    command = [sys.executable, "-m", "genloss.cli", "score", "-f", "jsonl", *[str(CAT / "original.jpg")] * 12]
    with open(tmp_path / "out", "w") as out:
        process = subprocess.Popen(command, cwd=ROOT, env={**ENVIRONMENT, "TERM": "xterm"}, stdout=out, stderr=child)
    os.close(child)
    seen = b""
    while True:
        try:
            block = os.read(main, 4096)
        except OSError:
            break
        seen += block
    os.close(main)
    assert process.wait() == 0
    assert b"scoring" in seen
    assert len((tmp_path / "out").read_text().splitlines()) == 12
    assert genloss_here("score", "-f", "jsonl", *[CAT / "original.jpg"] * 12).stderr == b""


def test_workers_and_this_process_print_the_same(zoo):
    apart, here = (genloss_here("score", "-f", "jsonl", way, zoo, CAT).stdout for way in ("--isolated", "--in-process"))
    assert apart == here
    assert apart


def test_a_deadline_is_one_error_record(tmp_path):
    (tmp_path / "slow.png").write_bytes(saved(Image.new("L", (10_000, 9_999)), "PNG"))
    result = genloss_here("score", "-f", "jsonl", "--isolated", "--deadline", "0.5", tmp_path / "slow.png", tmp_path / "none")
    assert result.returncode == 3
    assert [record["error"] for record in _records(result)] == ["decode_timeout", "file_unreadable"]
