"""Builds the site from the Markdown of the repository and the docstrings: python docs/site/build_site.py

The pages are in build/site/html, for any web server. Opened as files, everything works except the search.
"""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

from check_links import ROOT, markdown_files
from markdown_links import read_links
from outside_requests import outside_requests

SITE = ROOT / "build/site"
ROOMS = ("genloss", "model", "archive", "dataset", "datagen", "search", "serve")


def main() -> int:
    """The exit code: of the builder, or 1 if a page would send a request to another host."""
    shutil.rmtree(SITE, ignore_errors=True)
    copy_pages(ROOT, SITE / "source")
    names = write_reference(ROOT, SITE / "source/reference")
    settings = (ROOT / "docs/site/zensical.toml").read_text(encoding="utf-8")
    settings = settings.replace("    # REFERENCE", _entries(f"reference/{name}.md" for name in names))
    settings = settings.replace("    # UNLISTED", _entries(unlisted_pages(ROOT, settings)))
    (SITE / "zensical.toml").write_text(settings, encoding="utf-8")
    built = subprocess.run([sys.executable, "-m", "zensical", "build", "--strict", "-f", SITE / "zensical.toml"], check=False)
    if built.returncode:
        return built.returncode
    faults = list(outside_requests(SITE / "html"))
    print("\n".join(faults) if faults else f"{SITE.relative_to(ROOT)}/html/index.html")
    return 1 if faults else 0


def listed_pages(settings: str) -> list[str]:
    """The pages that the navigation of zensical.toml names."""
    navigation = str(tomllib.loads(settings)["project"]["nav"])
    return re.findall(r"'([^']+\.md)'", navigation)


def unlisted_pages(root: Path, settings: str) -> list[str]:
    """Documents below docs/ that the navigation does not name."""
    documents = {page.relative_to(root).as_posix() for page in (root / "docs").rglob("*.md")}
    return sorted(documents - set(listed_pages(settings)))


def _entries(pages: Iterable[str]) -> str:
    """Lines of the navigation."""
    return "\n".join(f'    "{page}",' for page in pages)


def copy_pages(root: Path, target: Path) -> None:
    """Copies every Markdown file and the files it links to, under the same names, so that links stay valid."""
    for page in markdown_files(root):
        linked = (link.file(page) for link in read_links(page) if not link.is_external)
        for file in [page, *linked]:
            if file.is_file():
                copy = target / file.relative_to(root)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(file, copy)
    shutil.copy(root / "docs/site/genloss.css", target / "docs/site/genloss.css")


def write_reference(root: Path, target: Path) -> list[str]:
    """Writes a page for every package, with all its modules.

    Returns:
        The names of the packages; the pages have the same names.
    """
    target.mkdir(parents=True)
    names = []
    for room in ROOMS:
        for folder, folders, files in os.walk(root / room):
            folders[:] = sorted(name for name in folders if not Path(folder, name).is_symlink())
            if "__init__.py" in files:
                parts = Path(folder).relative_to(root).parts
                name = ".".join(parts if room == "genloss" else ("genloss", *parts))
                (target / f"{name}.md").write_text(_reference_page(name, Path(folder)), encoding="utf-8")
                names.append(name)
    return names


def _reference_page(name: str, folder: Path) -> str:
    """Markdown, for mkdocstrings, of a package and the modules in its folder."""
    package = ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))
    # The search excludes the reference: a function's name would rank before the page that explains the word.
    text = f"---\nsearch:\n  exclude: true\n---\n# {name}\n\n{ast.get_docstring(package) or ''}\n"
    for file in sorted(folder.glob("[!_]*.py")):
        # The heading is written here, as mkdocstrings would give two modules of one name the same one.
        text += f"\n## {file.stem}\n::: {name}.{file.stem}\n    options: {{show_root_heading: false, heading_level: 3}}\n"
    return text


if __name__ == "__main__":
    sys.exit(main())
