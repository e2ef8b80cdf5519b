"""What a client of POST /v1/alignments sees: how one kept version lies on another."""

import os
import signal

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from genloss.serve.app import create_app
from genloss.serve.settings import Settings
from tests.fixtures import saved

LEFT, TOP, RIGHT, BOTTOM = BOX = 60, 20, 360, 270


@pytest.fixture(scope="module")
def client():
    with TestClient(create_app(Settings(workers=1)), raise_server_exceptions=False) as client:
        yield client


def _send(client, picture, image_format="JPEG", **options):
    return client.post("/v1/versions", content=saved(picture, image_format, **options)).json()["id"]


def _align(client, first, second):
    answer = client.post("/v1/alignments", json={"versions": [first, second]})
    assert answer.status_code == 200, answer.text
    return answer.json()


def _crash(*arguments: object) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def _check(answer, turn, scale, size, onto):
    """The first is the part BOX of the second at that scale, turned."""
    placement = answer["placement"]
    assert answer["likeness"] > 0.6
    assert placement["turn"] == turn
    assert (placement["scale_x"], placement["scale_y"]) == pytest.approx((scale, scale), rel=0.01)
    assert (placement["shift_x_px"], placement["shift_y_px"]) == pytest.approx((LEFT, TOP), abs=1)
    assert (placement["width_px"], placement["height_px"]) == size
    assert (placement["onto_width_px"], placement["onto_height_px"]) == onto


@pytest.mark.parametrize(("turned", "back"), [(None, 0), (Image.Transpose.ROTATE_90, 3)], ids=["as it is", "turned"])
def test_a_cropped_shrunk_and_turned_copy_lies_on_its_original(client, cat, turned, back):
    copy = cat.crop(BOX).resize((200, 167), Image.Resampling.LANCZOS)
    copy = copy if turned is None else copy.transpose(turned)
    answer = _align(client, _send(client, copy, quality=80), _send(client, cat, "PNG"))
    _check(answer, back, 1.5, copy.size, cat.size)


def test_a_mirrored_copy_lies_on_its_original(client, cat):
    mirrored = cat.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    placement = _align(client, _send(client, mirrored, quality=80), _send(client, cat, "PNG"))["placement"]
    assert (placement["turn"], placement["scale_x"], placement["shift_x_px"]) == (4, 1, 0)


def test_orientations_of_cameras_are_counted_in(client, cat):
    exif = Image.Exif()
    exif[0x0112] = 6  # shown after a turn to the right
    stored = cat.crop(BOX).transpose(Image.Transpose.ROTATE_90)
    sideways, whole = _send(client, stored, quality=90, exif=exif), _send(client, cat, "PNG")
    _check(_align(client, sideways, whole), 0, 1.0, (300, 250), cat.size)
    back = _align(client, whole, sideways)["placement"]
    assert (back["turn"], back["onto_width_px"], back["onto_height_px"]) == (0, 300, 250)
    assert (back["shift_x_px"], back["shift_y_px"]) == pytest.approx((-LEFT, -TOP), abs=0.5)


def test_different_pictures_have_no_placement(client, cat, drawing):
    answer = _align(client, _send(client, cat, "PNG"), _send(client, drawing, "PNG"))
    assert (answer["placement"], answer["likeness"]) == (None, None)


def test_what_cannot_be_aligned_says_why(client, cat, monkeypatch):
    known, unknown = _send(client, cat, "PNG"), "0" * 64
    answer = client.post("/v1/alignments", json={"versions": [known, unknown]})
    assert (answer.status_code, answer.json()["code"], answer.json()["unknown"]) == (404, "version_unknown", [unknown])
    for versions in ([known], [known] * 3, [known, "x"]):
        answer = client.post("/v1/alignments", json={"versions": versions})
        assert (answer.status_code, answer.json()["code"]) == (422, "request_invalid")
    monkeypatch.setattr("genloss.model.scoring.compare_in_worker.align_bytes", _crash)
    answer = client.post("/v1/alignments", json={"versions": [known, known]})
    assert (answer.status_code, answer.json()["code"]) == (422, "decode_crashed")
    assert answer.headers["content-type"] == "application/problem+json"


def test_an_alignment_has_an_example():
    (example,) = create_app(Settings(workers=1)).openapi()["components"]["schemas"]["AlignmentAnswer"]["examples"]
    assert example["placement"]["turn"] == 1
