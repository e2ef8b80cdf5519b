"""Pictures, pair sets and services that many tests share; conftest.py makes the fixtures known to all of them."""

import io
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2 as httpx
import numpy as np
import pytest
from PIL import Image

from genloss.model.scoring.scorer import Scorer
from tests.in_process import ROOT, script_here

# A test that waits this long has met a hang. Nothing here takes a tenth of it, so that no busy machine fails a test.
LIMIT_SECONDS = 240.0
# Each request on a connection of its own: a service that was killed leaves none behind.
http = httpx.Client(timeout=LIMIT_SECONDS, verify=False, limits=httpx.Limits(max_keepalive_connections=0))
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
CHROMIUM_FLAGS = [
    "--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run",
]  # fmt: skip


def wait_until(condition: Callable[[], object], what: str, describe: Callable[[], object] = lambda: "") -> None:
    """Returns once the condition holds.

    Args:
        condition: asked again and again.
        what: what is waited for, as in "the job runs"; the message of the failure.
        describe: how things stand, for that message.

    Raises:
        AssertionError: it did not hold within LIMIT_SECONDS.
    """
    deadline = time.monotonic() + LIMIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain until {what}: {describe()}"
        time.sleep(0.02)


def saved(picture: Image.Image, image_format: str, **options: object) -> bytes:
    """The bytes of the picture in that format."""
    stream = io.BytesIO()
    picture.save(stream, image_format, **options)
    return stream.getvalue()


def make_pairs(images: Path, out: Path, n_chains: int) -> None:
    """Runs make_pairs.py on a folder of originals."""
    from genloss.datagen.make_pairs import main

    result = script_here(main, "--images", images, "--out", out, "--chains", n_chains)
    assert result.returncode == 0, result.stderr


def sample_crops() -> Iterator[tuple[str, bytes]]:
    """Names and bytes of 24 PNG, eight crops of each sample: names decide the split, and all three sides are needed."""
    for name in ("cat/original.jpg", "drawing/original.png", "screenshot/original.png"):
        picture = Image.open(ROOT / "samples" / name).convert("RGB")
        for index in range(8):
            left, top = (picture.width - 150) * (index % 4) // 3, (picture.height - 150) * (index // 4)
            yield f"{name[:3]}{index}.png", saved(picture.crop((left, top, left + 150, top + 150)), "PNG")


@pytest.fixture(scope="session")
def cat() -> Image.Image:
    """A real photograph of 451x300 pixels."""
    return Image.open(ROOT / "samples/cat/original.jpg").convert("RGB")


@pytest.fixture(scope="session")
def clean_cat(cat: Image.Image) -> Image.Image:
    """The same at half size: no trace of its own JPEG left."""
    return cat.resize((cat.width // 2, cat.height // 2), Image.Resampling.BOX)


@pytest.fixture(scope="session")
def drawing() -> Image.Image:
    """A drawing of 600x570 pixels with flat areas."""
    return Image.open(ROOT / "samples/drawing/original.png").convert("RGB")


@pytest.fixture
def noise() -> Image.Image:
    """64x48 random colours."""
    return Image.fromarray(np.random.default_rng(1).integers(0, 256, (48, 64, 3), dtype=np.uint8))


@pytest.fixture(scope="session")
def scorer() -> Scorer:
    """One with the shipped bundle."""
    return Scorer()


@pytest.fixture(scope="session")
def paired_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped bundle with pair models that have no opinion: the judge and proofs decide, and odds of parents are 0.73."""
    import onnx
    from onnx import TensorProto, helper

    from genloss.model.pairs import EVIDENCE_VERSION
    from genloss.model.pairs.evidence import input_names
    from genloss.model.scoring import bundle as bundles

    def constant(n_columns: int) -> bytes:
        columns = helper.make_tensor_value_info("columns", TensorProto.FLOAT, [None, n_columns])
        numbers = helper.make_tensor_value_info("numbers", TensorProto.FLOAT, [None, 1])
        nodes = [  # the first column, the likeness, is never NaN
            helper.make_node("Gather", ["columns", "first"], ["likeness"], axis=1),
            helper.make_node("Mul", ["likeness", "zero"], ["numbers"]),
        ]
        values = [
            helper.make_tensor("first", TensorProto.INT64, [1], [0]), helper.make_tensor("zero", TensorProto.FLOAT, [1], [0.0]),
        ]  # fmt: skip
        graph = helper.make_graph(nodes, "constant", [columns], [numbers], values)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.checker.check_model(model)
        return model.SerializeToString()

    n_columns = len(input_names())
    files = {path.name: path.read_bytes() for path in bundles.BUNDLED.glob("*.onnx")}
    files |= {bundles.CLOSER: constant(n_columns), bundles.PARENT: constant(n_columns + 1)}
    files.pop(bundles.FAMILY, None)
    description = json.loads((bundles.BUNDLED / bundles.DESCRIPTION).read_text())
    calibration = {"judge_weight": 1.0, "slope": 1.0, "alone_slope": 1.0, "parent_slope": 1.0, "parent_offset": 1.0}
    description.pop("damage", None)
    description |= {"pairs": {"evidence_version": EVIDENCE_VERSION, "calibration": calibration}}
    del description["sha256"], description["feature_version"]
    folder = tmp_path_factory.mktemp("paired") / "bundle"
    bundles.save_bundle(folder, files, description)
    return folder


@pytest.fixture(scope="session")
def small_pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pair set of 40 chains with all three splits, made from the samples by make_pairs.py."""
    folder = tmp_path_factory.mktemp("small")
    (folder / "images").mkdir()
    for name, data in sample_crops():
        (folder / "images" / name).write_bytes(data)
    make_pairs(folder / "images", folder / "pairs", 40)
    return folder / "pairs"


@pytest.fixture(scope="session")
def pairs_folder(small_pairs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the pair set `tiny`."""
    folder = tmp_path_factory.mktemp("data")
    shutil.copytree(small_pairs, folder / "tiny")
    return folder


@pytest.fixture(scope="session")
def listed_pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a pair set `tiny` that can be chosen, for tests that never train on it."""
    folder = tmp_path_factory.mktemp("listed")
    (folder / "tiny").mkdir()
    (folder / "tiny/chains.jsonl").touch()
    return folder


class Service:
    """A running `genloss serve`, in a process of its own.

    Attributes:
        process: its process.
        port: where it listens on 127.0.0.1.
        url: the same as an address.
        lines: what it has written on standard error so far.
    """

    def __init__(self, **variables: object) -> None:
        words = [sys.executable, "-m", "genloss.cli", "serve", "--port", "0"]
        settings = {f"GENLOSS_{name.upper()}": str(value) for name, value in {"workers": 1, **variables}.items()}
        self.lines: list[str] = []
        self.process = subprocess.Popen(words, cwd=ROOT, env={**os.environ, **settings}, stderr=subprocess.PIPE, text=True)
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        self.port = int(re.search(r"127\.0\.0\.1:(\d+)", self.wait_for_line("listens on"))[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self.wait_for_line("startup complete")

    def wait_for_line(self, text: str) -> str:
        """The first line it writes with this text in it."""

        def found() -> list[str]:
            return [line for line in list(self.lines) if text in line]

        wait_until(lambda: found() or self.process.poll() is not None, f"the service says {text!r}", lambda: self.lines)
        assert found(), self.lines
        return found()[0]

    def stop(self) -> int:
        """Asks it to stop; its exit code."""
        self.process.terminate()
        try:
            code = self.process.wait(LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        self._reader.join()
        return code

    def _read(self) -> None:
        for line in self.process.stderr:
            self.lines.append(line)
        self.process.stderr.close()


@contextmanager
def service(**variables: object) -> Iterator[Service]:
    """Runs one for the length of the block; it must end with exit code 0."""
    running = Service(**variables)
    try:
        yield running
    finally:
        code = running.stop()
    assert code == 0, running.lines


@pytest.fixture(scope="module")
def browser():  # type: ignore[no-untyped-def]
    """Chromium, driven by Playwright."""
    from playwright.sync_api import sync_playwright

    if CHROMIUM is None:  # not skipped: a page that nobody looked at would pass
        pytest.fail("the pages are tested in a real browser: install Chromium (Debian: apt-get install chromium)", False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS, timeout=LIMIT_SECONDS * 1000)
        yield browser
        browser.close()


@contextmanager
def browsing(browser, **options: object):  # type: ignore[no-untyped-def]
    """A page of its own, with Playwright's options of a context, that waits as long as a busy machine takes."""
    context = browser.new_context(**options)
    context.set_default_timeout(LIMIT_SECONDS * 500)  # milliseconds, half the limit: where a page is broken, every test waits
    try:
        yield context.new_page()
    finally:
        context.close()
