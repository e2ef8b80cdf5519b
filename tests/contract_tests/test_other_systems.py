"""What only Linux or only POSIX has is done without elsewhere: here it is taken away."""

import json
import subprocess
import sys

from genloss.model.files import wait_for_lock
from genloss.model.processes import n_usable_cores
from tests.fixtures import LIMIT_SECONDS, ROOT

# What Windows' Python lacks; macOS lacks sched_getaffinity alone.
MODULES = ("fcntl", "grp", "pwd", "resource", "termios")
OF_OS = (
    "fork", "geteuid", "getuid", "killpg", "pread", "pwrite", "posix_fadvise", "sched_getaffinity", "sched_setaffinity",
    "setsid", "statvfs", "sysconf", "O_CLOEXEC", "O_DIRECTORY", "O_NOFOLLOW", "O_NONBLOCK",
)  # fmt: skip
OF_SIGNAL = ("SIGALRM", "SIGHUP", "SIGQUIT", "SIGURG", "SIGUSR1", "pthread_sigmask", "setitimer")
# Python's own modules go by the name of the system, which stays: asyncio is loaded before.
TAKEN_AWAY = f"""
import asyncio, os, signal, sys
sys.modules.update(dict.fromkeys({MODULES!r}))
for module, names in ((os, {OF_OS!r}), (signal, {OF_SIGNAL!r})):
    for name in names:
        if hasattr(module, name):
            delattr(module, name)
"""


def _run(code: str, *words: object) -> str:
    command = [sys.executable, "-c", TAKEN_AWAY + code, *map(str, words)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=2 * LIMIT_SECONDS)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_ranking_needs_nothing_of_posix():
    code = "from genloss.cli import main\nsys.exit(main())"
    files = [ROOT / "samples/cat" / name for name in ("enlarged.jpg", "original.jpg")]
    ranked = json.loads(_run(code, "rank", "--format", "json", *files))
    assert [record["path"] for record in ranked] == [str(files[1]), str(files[0])]


def test_rooms_are_entered_without_posix():
    code = """
import genloss.archive.acting, genloss.archive.locks, genloss.archive.open_files, genloss.archive.trash, genloss.serve.app
import genloss.model.training.dataset, genloss.model.processes
from genloss.serve.jobs.supervision import load_jobs
from genloss.model.errors import TrainingError
try:
    load_jobs()
except TrainingError as error:
    print(error)
"""
    assert "POSIX" in _run(code)


def test_without_an_affinity_all_cores_count(monkeypatch):
    monkeypatch.delattr("os.sched_getaffinity", raising=False)
    monkeypatch.setattr("os.cpu_count", lambda: 7)
    assert n_usable_cores() == 7
    monkeypatch.setattr("os.cpu_count", lambda: None)
    assert n_usable_cores() == 1


def test_without_locks_nobody_waits(tmp_path, monkeypatch):
    with open(tmp_path / "lock", "wb") as held, open(tmp_path / "lock", "wb") as other:
        wait_for_lock(held)
        monkeypatch.setitem(sys.modules, "fcntl", None)
        wait_for_lock(other)
