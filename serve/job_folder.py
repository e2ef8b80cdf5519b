"""A job's folder on disk: what was asked for, the originals, the run, its progress, and who is working in it."""

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

from model.atomic import write_atomically
from model.progress_log import NAME as PROGRESS_LOG
from serve.problems import RequestError

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")  # what make_pairs takes as originals
MAX_ORIGINALS = 100_000
LOG_TAIL_BYTES = 16_000
_COPY_BYTES = 1 << 20


class JobFolder:
    """The files of one job; `path` is made by `create`, whole or not at all."""

    def __init__(self, jobs: Path, job: str) -> None:
        self.path = jobs / job
        self.originals = self.path / "originals"
        self.pairs = self.path / "pairs"
        self.run = self.path / "run"
        self.bundle = self.run / "bundle"
        self.log = self.path / "log.txt"
        self.progress = self.run / PROGRESS_LOG
        self.pairs_progress = self.pairs / PROGRESS_LOG

    def create(self, specification: dict[str, Any], originals: BinaryIO | None, max_bytes: int) -> bool:
        """Writes what was asked for and unpacks the originals; False where the folder is already there.

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
            write_atomically(temporary / "job.json", json.dumps(specification, indent=2).encode())
            try:
                os.rename(temporary, self.path)
            except OSError:
                if self.path.exists():  # the same request, sent twice at once
                    return False
                raise
            return True
        finally:
            shutil.rmtree(temporary, ignore_errors=True)

    def specification(self) -> dict[str, Any] | None:
        """What `create` was given, or None where the folder is gone."""
        try:
            found: dict[str, Any] = json.loads((self.path / "job.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return found

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
        """Holds the folder's lock, to be passed on to the job's process as a file descriptor.

        A worker that was killed leaves its process running and holding the lock; that process is ended
        first, since two trainings must never write into one folder.
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
        """Writes down which process group holds the lock."""
        os.ftruncate(file, 0)
        os.pwrite(file, str(process).encode(), 0)


def end_group(process: int, grace_seconds: float, has_ended: Callable[[], bool] = lambda: False) -> None:
    """Interrupts a process group as Ctrl-C does, and kills what is left after the grace time."""
    try:
        if grace_seconds:
            os.killpg(process, signal.SIGINT)
            deadline = time.monotonic() + grace_seconds
            while time.monotonic() < deadline and not has_ended():
                time.sleep(0.05)
        os.killpg(process, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass


def _unpack(archive: BinaryIO, folder: Path, max_bytes: int) -> int:
    """Unpacks pictures under names of our own, so that no name in the archive can lead anywhere; how many there were."""
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
