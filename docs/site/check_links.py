"""Checks the links of all Markdown files, without a network: python docs/site/check_links.py

A link must name a file of the repository and, after #, a heading of it. Links to other hosts are not followed.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from markdown_links import Link, read_anchors, read_links, unseen_blocks

ROOT = Path(__file__).resolve().parents[2]
BUILT = {"build", "data", "dist", "runs"}  # folders at the root that are not checked


def main() -> int:
    """Prints a line for every fault; the exit code is 1 if there is a fault."""
    pages = list(markdown_files(ROOT))
    faults = [fault for page in pages for fault in page_faults(page, ROOT)]
    print("\n".join(faults) if faults else f"{len(pages)} Markdown files, all links lead somewhere")
    return 1 if faults else 0


def markdown_files(root: Path) -> Iterator[Path]:
    """Markdown files of a checkout in order, without hidden and built folders; symbolic links are not followed."""
    for folder, folders, names in os.walk(root):
        at_root = Path(folder) == root
        folders[:] = sorted(name for name in folders if not name.startswith(".") and not (at_root and name in BUILT))
        yield from (Path(folder, name) for name in sorted(names) if name.endswith(".md"))


def page_faults(page: Path, root: Path) -> Iterator[str]:
    """A line `FILE:LINE: fault` for each bad link, list or table.

    Args:
        page: a Markdown file below root.
        root: folder that links must not leave; file names are relative to it.
    """
    name = page.relative_to(root)
    for link in read_links(page):
        fault = None if link.is_external else _fault(link, page, root)
        if fault:
            yield f"{name}:{link.line}: {link.target}: {fault}"
    for line in unseen_blocks(page):
        yield f"{name}:{line}: put an empty line before a list or table, and four spaces before what a list item goes on with"


def _fault(link: Link, page: Path, root: Path) -> str | None:
    file = link.file(page)
    if not file.is_relative_to(root.resolve()):
        return "outside the repository"
    if not file.exists():
        return "no such file"
    if link.anchor and file.suffix == ".md" and link.anchor not in read_anchors(file):
        return "no such heading"
    return None


if __name__ == "__main__":
    sys.exit(main())
