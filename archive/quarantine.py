"""The folder where files wait that were put away, with the tree they stood in."""

import os
from contextlib import suppress
from pathlib import Path

from genloss.archive.listing import QUARANTINE_FOLDER, QUARANTINE_MARK
from genloss.archive.moving import make_folders, sync_folders
from genloss.archive.plan import Plan

_TEXT = """Files that genloss put away by plan {id}. Nothing reads this folder; a scan passes it by.
Bring them back with `genloss undo JOURNAL`, or delete the folder when you are sure.
"""


def quarantine_target(plan: Plan, path: Path, folder: Path | None) -> Path:
    """Where a file of the plan is put.

    Args:
        plan: the plan.
        path: of the file.
        folder: that was asked for, with the whole absolute path below it; None for one in the plan's own folder that the
            file lies in.
    """
    if folder is not None:
        return folder / plan.id / path.relative_to(path.anchor)
    root = plan.root_of(path)
    assert root is not None  # check_plan
    return root / QUARANTINE_FOLDER / plan.id / path.relative_to(root)


def quarantine_of(target: Path, plan_id: str) -> Path:
    """The folder of one plan in a quarantine, given a file in it."""
    return next(above for above in target.parents if above.name == plan_id)


def make_quarantine(target: Path, plan_id: str) -> None:
    """Makes the folders for a file, and the mark that tells people and scans what they hold.

    Raises:
        OSError: as the system says.
    """
    folder = quarantine_of(target, plan_id)
    mark = folder / QUARANTINE_MARK
    if not mark.exists():
        make_folders(folder)
        mark.write_text(_TEXT.format(id=plan_id), encoding="utf-8")
        sync_folders(folder)
    make_folders(target.parent)


def remove_empty_folders(target: Path, plan_id: str) -> None:
    """Removes what make_quarantine made, as far as no file is left in it."""
    folder = quarantine_of(target, plan_id)
    with suppress(OSError):
        for above in target.parents:
            if above == folder:
                break
            with suppress(FileNotFoundError):
                above.rmdir()
        if {path.name for path in folder.iterdir()} == {QUARANTINE_MARK}:
            os.unlink(folder / QUARANTINE_MARK)
            folder.rmdir()
            if folder.parent.name == QUARANTINE_FOLDER:
                folder.parent.rmdir()
