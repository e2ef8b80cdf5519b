"""Lets only one apply or undo at a time work in a folder."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from genloss.model.errors import ArchiveLockedError
from genloss.model.files import lock_folder


@contextmanager
def lock_roots(roots: Sequence[Path]) -> Iterator[None]:
    """A block during which no other process locks these folders, folders inside them, or folders above them.

    These folders get an exclusive lock and all folders above them a shared lock; nothing is written. Where folders cannot
    be locked, as on some network file systems, only the journal's own lock protects.

    Raises:
        ArchiveLockedError: another apply or undo works there.
    """
    exclusive = set(roots)
    shared = {above for root in roots for above in root.parents} - exclusive
    with ExitStack() as stack:
        for folder in sorted(exclusive | shared):
            if not stack.enter_context(lock_folder(folder, folder in exclusive)):
                raise ArchiveLockedError(f"{folder}: another apply or undo works here; wait until it is done")
        yield
