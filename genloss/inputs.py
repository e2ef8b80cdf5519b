"""What was typed, as files one by one: folders walked, patterns matched, lists read as they arrive."""

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from genloss.model.errors import FileUnreadableError

STANDARD_INPUT = "-"
# Longer than any path a system takes; a list without its separator must not fill the memory.
MAX_NAME_BYTES = 1 << 16
_READ_BYTES = 1 << 16
SYMBOLIC_LINK = "symbolic link"
NO_FILE = "no regular file"


@dataclass(frozen=True)
class Input:
    """One file to look at, or why there is none.

    Attributes:
        path: as typed, found or listed.
        error: set where nothing can be read under this name.
        met_in_folder: found while a folder was walked, not named itself.
        follow_link: whether a symbolic link of this name is read.
        skipped: set for entries of a folder that are not read, such as links and pipes: what they are.
    """

    path: Path
    error: FileUnreadableError | None = None
    met_in_folder: bool = False
    follow_link: bool = True
    skipped: str | None = None


def typed_inputs(
    files: list[str] | None, files_from: str | None = None, null: bool = False, follow_links: bool = False
) -> Iterator[Input]:
    """Everything a command line names: its arguments, then the names in a list.

    Args:
        files: files, folders and patterns.
        files_from: a file of names, "-" for standard input.
        null: whether NUL ends the names in that list.
        follow_links: whether links that are met in folders are followed.

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
    """A function that counts what the arguments name, for a progress bar; None where a list is given, which is read once."""
    if files_from is not None:
        return None
    return lambda: sum(1 for _ in typed_inputs(files, follow_links=follow_links))


def expand(names: Iterable[str | Path], follow_links: bool = False, patterns: bool = True) -> Iterator[Input]:
    """Every file that the names stand for, in their order; found while they are asked for, not before.

    A folder stands for all files below it, whatever their names, in the order of their names. A link that is named is
    followed, as grep does; of links, pipes, sockets and devices that are met in folders it is said that they are skipped.

    Args:
        names: files, folders or patterns.
        follow_links: whether links that are met in folders are followed, too.
        patterns: whether a name that does not exist and holds *, ? or [ is matched; `**` stands for any folders.
    """
    for name in names:
        if patterns and any(character in str(name) for character in "*?[") and not os.path.lexists(name):
            yield from _match(str(name), follow_links)
        else:
            yield from _walk(str(Path(name)), follow_links)


def listed(source: str, null_separated: bool = False) -> Iterator[str]:
    """The names in a list, as they arrive; empty ones are left out.

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
    """The path itself, or all files below it, depth first; an explicit stack, for folders nest deeper than Python's."""
    if not _is_folder(path, follow_links=True):
        yield Input(Path(path))
        return
    stack: list[tuple[str, list[str]]] = []
    descend: str | None = path
    while descend is not None or stack:
        if descend is not None:
            try:
                # Names only, and sorted backwards to be popped: a folder may hold a million.
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
    """An entry of a folder that is no folder to walk."""
    skipped = None
    try:
        mode = os.stat(path, follow_symlinks=follow_links).st_mode
        if stat.S_ISLNK(mode):
            skipped = SYMBOLIC_LINK
        elif not stat.S_ISREG(mode):
            skipped = NO_FILE
    except OSError:  # reading it says why
        pass
    return Input(Path(path), met_in_folder=True, follow_link=follow_links, skipped=skipped)


def _match(pattern: str, follow_links: bool) -> Iterator[Input]:
    # pathlib's own ** follows no links; it stands for folders only, whose files it would not give.
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
        elif not _is_folder(path, follow_links):  # what is in it matches by itself
            yield _met(path, follow_links)


def _folders_between(path: str, n_fixed: int) -> Iterator[Path]:
    """The folders above a match that the pattern's wildcards chose."""
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
