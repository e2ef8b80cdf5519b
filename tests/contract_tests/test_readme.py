"""What README shows is what genloss does: its ranking, its commands, its lines of Python and of HTTP."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fixtures import LIMIT_SECONDS, ROOT, service

README = (ROOT / "README.md").read_text(encoding="utf-8")
CODE = [line.removeprefix("    ") for line in README.splitlines() if line.startswith("    ")]
PERCENT = re.compile(r"(\d+(?:\.\d+)?) %")
OTHER_PROCESSOR = 1  # percentage points by which another processor's last digits may move odds, which are rounded down

EXPLAINED = ("laundered.png", "resaved_larger.jpg", "enlarged.jpg", "shrunk.png")


def _run(command: str, folder: Path) -> subprocess.CompletedProcess:
    """A line of README in a shell, with this Python in place of the installed one and the folder as home."""
    typed = command.replace(".venv/bin/genloss", f"{shlex.quote(sys.executable)} -m genloss.cli")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(folder)}
    return subprocess.run(
        ["bash", "-c", typed], cwd=folder, env=environment, capture_output=True, text=True, timeout=LIMIT_SECONDS
    )


def _words(line: str) -> str:
    return PERCENT.sub("%", re.sub(r" {2,}", "  ", line))


def _assert_same(shown: list[str], printed: list[str]) -> None:
    """The same lines, with percentages that another processor may print."""
    assert [_words(line) for line in shown] == [_words(line) for line in printed]
    for line, other in zip(shown, printed, strict=True):
        odds, others = ([float(number) for number in PERCENT.findall(text)] for text in (line, other))
        assert odds == pytest.approx(others, abs=OTHER_PROCESSOR)


def _pictures(folder: Path) -> dict[Path, bytes]:
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.*") if path.is_file()}


def test_the_ranking_is_the_one_that_genloss_prints():
    start = next(place for place, line in enumerate(CODE) if line.startswith("$ "))
    printed = _run(CODE[start].removeprefix("$ "), ROOT).stdout.splitlines()
    _assert_same(CODE[start + 1 : start + 1 + len(printed)], printed)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("page", "command"),
    [
        ("side-by-side.md", "rank samples/cat/*.* --tree"),
        ("scores.md", "explain " + " ".join(f"samples/cat/{name}" for name in EXPLAINED)),
    ],
)
def test_what_other_pages_show_is_what_genloss_prints(page, command):
    printed = _run(f".venv/bin/genloss {command}", ROOT).stdout.splitlines()
    lines = (ROOT / "docs/using" / page).read_text(encoding="utf-8").splitlines()
    start = lines.index(f"    {printed[0]}")
    _assert_same([line.removeprefix("    ") for line in lines[start : start + len(printed)]], printed)


def test_the_lines_of_python_run(capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    exec(re.search(r"```python\n(.*?)```", README, re.DOTALL)[1], {})
    first, second, score = capsys.readouterr().out.splitlines()
    assert first.startswith("1 samples/cat/original.jpg 0.9")
    assert second == "2 samples/cat/messenger.jpg None"
    assert 0 <= float(score) <= 1


@pytest.mark.slow
def test_every_command_on_the_samples_succeeds(tmp_path):
    for name in ("samples", "Pictures"):
        shutil.copytree(ROOT / "samples", tmp_path / name)
    commands = [line for line in CODE if line.startswith(".venv/bin/genloss ")]
    assert len(commands) >= 8
    for command in commands:
        result = _run(command, tmp_path)
        assert result.returncode == 0, (command, result.stderr)
        assert "Traceback" not in result.stderr
    assert (tmp_path / "scores.csv").exists()
    for name in ("samples", "Pictures"):  # undo has brought back what apply moved
        assert _pictures(tmp_path / name) == _pictures(ROOT / "samples")


@pytest.mark.slow
def test_the_lines_of_http_are_answered(tmp_path):
    commands = [line for line in CODE if line.startswith("curl ")]
    with service(workers=1) as running:
        score, ranking = (_run(line.replace("http://127.0.0.1:8000", running.url), ROOT).stdout for line in commands)
    assert '"generation_loss"' in score
    assert '"ranking"' in ranking
