"""A job's folder on disk: specification, originals, parent, runs, progress, and the lock of the running process."""

import fcntl
import json
import os
import shutil
import signal
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from genloss.model.files import write_atomically
from genloss.model.progress_log import NAME as PROGRESS_LOG
from genloss.model.progress_log import read_progress
from genloss.model.scoring.bundle import DESCRIPTION, Bundle
from genloss.serve.http.problems import RequestError

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")  # formats that make_pairs accepts as originals
MAX_ORIGINALS = 100_000
FOUND = "best.json"  # written by search/tune.py
LOG_TAIL_BYTES = 16_000
_COPY_BYTES = 1 << 20


class JobFolder:
    """The files of one job; `create` makes the folder `path` atomically."""

    def __init__(self, jobs: Path, job: str) -> None:
        self.path = jobs / job
        self.originals = self.path / "originals"
        self.pairs = self.path / "pairs"
        self.parent = self.path / "parent"
        self.search = self.path / "search"
        self.run = self.path / "run"
        self.bundle = self.run / "bundle"
        self.log = self.path / "log.txt"
        # Progress of the job's processes, in the order in which they run, never two at once.
        self.progress_logs = tuple(folder / PROGRESS_LOG for folder in (self.pairs, self.search, self.run))

    def create(
        self, specification: dict[str, Any], originals: BinaryIO | None, max_bytes: int, parent: Bundle | None = None
    ) -> bool:
        """Writes the specification and unpacks the originals.

        Args:
            specification: of the job; the number of originals is added.
            originals: a zip archive, or None for a job on a pair set.
            max_bytes: limit for all originals, unpacked.
            parent: bundle to train further; copied, since its own folder may be gone when the job starts.

        Returns:
            False if the folder already exists; nothing is written then.

        Raises:
            RequestError: originals_invalid.
        """
        if self.path.exists():
            return False
        temporary = self.path.with_name(f".{self.path.name}.{os.getpid()}.{time.monotonic_ns()}.tmp")
        temporary.mkdir(parents=True)
        try:
            if originals is not None:
                specification = {**specification, "n_originals": _unpack(originals, temporary / "originals", max_bytes)}
            if parent is not None:
                (temporary / "parent").mkdir()
                for name in (DESCRIPTION, *parent.file_names):
                    shutil.copyfile(parent.folder / name, temporary / "parent" / name)
            write_atomically(temporary / "job.json", json.dumps(specification, indent=2).encode())
            try:
                os.rename(temporary, self.path)
            except OSError:
                if self.path.exists():  # the same request, sent twice at the same time
                    return False
                raise
            return True
        finally:
            shutil.rmtree(temporary, ignore_errors=True)

    def specification(self) -> dict[str, Any] | None:
        """The specification that `create` wrote, or None if the folder is gone."""
        return _read_json(self.path / "job.json")

    def news(self, offset: int = 0) -> tuple[list[dict[str, Any]], int]:
        """Progress records of the job from an offset on, and the offset for the next call.

        Offsets count bytes as if the logs were one file: a log no longer grows once the next log exists.
        """
        records: list[dict[str, Any]] = []
        before = 0
        existing = [path for path in self.progress_logs if path.exists()]
        for path in existing:
            end = before + path.stat().st_size
            if offset < end or path == existing[-1]:
                found, reached = read_progress(path, max(0, offset - before))
                records += found
                offset = before + reached if path == existing[-1] else end
            before = end
        return records, offset

    def found_configuration(self) -> dict[str, Any] | None:
        """The best configuration that the job's search has found so far."""
        return _read_json(self.search / FOUND)

    def log_tail(self) -> list[str]:
        """The last lines that the job's processes printed."""
        try:
            with open(self.log, "rb") as stream:
                stream.seek(max(0, self.log.stat().st_size - LOG_TAIL_BYTES))
                return stream.read().decode(errors="replace").splitlines()[-200:]
        except OSError:
            return []

    def is_worked_on(self) -> bool:
        """Whether a process of the job is alive, on this machine or in a container that shares the folder."""
        try:
            with open(self.path / "lock", "rb") as stream:
                fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False

    @contextmanager
    def only_worker(self) -> Iterator[int]:
        """Holds the folder's lock and gives its file descriptor, which the job's process inherits.

        If a worker is killed, its process may go on and hold the lock. That process is killed first, since two
        trainings must never write into one folder.

        Raises:
            BlockingIOError: another process still holds the lock after 10 s.
        """
        file = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            deadline = time.monotonic() + 10.0
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    left_over = os.pread(file, 32, 0)
                    if left_over.isdigit():
                        end_group(int(left_over), 0.0)
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(0.1)
            yield file
        finally:
            os.close(file)

    def note_process(self, file: int, process: int) -> None:
        """Writes the id of the process group that holds the lock into the lock file."""
        os.ftruncate(file, 0)
        os.pwrite(file, str(process).encode(), 0)


def end_group(process: int, grace_seconds: float, has_ended: Callable[[], bool] = lambda: False) -> None:
    """Interrupts a process group as Ctrl-C does, and kills it after the grace time, or once `has_ended` is True."""
    try:
        if grace_seconds:
            os.killpg(process, signal.SIGINT)
            deadline = time.monotonic() + grace_seconds
            while time.monotonic() < deadline and not has_ended():
                time.sleep(0.05)
        os.killpg(process, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass


def _read_json(path: Path) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found


def _unpack(archive: BinaryIO, folder: Path, max_bytes: int) -> int:
    """Unpacks the pictures and returns their number; new names prevent path traversal by names in the archive."""
    folder.mkdir()
    left = max_bytes
    count = 0
    try:
        with zipfile.ZipFile(archive) as opened:
            for member in sorted(opened.infolist(), key=lambda one: one.filename):
                suffix = Path(member.filename).suffix.lower()
                if member.is_dir() or suffix not in SUFFIXES or Path(member.filename).name.startswith("."):
                    continue
                count += 1
                if count > MAX_ORIGINALS:
                    raise RequestError("originals_invalid", f"more than {MAX_ORIGINALS} pictures in the archive")
                with opened.open(member) as source, open(folder / f"{count:06}{suffix}", "wb") as target:
                    while data := source.read(_COPY_BYTES):
                        left -= len(data)
                        if left < 0:
                            raise RequestError("originals_invalid", f"the pictures are more than {max_bytes} bytes unpacked")
                        target.write(data)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        raise RequestError("originals_invalid", f"the originals are not a zip archive that can be read: {error}") from error
    if not count:
        raise RequestError("originals_invalid", f"no picture in the archive ({', '.join(SUFFIXES)})")
    return count
