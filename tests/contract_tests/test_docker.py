"""The Dockerfile's own commands, run without Docker: in empty virtual environments, on what the build would copy."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from genloss.serve.settings import Settings
from tests.fixtures import LIMIT_SECONDS, ROOT, wait_until

NOBODY = 65534


def _stages() -> dict[str, list[tuple[str, str]]]:
    """Instructions of each stage in order, as (name, arguments)."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    stages: dict[str, list[tuple[str, str]]] = {"": []}
    current = ""
    for line in re.sub(r"\\\n", " ", text).splitlines():
        name, _, arguments = line.strip().partition(" ")
        if name == "FROM":
            current = arguments.rpartition(" AS ")[2]
            stages[current] = []
        if name:
            stages[current].append((name, re.sub(r"\s+", " ", arguments)))
    return stages


def _arguments(stage: str, name: str) -> list[str]:
    return [arguments for one, arguments in _stages()[stage] if one == name]


def _build_context(folder: Path) -> Path:
    """A copy of the files .dockerignore lets through, in a folder of its own."""
    allowed = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    for name in listed:
        if name.split("/")[0] in allowed and (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    return folder


def _shell(command: str, folder: Path, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], cwd=folder, env={**os.environ, **environment},
        capture_output=True, text=True, timeout=1200,
    )  # fmt: skip


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def _python() -> str:
    """The system's interpreter, which anybody may run, where it can make virtual environments; else the one of the tests."""
    system = "/usr/bin/python3"
    enough = "import ensurepip, sys; sys.exit(sys.version_info < (3, 11))"
    found = os.path.exists(system) and subprocess.run([system, "-c", enough], capture_output=True).returncode == 0
    return system if found else sys.executable


def _nobody(program: Path) -> dict[str, object]:
    """Options of Popen to be somebody without rights, as in the image, where this user may do that to the program."""
    options = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    try:
        subprocess.run([program, "-c", ""], check=True, cwd="/", **options)
    except OSError:  # not root, or an interpreter in a private home
        return {}
    return options


def test_the_images_are_pinned_and_run_as_a_numbered_user():
    stages = _stages()
    images = dict(argument.split("=") for argument in _arguments("", "ARG"))
    assert all(":" in image and not image.endswith(":latest") for image in images.values())
    for target in ("serve", "train-rocm"):
        assert re.fullmatch(r"\$\{UID\}:\$\{[UG]ID\}", _arguments(target, "USER")[-1])
        assert "/data" in _arguments(target, "VOLUME")
    assert json.loads(_arguments("train-rocm", "ENTRYPOINT")[0]) == ["genloss", "train"]
    # The training extra asks for TensorFlow, and would put the CPU build in the place of AMD's.
    assert not any("train]" in argument or "train," in argument for _, argument in stages["train-rocm"])


def test_the_compose_file_names_what_exists():
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    settings = {f"GENLOSS_{name.upper()}" for name in Settings.model_fields}
    for name, service in services.items():
        assert ("build" in service) != (":" in service.get("image", "")), name
        if "build" in service:
            assert service["build"]["target"] in _stages()
            declared = {one.split("=")[0] for one in [*_arguments("", "ARG"), *_arguments(service["build"]["target"], "ARG")]}
            assert set(service["build"]["args"]) <= declared
            assert {one for one in service.get("environment", {}) if one.startswith("GENLOSS_")} <= settings
    for name in ("worker", "train"):
        assert services[name]["profiles"] == ["rocm"]
        assert services[name]["devices"] == ["/dev/kfd", "/dev/dri"]
        assert services[name]["ipc"] == "host"
        assert "shm_size" in services[name]


@pytest.mark.slow
def test_the_serve_image_scores_without_tensorflow(tmp_path):
    context = _build_context(tmp_path / "src")
    home = tmp_path / "opt"
    for command in _arguments("build", "RUN"):
        if command.startswith("apt-get"):  # nothing is installed on the machine of the tests
            continue
        result = _shell(command.replace("/opt/genloss", str(home)).replace("python3 ", f"{_python()} ", 1), context)
        assert result.returncode == 0, result.stdout + result.stderr
    shutil.rmtree(context)  # nothing may be used from there
    tmp_path.chmod(0o755)
    for folder in (tmp_path, *tmp_path.parents[:2]):  # pytest's folders are private; the image's are not
        folder.chmod(0o755)
    found = _shell(f"{home}/bin/python -m pip list --format=freeze", tmp_path).stdout
    assert "onnxruntime==" in found
    assert not re.search("tensorflow|keras|torch", found)
    data = tmp_path / "data"
    data.mkdir(mode=0o777)
    data.chmod(0o777)
    port = _free_port()
    entry, check = json.loads(_arguments("serve", "ENTRYPOINT")[0]), _arguments("serve", "HEALTHCHECK")[0]
    health = json.loads(check.split(" CMD ")[1].replace(":8000", f":{port}"))
    environment = {
        "PATH": f"{home}/bin:{os.environ['PATH']}", "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": str(data), "GENLOSS_PORT": str(port),
    }  # fmt: skip
    user = _nobody(home / "bin/python")
    with subprocess.Popen(entry, cwd=data, env=environment, stderr=subprocess.PIPE, text=True, **user) as server:
        try:

            def healthy():
                return subprocess.run(health, cwd=data, env=environment, capture_output=True).returncode == 0

            wait_until(lambda: healthy() or server.poll() is not None, "the server is healthy")
            assert server.poll() is None, server.stderr.read()
            send = (
                "import sys, urllib.request as u; r = u.Request(sys.argv[1], open(sys.argv[2], 'rb').read(), "
                "{'Content-Type': 'application/octet-stream'}); print(u.urlopen(r, timeout=300).read().decode())"
            )
            sample = str(ROOT / "samples/cat/original.jpg")
            answer = subprocess.run(
                [sys.executable, "-c", send, f"http://127.0.0.1:{port}/v1/score", sample], check=True, capture_output=True
            )
            assert 0 < json.loads(answer.stdout)["generation_loss"] < 1
        finally:
            server.terminate()
            assert server.wait(LIMIT_SECONDS) == 0


@pytest.mark.slow
def test_the_training_image_keeps_the_tensorflow_it_carries(tmp_path):
    context = _build_context(tmp_path / "src")
    home = tmp_path / "image"
    # Stands for AMD's image: an older TensorFlow than the newest, under a version that satisfies no requirement.
    carry = "-m pip install --quiet --disable-pip-version-check tensorflow-cpu==2.20.0"
    made = _shell(f"{sys.executable} -m venv {home} && {home}/bin/python {carry}", tmp_path)
    assert made.returncode == 0, made.stderr
    installed = next((home / "lib").glob("python3*/site-packages/tensorflow_cpu-2.20.0.dist-info"))
    metadata = installed / "METADATA"
    metadata.write_text(metadata.read_text().replace("\nVersion: 2.20.0\n", "\nVersion: 2.20.0.dev0+selfbuilt\n"))
    installed.rename(installed.with_name("tensorflow_cpu-2.20.0.dev0+selfbuilt.dist-info"))
    (command,) = (one for one in _arguments("train-rocm", "RUN") if "pip install" in one)
    path = f"{home}/bin:{os.environ['PATH']}"
    result = _shell(command.replace("/tmp/", f"{tmp_path}/"), context, PATH=path)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "tensorflow_cpu==2.20.0.dev0+selfbuilt" in (tmp_path / "now.txt").read_text()
    shutil.rmtree(context)
    entry = json.loads(_arguments("train-rocm", "ENTRYPOINT")[0])
    refused = _shell(f"{' '.join(entry)} --pairs none --out out", tmp_path, PATH=path)
    assert refused.returncode == 2
    assert "pairs_invalid" in refused.stderr  # TensorFlow, Keras and ONNX were all found on the way there
