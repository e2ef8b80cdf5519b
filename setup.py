"""Compiles the measurements' inner loops when genloss is built, and makes README fit to be read elsewhere; all else is in
pyproject.toml.
"""

import os
import re
import sys
from pathlib import Path

from setuptools import setup

sys.path.insert(0, str(Path(__file__).resolve().parent))
from genloss.model.kernels.build import BuildKernels, extensions

ROOT = Path(__file__).resolve().parent
_LINK = re.compile(r"(!?)\[((?:[^\[\]]|!\[[^\]]*\]\([^)]*\))*)\]\((?!https?:|#|mailto:)([^)]+)\)")


def readme(text: str, repository: str) -> str:
    """README as an index shows it: its pictures and links lead into the repository, or are left out where none is named.

    Args:
        repository: address of the repository on a forge that serves files under /raw/HEAD and /blob/HEAD; or empty.
    """

    def replace(link: re.Match[str]) -> str:
        is_picture, words, path = link.groups()
        if repository:
            return f"{is_picture}[{words}]({repository}/{'raw' if is_picture else 'blob'}/HEAD/{path})"
        return "" if is_picture else words

    return _LINK.sub(replace, text.replace("git clone REPOSITORY", f"git clone {repository or 'REPOSITORY'}"))


if __name__ == "__main__":
    repository = os.environ.get("GENLOSS_REPOSITORY", "").rstrip("/")
    pages = {"Repository": "", "Documentation": "/blob/HEAD/docs", "Changelog": "/blob/HEAD/CHANGELOG.md", "Issues": "/issues"}
    setup(
        ext_modules=extensions(),
        cmdclass={"build_ext": BuildKernels},
        long_description=readme((ROOT / "README.md").read_text(encoding="utf-8"), repository),
        long_description_content_type="text/markdown",
        project_urls={name: repository + path for name, path in pages.items()} if repository else {},
    )
