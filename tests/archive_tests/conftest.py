"""A small collection with a plan, and what its files look like to a person."""

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import genloss
from genloss.archive.apply import ApplyOptions, apply_plan
from genloss.archive.outcomes import Outcome
from genloss.archive.plan import Action, ActionKind, Group, Member, Plan, Relation, make_plan
from genloss.archive.undo import undo_journal
from genloss.parser import app
from tests.archive_tests.pictures import fill
from tests.fixtures import ROOT

CREATED = datetime(2026, 11, 27, 9, 30, tzinfo=UTC)
OLD_NS = 1_000_000_000_123_456_789  # a time that no file of today has


@dataclass
class Collection:
    """Files below `root`, and a plan for them.

    Attributes:
        folder: of everything.
        root: of the plan; `home` beside it holds the trash.
        groups: of the plan so far.
    """

    folder: Path
    root: Path = field(init=False)
    groups: list[Group] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.root = self.folder / "pictures"
        self.root.mkdir()

    @property
    def journal(self) -> Path:
        return self.folder / "plan.jsonl.journal"

    @property
    def plan(self) -> Plan:
        return make_plan(CREATED, [self.root], self.groups)

    def file(self, name: str, content: bytes) -> Path:
        """Writes a file with a time, a mode and an attribute of its own."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(0o640)
        with suppress(OSError):  # this file system has none
            os.setxattr(path, "user.rating", os.fsencode(name))
        os.utime(path, ns=(OLD_NS, OLD_NS + len(self.groups)))
        return path

    def group(self, kept: Path, *losers: Path, kind: str = "quarantine", odds: float = 0.999, **changes: object) -> None:
        """Adds a group to the plan; `changes` replace fields of its losers."""
        best = member(kept, 1, keep=True)
        members = [best]
        for path in losers:
            same = path.read_bytes() == kept.read_bytes()
            relation = Relation.SAME_BYTES if same else Relation.VERSION
            action = Action(ActionKind(kind), kept, best.sha256)
            members.append(member(path, 2, **{"relation": relation, "odds": odds, "action": action, **changes}))
        self.groups.append(Group(len(self.groups) + 1, tuple(members)))

    def apply(self, reached: Callable[[str], None] = lambda step: None, **options: object) -> list[Outcome]:
        """Outcomes of applying the plan."""
        return list(apply_plan(self.plan, self.journal, self.options(**options), reached))

    def options(self, **options: object) -> ApplyOptions:
        """Options with a trash of this collection's own."""
        return ApplyOptions(home_trash=self.folder / "home/Trash", **options)

    def undo(self, **options: object) -> list[Outcome]:
        """Outcomes of taking it back."""
        return list(undo_journal(self.journal, **options))

    def look(self) -> dict[str, object]:
        """All files below the root: bytes, time, mode and attributes; folders that hold no file do not count."""
        return {str(path.relative_to(self.root)): _look(path) for path in self.root.rglob("*") if not path.is_dir()}


def member(path: Path, place: int, keep: bool = False, **fields: object) -> Member:
    """A member with the file's sha256 and size."""
    data = path.read_bytes()
    return Member(path, hashlib.sha256(data).hexdigest(), len(data), place, keep, **fields)


def _look(path: Path) -> object:
    if path.is_symlink():
        return os.readlink(path)
    status = path.stat()
    xattrs = {name: os.getxattr(path, name) for name in os.listxattr(path)}
    return hashlib.sha256(path.read_bytes()).hexdigest(), status.st_mtime_ns, oct(status.st_mode), xattrs


def genloss_command(*words: object) -> Result:
    """What a command as typed says; whatever goes wrong, it ends with an exit code and no traceback."""
    found = CliRunner().invoke(app, [str(word) for word in words])
    assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
    return found


def results(outcomes: list[Outcome]) -> list[tuple[str, str | None]]:
    """Name of the file and what became of it: the code where it was left or refused, else the result."""
    return [(outcome.path.name, outcome.code or outcome.result.value) for outcome in outcomes]


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Collection]:
    """No files, no groups; in memory where the system offers that, for every action waits for the disk several times."""
    in_memory = Path("/dev/shm")
    if not os.access(in_memory, os.W_OK):
        yield Collection(tmp_path.resolve())
        return
    with tempfile.TemporaryDirectory(dir=in_memory, prefix="genloss-test-", ignore_cleanup_errors=True) as folder:
        yield Collection(Path(folder).resolve())


@pytest.fixture
def collection(empty: Collection) -> Collection:
    """Two groups of a kept file and two others each, one of them with the kept file's bytes."""
    for number, sample in enumerate(("cat", "drawing")):
        sources = sorted(
            (ROOT / "samples" / sample).iterdir(), key=lambda path: (not path.name.startswith("original"), path.name)
        )
        kept = empty.file(f"{sample}/original{number}", sources[0].read_bytes())
        copy = empty.file(f"{sample}/deep/copy{number}", sources[0].read_bytes())
        worse = empty.file(f"{sample}/worse{number}", sources[1].read_bytes())
        empty.group(kept, copy, worse)
    return empty


@pytest.fixture
def other_device(tmp_path: Path, empty: Collection) -> Path:
    """A folder on another device than the collection."""
    if tmp_path.stat().st_dev == empty.root.stat().st_dev:
        pytest.skip("needs a second file system at /dev/shm")
    return tmp_path


@pytest.fixture(scope="session")
def scanned(tmp_path_factory: pytest.TempPathFactory):
    """A folder, its catalog and what the first scan said; tests that change the catalog take a copy of it."""
    folder = tmp_path_factory.mktemp("scan").resolve()
    fill(folder / "pictures")
    return folder, genloss.scan([folder / "pictures"], folder / "catalog", isolated=False)
