"""Options that the documents name exist: in a command, a script, or a program of somebody else."""

import re

import pytest

from tests.fixtures import ROOT

DOCUMENTS = sorted(path.relative_to(ROOT).as_posix() for path in [ROOT / "README.md", *ROOT.glob("docs/**/*.md")])
ROOMS = ("archive", "benchmarks", "datagen", "dataset", "genloss/commands", "genloss", "search", "serve", "docs")
# Of pip, docker, uvicorn, curl, Ray and GCC; the last is made of a name.
OF_OTHERS = {
    "--no-deps", "--target", "--rm", "--build", "--build-arg", "--entrypoint", "--factory", "--http", "--no-access-log",
    "--data-binary", "--address", "--disable-usage-stats", "--head", "--ray-client-server-port", "--param", "--file-bytes",
}  # fmt: skip


@pytest.fixture(scope="module")
def known() -> set[str]:
    sources = {path for room in ROOMS for path in (ROOT / room).glob("*.py")} | set((ROOT / "benchmarks").glob("*/*.py"))
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    named = {option for options in re.findall(r'"((?:--[a-z][\w-]*/?)+)"', text) for option in options.split("/")}
    arguments = {f"--{name.replace('_', '-')}" for name in re.findall(r"^    (\w+): Annotated\[", text, re.MULTILINE)}
    return named | arguments | OF_OTHERS


@pytest.mark.parametrize("document", DOCUMENTS)
def test_options_in_documents_exist(document, known):
    words = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*[a-z]", (ROOT / document).read_text(encoding="utf-8")))
    assert words - known == set()
