"""corpus.py says what it will download, and stops at --limit; apt's programs are stood in for by scripts."""

import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from genloss.datagen.debian_packages import PACKAGES
from tests.fixtures import ROOT

pytest.importorskip("wand")

NAMES = [package.name for package in PACKAGES]
N_PICTURES = 3  # in each package
APT_CACHE = """
echo "apt-cache $@" >> "$LOG"
for name in "$@"; do
    case "$name" in show|--no-all-versions|"$MISSING") continue;; esac
    printf 'Package: %s\\nVersion: 1.0\\nInstalled-Size: %s\\nDescription: pictures\\n Size: 7\\nSize: %s\\n\\n' \\
        "$name" 2000 "$(( ${#name} * 1000000 ))"
done
test -z "$MISSING" || { echo "E: No packages found" >&2; exit 100; }
"""
APT_GET = """
echo "apt-get $@" >> "$LOG"
name="$3"
test "$name" != "$UNREACHABLE" || { echo "E: Failed to fetch" >&2; exit 100; }
touch "${name}_1.0_all.deb"
"""
# A package has pictures of three sizes, one too small to keep, a text and a link.
DPKG_DEB = """
echo "dpkg-deb $@" >> "$LOG"
mkdir -p "$3/usr/share"
cp "$PICTURES"/* "$3/usr/share"
ln -s a.png "$3/usr/share/link.png"
"""


@pytest.fixture
def corpus(tmp_path):
    """Runs corpus.py with fake programs; returns the finished process. `corpus.downloaded()` gives package names."""
    programs, pictures, log = tmp_path / "programs", tmp_path / "pictures", tmp_path / "log"
    programs.mkdir()
    pictures.mkdir()
    for name, script in (("apt-cache", APT_CACHE), ("apt-get", APT_GET), ("dpkg-deb", DPKG_DEB)):
        (programs / name).write_text(f"#!/bin/sh{script}")
        (programs / name).chmod(0o755)
    noise = np.random.default_rng(5).integers(0, 256, (400, 500, 3), dtype=np.uint8)
    for name, side in (("a", 400), ("b", 350), ("c", 300), ("small", 150)):
        Image.fromarray(noise[:side, : side + 50]).save(pictures / f"{name}.png")
    (pictures / "text.png").write_text("no picture")

    def run(*words, missing="", unreachable=""):
        environment = {
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "LOG": str(log), "PICTURES": str(pictures),
            "MISSING": missing, "UNREACHABLE": unreachable, "TMPDIR": str(tmp_path),
        }  # fmt: skip
        command = [sys.executable, "datagen/corpus.py", "--out", str(tmp_path / "out"), *words]
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=200)

    def downloaded():
        return [line.split()[-1] for line in log.read_text().splitlines() if line.startswith("apt-get download")]

    run.downloaded = downloaded
    run.files = lambda: sorted(path.name for path in (tmp_path / "out").rglob("*.png"))
    return run


def test_sizes_are_said_before_anything_is_downloaded(corpus):
    result = corpus(unreachable=NAMES[0])
    assert result.returncode == 2
    lines = result.stderr.splitlines()
    assert f"{NAMES[0]}: {len(NAMES[0])}.0 MB to download, 2.0 MB unpacked" in lines[0]
    total = sum(map(len, NAMES))
    kept = sum(package.kept_megabytes for package in PACKAGES)
    assert f"in all: {total}.0 MB to download, about {kept} MB kept" in lines[len(NAMES)]
    assert f"Up to {max(map(len, NAMES)) + 2:.1f} MB of temporary files" in lines[len(NAMES)]
    assert lines[-1].startswith(f"corpus: `apt-get download -q {NAMES[0]}` failed: E: Failed to fetch")
    assert result.stdout == ""


def test_without_a_limit_every_package_is_taken_whole_and_once(corpus):
    result = corpus()
    assert result.returncode == 0, result.stderr
    assert corpus.downloaded() == NAMES
    assert len(corpus.files()) == N_PICTURES * len(NAMES)
    assert f"{NAMES[0]}-000-a.png" in corpus.files()
    again = corpus()
    assert again.returncode == 0, again.stderr
    assert corpus.downloaded() == NAMES
    assert "to download" not in again.stderr
    assert f"{NAMES[0]}: {N_PICTURES} files" in again.stderr


def test_a_limit_stops_at_so_many_files_smallest_downloads_first(corpus):
    result = corpus("--limit", "4")
    assert result.returncode == 0, result.stderr
    smallest = sorted(NAMES, key=len)[:2]
    assert corpus.downloaded() == smallest
    assert len(corpus.files()) == 4
    assert " at most; no further package once there are 4 files" in result.stderr
    assert "4 files are in" in corpus("--limit", "4").stderr
    assert corpus.downloaded() == smallest


def test_a_higher_limit_and_none_complete_what_a_limit_cut_short(corpus):
    corpus("--limit", "2")
    assert corpus("--limit", "3").returncode == 0
    smallest = min(NAMES, key=len)
    assert corpus.downloaded() == [smallest, smallest]
    assert len(corpus.files()) == 3
    result = corpus()
    assert result.returncode == 0, result.stderr
    assert len(corpus.files()) == N_PICTURES * len(NAMES)


def test_a_package_that_apt_does_not_know_is_named_before_any_download(corpus, tmp_path):
    result = corpus(missing=NAMES[1])
    assert result.returncode == 2
    assert result.stderr == f"corpus: apt does not offer {NAMES[1]}; renew its lists with `apt-get update`\n"
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("limit", ["0", "-1", "many"])
def test_a_limit_is_a_number_above_0(corpus, limit):
    result = corpus("--limit", limit)
    assert result.returncode == 2
    assert "--limit" in result.stderr
