"""The desktop's trash.

Source: freedesktop.org, "The FreeDesktop.org Trash specification", version 1.0.
"""

import os
import stat
from contextlib import suppress
from datetime import datetime
from itertools import takewhile
from pathlib import Path
from urllib.parse import quote

from genloss.archive.moving import device_of, make_folders, sync_folders
from genloss.model.errors import ActionRefusedError
from genloss.model.files import create_file

_MOST_NAME_BYTES = 240  # ".trashinfo" is appended, and file systems allow 255 bytes
HOME_TRASH = ".local/share/Trash"  # below the home folder


def find_home_trash() -> Path | None:
    """The trash folder of the user; None for a user without a home folder."""
    try:
        return Path.home() / HOME_TRASH
    except RuntimeError:
        return None


def trash_target(path: Path, home_trash: Path | None, unique: str) -> Path:
    """The path of a file in the trash: in the home trash if it is on the same device, else in the trash of the file's device.

    Args:
        path: of the file, absolute.
        home_trash: from find_home_trash.
        unique: added to the name if the file's own name is taken or too long.

    Raises:
        ActionRefusedError: no_trash: the trash of the device is a link or belongs to another user.
    """
    device = os.lstat(path).st_dev
    folder = home_trash if home_trash is not None and device_of(home_trash) == device else _device_trash(path, device)
    plain = folder / "files" / path.name
    fits = len(os.fsencode(path.name)) <= _MOST_NAME_BYTES
    if fits and not os.path.lexists(plain) and not os.path.lexists(_info_of(plain)):
        return plain
    return plain.with_name(f"{path.stem[:40]}.{unique}{path.suffix[:10]}")


def write_trash_info(path: Path, target: Path, home_trash: Path | None) -> None:
    """Creates the trash's folders, and the .trashinfo file with the original path.

    Args:
        path: original path of the file.
        target: from trash_target.
        home_trash: from find_home_trash.

    Raises:
        FileExistsError: another program took the name meanwhile.
        OSError: a folder or the .trashinfo file cannot be written.
    """
    folder = target.parent.parent
    for part in ("files", "info"):
        make_folders(folder / part)
        os.chmod(folder / part, 0o700)
    shown = path if folder == home_trash else path.relative_to(_top(path, os.lstat(path).st_dev))
    lines = f"[Trash Info]\n{_path_line(shown)}DeletionDate={datetime.now():%Y-%m-%dT%H:%M:%S}\n"
    info = _info_of(target)
    create_file(info, lines.encode("ascii"))
    sync_folders(info.parent)


def remove_trash_info(path: Path, target: Path) -> None:
    """Removes the .trashinfo of a file that is not in the trash, unless it describes another file.

    Args:
        path: original path of the file.
        target: path of the file in the trash.
    """
    info = _info_of(target)
    with suppress(OSError):
        lines = info.read_text(encoding="ascii", errors="replace")
        shown = (path, *(path.relative_to(above) for above in path.parents))
        if not os.path.lexists(target) and any(_path_line(one) in lines for one in shown):
            info.unlink()


def _path_line(path: Path) -> str:
    return f"Path={quote(os.fsencode(path))}\n"


def _info_of(target: Path) -> Path:
    return target.parent.parent / "info" / f"{target.name}.trashinfo"


def _top(path: Path, device: int) -> Path:
    """The mount point of the file's device."""
    return list(takewhile(lambda above: os.lstat(above).st_dev == device, path.parents))[-1]


def _device_trash(path: Path, device: int) -> Path:
    """$topdir/.Trash/$uid if an administrator created $topdir/.Trash, else $topdir/.Trash-$uid."""
    top, uid = _top(path, device), os.getuid()
    shared = top / ".Trash"
    if shared.is_dir() and not shared.is_symlink() and shared.stat().st_mode & stat.S_ISVTX:
        return shared / str(uid)
    own = top / f".Trash-{uid}"
    if own.is_symlink() or (own.exists() and own.lstat().st_uid != uid):
        raise ActionRefusedError("no_trash", f"{own} is a link or belongs to another user")
    return own
