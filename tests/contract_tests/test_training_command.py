"""From pictures to a bundle that scores: the whole way, small."""

import json
import subprocess
import sys

from PIL import Image

from genloss import Scorer
from tests.conftest import ROOT


def test_make_pairs_then_train_then_score(tmp_path):
    images = tmp_path / "images"
    images.mkdir()
    for name in ("cat/original.jpg", "drawing/original.png", "screenshot/original.png"):
        picture = Image.open(ROOT / "samples" / name).convert("RGB")
        for index in range(8):  # names decide the split: enough different pictures to have all three sides
            left, top = (picture.width - 150) * (index % 4) // 3, (picture.height - 150) * (index // 4)
            picture.crop((left, top, left + 150, top + 150)).save(images / f"{name[:3]}{index}.png")
    pairs, out = tmp_path / "pairs", tmp_path / "run"
    make = [sys.executable, "datagen/make_pairs.py", "--images", images, "--out", pairs, "--chains", "40"]
    subprocess.run(make, cwd=ROOT, check=True, capture_output=True, timeout=200)
    train = [
        sys.executable, "-m", "genloss.cli", "train", "--pairs", pairs, "--out", out, "--epochs", "2", "--blocks", "16",
        "--judge-epochs", "2",
        "--corpus", "the samples",
    ]  # fmt: skip
    result = subprocess.run(train, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stderr
    assert "test split by score:" in result.stderr
    assert "test split side by side:" in result.stderr
    description = json.loads((out / "bundle/bundle.json").read_text())
    assert description["corpus"] == "the samples"
    assert len(description["history"]) == 2
    assert "the samples" in (out / "bundle/README.md").read_text()
    again = subprocess.run(train, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert again.returncode == 0
    assert "epoch 1:" not in again.stderr  # finished epochs are not trained twice
    assert 0 < Scorer(out / "bundle").score_file(ROOT / "samples/cat/original.jpg").generation_loss < 1


def test_a_pair_set_without_held_out_sources_is_refused_before_training(tmp_path):
    images, pairs = tmp_path / "images", tmp_path / "pairs"
    images.mkdir()
    (images / "only.jpg").write_bytes((ROOT / "samples/cat/original.jpg").read_bytes())
    make = [sys.executable, "datagen/make_pairs.py", "--images", images, "--out", pairs, "--chains", "3"]
    subprocess.run(make, cwd=ROOT, check=True, capture_output=True, timeout=200)
    train = [sys.executable, "-m", "genloss.cli", "train", "--pairs", pairs, "--out", tmp_path / "run"]
    result = subprocess.run(train, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert result.returncode == 2
    assert "genloss: training_failed: the pair set has no chains in its" in result.stderr
    assert not (tmp_path / "run").exists()
