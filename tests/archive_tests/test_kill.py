"""kill -9 at any step of apply and of undo: nothing is lost, and everything can be brought back."""

import os
import random
import signal
from dataclasses import replace

import pytest

from genloss.archive.apply import apply_plan
from genloss.archive.journal import Journal
from genloss.archive.plan import ActionKind
from genloss.archive.undo import undo_journal
from tests.archive_tests.conftest import results

SAME_BYTES_ONLY = ("hardlink", "reflink", "delete")
# Kind of action, and the step of apply and that of undo at which the process dies; 0 where it does not.
POINTS = [
    ("quarantine", 2, 0), ("quarantine", 4, 0), ("quarantine", 9, 3),
    ("trash", 3, 2), ("hardlink", 4, 2), ("delete", 3, 0),
]  # fmt: skip


class Killer:
    """Kills its process at the n-th step; lives for ever where n is 0.

    Args:
        n: counted from 1.
        every_call: whether each call that changes a file or a folder counts as a step, too; for child processes.
    """

    CALLS = ("chmod", "fsync", "link", "mkdir", "replace", "rmdir", "unlink", "utime")

    def __init__(self, n: int, every_call: bool = False) -> None:
        self._left = n
        for name in self.CALLS if every_call else ():
            setattr(os, name, self._counted(getattr(os, name)))

    def _counted(self, function):
        def call(*arguments, **options):
            self("before a call")
            return function(*arguments, **options)

        return call

    def __call__(self, step: str) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def _in_child(work) -> bool:
    """Whether a child process that does the work was killed."""
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def _prepare(collection, kind, monkeypatch):
    """The options for that kind; the plan keeps only what it may act on."""
    monkeypatch.setattr("fcntl.ioctl", lambda clone, request, source: os.write(clone, os.read(source, 1 << 24)))
    if kind in SAME_BYTES_ONLY:
        collection.groups = [replace(group, members=group.members[:2]) for group in collection.groups]
    n_actions = len(list(collection.plan.actions()))
    return collection.options(kind=ActionKind(kind), confirmation=f"delete {n_actions} files", carry_metadata=True)


def _contents(collection):
    """All bytes that are anywhere below the collection's folder."""
    return {path.read_bytes() for path in collection.folder.rglob("*") if path.is_file()}


def _kill_and_recover(collection, kind, apply_step, undo_step, monkeypatch, every_call=False):
    """Whether apply was killed before its end."""
    options = _prepare(collection, kind, monkeypatch)
    before = collection.look()
    pictures = {path.read_bytes() for path in collection.root.rglob("*") if path.is_file()}
    n_actions = len(list(collection.plan.actions()))
    killed = _in_child(lambda: list(apply_plan(collection.plan, collection.journal, options, Killer(apply_step, every_call))))
    assert pictures <= _contents(collection)
    if collection.journal.exists():
        if undo_step:
            _in_child(lambda: list(undo_journal(collection.journal, reached=Killer(undo_step, every_call))))
            assert pictures <= _contents(collection)
        collection.undo()
        assert collection.look() == before
        assert collection.undo() == []
    found = results(list(apply_plan(collection.plan, collection.journal, options)))
    assert [result for _, result in found] == ["done"] * n_actions
    collection.undo()
    assert collection.look() == before
    with Journal(collection.journal) as journal:
        assert {entry.state for entry in journal.entries()} == {"undone"}
    return killed


@pytest.mark.parametrize(("kind", "apply_step", "undo_step"), POINTS)
def test_a_kill_at_a_fixed_step(collection, kind, apply_step, undo_step, monkeypatch):
    assert _kill_and_recover(collection, kind, apply_step, undo_step, monkeypatch)


def test_apply_goes_on_after_a_kill(collection, monkeypatch):
    options = _prepare(collection, "quarantine", monkeypatch)
    assert _in_child(lambda: list(apply_plan(collection.plan, collection.journal, options, Killer(10))))
    found = [result for _, result in results(list(apply_plan(collection.plan, collection.journal, options)))]
    assert set(found) == {"already", "done"}
    assert len(found) == 4


def test_a_kill_between_link_and_unlink_where_renames_may_replace(collection, monkeypatch):
    """As on systems without renameat2: both names lead to the file for a moment."""
    before = collection.look()
    monkeypatch.setattr("genloss.archive.moving._renameat2", lambda: None)
    unlink = os.unlink

    def die(path, *arguments, **options):
        if "worse0" in str(path):
            os.kill(os.getpid(), signal.SIGKILL)
        unlink(path, *arguments, **options)

    def work():
        os.unlink = die
        collection.apply()

    assert _in_child(work)
    collection.undo()
    assert collection.look() == before
    assert {result for _, result in results(collection.apply())} == {"done"}
    collection.undo()
    assert collection.look() == before


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(50))
def test_a_kill_at_a_random_step(collection, seed, monkeypatch):
    draw = random.Random(seed)
    kind = draw.choice(["quarantine", "trash", "hardlink", "reflink", "delete"])
    _kill_and_recover(collection, kind, draw.randrange(1, 40), draw.randrange(0, 25), monkeypatch, every_call=True)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["quarantine", "trash", "hardlink", "reflink", "delete"])
def test_a_kill_at_every_step_of_apply_and_of_undo(collection, kind, monkeypatch):
    apply_step, killed = 0, True
    while killed:
        apply_step += 1
        killed = _kill_and_recover(collection, kind, apply_step, 1 + apply_step % 5, monkeypatch, every_call=True)
        collection.journal.unlink()
    assert apply_step > 10
    for undo_step in range(1, 40):
        _kill_and_recover(collection, kind, 0, undo_step, monkeypatch, every_call=True)
        collection.journal.unlink()
