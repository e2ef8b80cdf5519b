"""Turns typed names into files, one by one: walks folders, matches patterns, and reads lists as they arrive."""

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from genloss.model.errors import FileUnreadableError

STANDARD_INPUT = "-"
# Longer than any path that a system takes. The limit keeps a list without separators from filling the memory.
MAX_NAME_BYTES = 1 << 16
_READ_BYTES = 1 << 16
SYMBOLIC_LINK = "symbolic link"
NO_FILE = "no regular file"


class Input(NamedTuple):
    """One file to read, or the reason why it is not read.

    Attributes:
        path: as typed, found or listed.
        error: set if nothing can be read under this name.
        met_in_folder: whether the file was found in a folder, and not named itself.
        follow_link: whether to read this file if it is a symbolic link.
        skipped: kind of an entry of a folder that is not read, such as a link or a pipe; None for all other files.
    """

    path: Path
    error: FileUnreadableError | None = None
    met_in_folder: bool = False
    follow_link: bool = True
    skipped: str | None = None


def typed_inputs(
    files: list[str] | None, files_from: str | None = None, null: bool = False, follow_links: bool = False
) -> Iterator[Input]:
    """All files that a command line names: its arguments, then the names in a list.

    Args:
        files: files, folders and patterns.
        files_from: a file of names, "-" for standard input.
        null: whether NUL ends the names in that list.
        follow_links: whether to follow links found in folders.

    Raises:
        typer.BadParameter: nothing was named.
    """
    if not files and files_from is None:
        import typer

        raise typer.BadParameter("no files given; name some, or use --files-from")
    found = expand(files or [], follow_links)
    if files_from is None:
        return found
    return chain(found, expand(listed(files_from, null), follow_links, patterns=False))


def count_inputs(files: list[str] | None, files_from: str | None, follow_links: bool) -> Callable[[], int] | None:
    """A function that counts the named files for a progress bar; None with a list, which can be read only once."""
    if files_from is not None:
        return None
    return lambda: sum(1 for _ in typed_inputs(files, follow_links=follow_links))


def expand(names: Iterable[str | Path], follow_links: bool = False, patterns: bool = True) -> Iterator[Input]:
    """Yields every file that the names stand for, in the order of the names; each file is found only on demand.

    A folder stands for all files below it, whatever their suffix, sorted by name. A named link is followed, as grep does.
    Links, pipes, sockets and devices found in folders are yielded with `skipped` set.

    Args:
        names: files, folders or patterns.
        follow_links: whether to follow links found in folders, too.
        patterns: whether a name with *, ? or [ is a pattern if no such file exists; `**` stands for any folders.
    """
    for name in names:
        if patterns and any(character in str(name) for character in "*?[") and not os.path.lexists(name):
            yield from _match(str(name), follow_links)
        else:
            yield from _walk(str(Path(name)), follow_links)


def listed(source: str, null_separated: bool = False) -> Iterator[str]:
    """Yields the names in a list as they arrive, without empty names.

    Args:
        source: a file, or "-" for standard input.
        null_separated: whether a NUL ends each name (as `find -print0` writes), else a newline.

    Raises:
        FileUnreadableError: the list cannot be read, or a name in it is longer than MAX_NAME_BYTES.
    """
    separator = b"\0" if null_separated else b"\n"
    try:
        # Unbuffered: names are needed as they arrive, and a buffer's lock held by a thread would block the exit.
        stream = open(0 if source == STANDARD_INPUT else source, "rb", buffering=0, closefd=source != STANDARD_INPUT)  # noqa: SIM115
        with stream:
            rest = b""
            while block := stream.read(_READ_BYTES):
                *names, rest = (rest + block).split(separator)
                yield from (os.fsdecode(name) for name in names if name)
                if len(rest) > MAX_NAME_BYTES:
                    raise FileUnreadableError(f"{source}: a name of more than {MAX_NAME_BYTES} bytes; is this a list of files?")
            if rest:
                yield os.fsdecode(rest)
    except OSError as error:
        raise FileUnreadableError(f"{source}: {error.strerror}") from error


def _walk(path: str, follow_links: bool) -> Iterator[Input]:
    """Yields the path, or all files below it, depth first. Folders may nest deeper than Python recurses, hence the stack."""
    if not _is_folder(path, follow_links=True):
        yield Input(Path(path))
        return
    stack: list[tuple[str, list[str]]] = []
    descend: str | None = path
    while descend is not None or stack:
        if descend is not None:
            try:
                # Names only, sorted backwards to be popped, because a folder may hold a million.
                stack.append((descend, sorted(os.listdir(descend), key=os.fsencode, reverse=True)))
            except OSError as error:
                yield Input(Path(descend), FileUnreadableError(f"the folder cannot be listed: {error.strerror}"))
            descend = None
            continue
        folder, names = stack[-1]
        if not names:
            stack.pop()
            continue
        found = os.path.join(folder, names.pop())
        if not _is_folder(found, follow_links):
            yield _met(found, follow_links)
        elif follow_links and os.path.islink(found) and _is_above(found, [above for above, _ in stack]):
            yield Input(Path(found), FileUnreadableError("a link to a folder that it lies in"))
        else:
            descend = found


def _met(path: str, follow_links: bool) -> Input:
    """The input for an entry of a folder that is not walked itself."""
    skipped = None
    try:
        mode = os.stat(path, follow_symlinks=follow_links).st_mode
        if stat.S_ISLNK(mode):
            skipped = SYMBOLIC_LINK
        elif not stat.S_ISREG(mode):
            skipped = NO_FILE
    except OSError:  # reading the file reports the error
        pass
    return Input(Path(path), met_in_folder=True, follow_link=follow_links, skipped=skipped)


def _match(pattern: str, follow_links: bool) -> Iterator[Input]:
    # pathlib's ** follows no links. It matches folders only, so that a final ** needs a * behind it for the files.
    anchor = Path(Path(pattern).anchor)
    relative = os.path.relpath(pattern, anchor) if anchor.name or anchor.anchor else pattern
    if Path(relative).name == "**":
        relative = os.path.join(relative, "*")
    fixed = len(Path(os.path.dirname(pattern.split("*")[0].split("?")[0].split("[")[0])).parts)
    try:
        found = sorted((str(path) for path in anchor.glob(relative)), key=os.fsencode)
    except (ValueError, NotImplementedError) as error:
        yield Input(Path(pattern), FileUnreadableError(f"not a pattern: {error}"))
        return
    if not found:
        yield Input(Path(pattern), FileUnreadableError("no file matches this pattern"))
    for path in found:
        if not follow_links and any(map(os.path.islink, _folders_between(path, fixed))):
            yield Input(Path(path), FileUnreadableError("below a symbolic link"))
        elif "**" not in pattern:
            yield from _walk(path, follow_links)
        elif not _is_folder(path, follow_links):  # the content of a folder matches by itself
            yield _met(path, follow_links)


def _folders_between(path: str, n_fixed: int) -> Iterator[Path]:
    """The folders above a match whose names a wildcard matched."""
    parts = Path(path).parts
    return (Path(*parts[:end]) for end in range(n_fixed + 1, len(parts)))


def _is_folder(path: str, follow_links: bool) -> bool:
    try:
        return stat.S_ISDIR(os.stat(path, follow_symlinks=follow_links).st_mode)
    except (OSError, ValueError):
        return False


def _is_above(path: str, folders: list[str]) -> bool:
    try:
        return any(os.path.samefile(path, folder) for folder in folders)
    except OSError:
        return False
