"""The quarantine: a folder that holds the files put away, in their original folder tree."""

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
    """The path of a file in the quarantine.

    Args:
        plan: the plan.
        path: of the file, absolute.
        folder: quarantine chosen by the user, in which the file gets its whole absolute path; None for a quarantine in the
            root of the plan that contains the file.
    """
    if folder is not None:
        return folder / plan.id / path.relative_to(path.anchor)
    root = plan.root_of(path)
    assert root is not None  # check_plan
    return root / QUARANTINE_FOLDER / plan.id / path.relative_to(root)


def quarantine_of(target: Path, plan_id: str) -> Path:
    """The folder of a plan in the quarantine.

    Args:
        target: path of a file in that folder.
        plan_id: of the plan.
    """
    return next(above for above in target.parents if above.name == plan_id)


def make_quarantine(target: Path, plan_id: str) -> None:
    """Creates the folders for a file, and the text file that marks them as a quarantine for people and scans.

    Raises:
        OSError: a folder or the mark cannot be written.
    """
    folder = quarantine_of(target, plan_id)
    mark = folder / QUARANTINE_MARK
    if not mark.exists():
        make_folders(folder)
        mark.write_text(_TEXT.format(id=plan_id), encoding="utf-8")
        sync_folders(folder)
    make_folders(target.parent)


def remove_empty_folders(target: Path, plan_id: str) -> None:
    """Removes the folders of make_quarantine that hold no file any more; the mark goes with the last folder."""
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
