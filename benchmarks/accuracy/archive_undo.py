"""Whether undo restores everything: copies an archive, applies its plan, undoes it, and compares every file.

    python benchmarks/accuracy/archive_undo.py OUT

OUT is an archive of archive.py, or any folder that holds pictures/; it stays unchanged. Names, bytes, hard links, modification
times and modes are compared.
"""

import argparse
import hashlib
import os
import shutil
import tempfile
from collections import Counter
from pathlib import Path

from genloss import scan
from genloss.archive.apply import apply_plan
from genloss.archive.undo import undo_journal

State = dict[bytes, tuple[str, int, int]]


def state_of(folder: Path) -> State:
    """Every file below a folder: sha256, modification time in ns, and mode."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            status = path.stat()
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            found[os.fsencode(path.relative_to(folder))] = (digest, status.st_mtime_ns, status.st_mode)
    return found


def names_together(folder: Path) -> set[tuple[bytes, ...]]:
    """Sets of names that are hard links to the same file."""
    names: dict[tuple[int, int], list[bytes]] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            status = path.stat()
            names.setdefault((status.st_dev, status.st_ino), []).append(os.fsencode(path.relative_to(folder)))
    return {tuple(together) for together in names.values() if len(together) > 1}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.out.parent) as space:
        folder, catalog = Path(space).resolve() / "pictures", Path(space) / "catalog"
        shutil.copytree(arguments.out / "pictures", folder, symlinks=True)
        _link_again(arguments.out / "pictures", folder)
        known = arguments.out / "scan.catalog"
        if known.exists():
            shutil.copy2(known, catalog)
        before, linked = state_of(folder), names_together(folder)
        plan = scan([folder], catalog=catalog, isolated=False).plan
        journal = Path(space) / "plan.journal"
        applied = Counter(one.result.value for one in apply_plan(plan, journal))
        between = state_of(folder)
        moved = len(before) - sum(name in between for name in before)
        print(f"{len(before)} files; plan applied: {dict(applied)}; {moved} files are no longer where they were")
        undone = Counter(one.result.value for one in undo_journal(journal))
        after = {name: state for name, state in state_of(folder).items() if not name.startswith(b".genloss-quarantine")}
        missing, added = sorted(before.keys() - after.keys()), sorted(after.keys() - before.keys())
        bytes_differ = sum(before[name][0] != after[name][0] for name in before.keys() & after.keys())
        rest_differs = sum(before[name][1:] != after[name][1:] for name in before.keys() & after.keys())
        print(
            f"undone: {dict(undone)}; {len(missing)} missing, {len(added)} new, {bytes_differ} with other bytes, "
            f"{rest_differs} with other times or modes, links as before: {names_together(folder) == linked}"
        )


def _link_again(source: Path, copy: Path) -> None:
    """Restores in the copy the hard links of the source."""
    for together in names_together(source):
        first, *others = (copy / os.fsdecode(name) for name in together)
        for other in others:
            other.unlink()
            os.link(first, other)


if __name__ == "__main__":
    main()
