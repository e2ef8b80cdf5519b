"""Draws the pictures of a report into its folder. After an interruption, only the missing pictures are drawn."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import asdict
from pathlib import Path
from typing import Any

from genloss.archive.grouping import Watch
from genloss.archive.plan import EQUAL_PIXELS, Group, Member
from genloss.archive.report_pictures import (
    DRAWN_VERSION,
    DrawnFile,
    DrawnPair,
    Source,
    crop_name,
    draw_member,
    large_name,
    small_name,
)
from genloss.archive.tasks import results_of
from genloss.model.errors import ImageError
from genloss.model.files import errors_with_name
from genloss.model.parallel import in_order

LEDGER = "drawn.jsonl"
PICTURES = "pictures"
_AHEAD = 32  # files submitted at a time

Task = tuple[Source, Source | None, Any, float, str, int]


class Drawings:
    """Pictures in a folder, with facts about the drawn files and pairs.

    Args:
        folder: of the report or of a review; must exist.
        degrees: gives the angle in degrees by which the kept file of a group was turned before its alignment with a member.
        max_pixels: largest width times height to draw.

    Attributes:
        degrees: the argument.
        files: drawn files, by sha256.
        pairs: drawn pairs, by sha256 of the kept file and of the other file.
    """

    def __init__(self, folder: Path, degrees: Callable[[Group, Member], float], max_pixels: int) -> None:
        self.folder = folder
        self.files: dict[str, DrawnFile] = {}
        self.pairs: dict[tuple[str, str], DrawnPair] = {}
        self.degrees = degrees
        self._max_pixels = max_pixels
        for record in _read(folder / LEDGER):
            self._take(record)

    def draw(self, groups: Sequence[Group], submit: Callable[..., "Future[Any]"], watch: Watch) -> None:
        """Draws the missing pictures; files that cannot be decoded get none.

        Args:
            groups: of a plan.
            submit: of a task_runner.
            watch: reports progress.

        Raises:
            OSError: a picture cannot be written.
        """
        tasks = list(self.tasks(groups))
        if not tasks:
            return
        path = self.folder / LEDGER
        with errors_with_name(path), open(path, "a", encoding="utf-8") as ledger:
            if not ledger.tell():
                ledger.write(json.dumps({"genloss_report": DRAWN_VERSION}) + "\n")
            submitted = in_order(lambda task: submit(draw_member, *task), tasks, _AHEAD)
            for _, found in results_of(watch(submitted, len(tasks), "drawing")):
                if not isinstance(found, ImageError):
                    for record in self.take(found):
                        ledger.write(json.dumps(record) + "\n")

    def take(self, found: tuple[DrawnFile, DrawnPair | None]) -> list[dict[str, Any]]:
        """Stores a result of draw_member and returns its records for the ledger."""
        records = [asdict(one) for one in found if one is not None]
        for record in records:
            self._take(record)
        return records

    def tasks(self, groups: Iterable[Group]) -> Iterator[Task]:
        """Yields the arguments of draw_member for each missing picture."""
        begun: set[tuple[str, str]] = set()
        folder = str(self.folder / PICTURES)
        for group in groups:
            kept = group.members[0]
            for member in group.members:
                pair = kept.sha256, member.sha256
                if pair in begun or self._is_drawn(kept, member):
                    continue
                begun.add(pair)
                source, first = Source(str(member.path), member.sha256), Source(str(kept.path), kept.sha256)
                is_paired = _is_paired(kept, member)
                degrees = self.degrees(group, member) if is_paired else 0.0
                yield source, first if is_paired else None, member.transform, degrees, folder, self._max_pixels

    def _is_drawn(self, kept: Member, member: Member) -> bool:
        names = [small_name(member.sha256), large_name(member.sha256)]
        if member.sha256 not in self.files:
            return False
        if _is_paired(kept, member):
            if (kept.sha256, member.sha256) not in self.pairs:
                return False
            names.append(crop_name(kept.sha256, member.sha256))
        return all(_has_bytes(self.folder / PICTURES / name) for name in names)

    def _take(self, record: dict[str, Any]) -> None:
        if "kept" in record:
            pair = DrawnPair(**record)
            self.pairs[pair.kept, pair.other] = pair
        else:
            file = DrawnFile(**record)
            self.files[file.sha256] = file


def _is_paired(kept: Member, member: Member) -> bool:
    return member.transform is not None and member.sha256 != kept.sha256 and member.relation not in EQUAL_PIXELS


def _has_bytes(path: Path) -> bool:
    try:
        return path.stat().st_size > 0
    except OSError:
        return False


def _read(path: Path) -> Iterator[dict[str, Any]]:
    """Yields the records of a ledger. Skips truncated lines; deletes a ledger of another version."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        if json.loads(lines[0]) != {"genloss_report": DRAWN_VERSION}:
            raise ValueError("drawn by another version")
    except (OSError, ValueError, IndexError):
        path.unlink(missing_ok=True)
        return
    for line in lines[1:]:
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if isinstance(record, dict):
            yield record
