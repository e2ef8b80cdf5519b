"""How one version lies on another is found exactly: turns, cuts, scales, frames; and different pictures are told apart."""

import numpy as np
import pytest
from PIL import Image

from genloss.model.pairs.placement import N_TURNS, Placement, inverse_turn, turn_plane, turned_size, whole_frame
from genloss.model.pairs.planes import VersionPlanes
from genloss.model.pairs.refinement import whole_window
from genloss.model.pairs.registration import register
from genloss.model.pairs.resampling import BICUBIC, BILINEAR, LANCZOS, resample
from tests.fixtures import saved


def _planes(picture, image_format="PNG", **options):
    return VersionPlanes.read(saved(picture, image_format, **options))


def _edges(placement):
    return [float(edge) for edge in placement.corners]


def test_a_save_lies_as_it_is(cat):
    found = register(_planes(cat), _planes(cat, "JPEG", quality=40))
    assert found.placement == whole_frame((cat.height, cat.width), (cat.height, cat.width))
    assert found.likeness > 0.9


@pytest.mark.parametrize("turn", range(N_TURNS))
def test_every_turn_is_found_and_taken_back(cat, turn):
    turned = Image.fromarray(np.ascontiguousarray(turn_plane(np.asarray(cat), turn)))
    found = register(_planes(cat), _planes(turned, "JPEG", quality=70))
    assert found.placement.turn == turn
    assert found.placement.is_whole_shift
    assert found.placement.is_whole_frame
    assert found.inverse.placement.turn == inverse_turn(turn)


@pytest.mark.parametrize("box", [(37, 21, 411, 290), (0, 16, 300, 260), (5, 3, 470, 300)])
def test_a_cut_is_found_to_the_pixel(cat, box):
    found = register(_planes(cat), _planes(cat.crop(box), "JPEG", quality=60))
    assert found.placement.is_whole_shift
    assert (found.placement.shift_x_px, found.placement.shift_y_px) == (-box[0], -box[1])
    back = found.inverse.placement
    assert _edges(back) == pytest.approx([box[1], box[0], box[3], box[2]])


def test_a_cut_that_was_scaled_is_found(cat):
    box = (40, 30, 360, 270)
    small = cat.crop(box).resize((200, 150), Image.Resampling.LANCZOS)
    placement = register(_planes(cat), _planes(small, "JPEG", quality=80)).placement
    assert _edges(placement.inverse) == pytest.approx([30, 40, 270, 360], abs=0.5)


def test_a_turned_cut_is_found(cat):
    turned = cat.crop((40, 30, 400, 280)).transpose(Image.Transpose.ROTATE_90)
    placement = register(_planes(cat), _planes(turned, "JPEG", quality=80)).placement
    assert placement.turn == 1
    assert _edges(placement.inverse) == pytest.approx([30, 40, 280, 400], abs=0.01)


def test_a_mirrored_cut_is_found(cat):
    mirrored = cat.crop((40, 30, 400, 280)).transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    placement = register(_planes(cat), _planes(mirrored, "JPEG", quality=80)).placement
    assert placement.turn == 4
    assert _edges(placement.inverse) == pytest.approx([30, 40, 280, 400], abs=0.01)


@pytest.mark.parametrize("size", [(225, 150), (300, 200), (900, 600), (640, 427)])
def test_a_whole_frame_is_snapped_to_its_edges(cat, size):
    placement = register(_planes(cat), _planes(cat.resize(size, Image.Resampling.BICUBIC), "JPEG", quality=75)).placement
    assert placement.is_whole_frame
    assert _edges(placement) == pytest.approx([0, 0, size[1], size[0]])


def test_a_border_is_left_out(cat):
    framed = Image.new("RGB", (cat.width + 60, cat.height + 44), "black")
    framed.paste(cat, (30, 22))
    placement = register(_planes(cat), _planes(framed, "JPEG", quality=85)).placement
    assert (placement.shift_x_px, placement.shift_y_px) == (30, 22)
    assert placement.coverage == pytest.approx(cat.width * cat.height / (framed.width * framed.height))


def test_different_pictures_have_no_placement(cat, drawing, noise):
    versions = [_planes(picture) for picture in (cat, drawing, noise)]
    for first in versions:
        for second in versions:
            assert (register(first, second) is not None) == (first is second)


@pytest.mark.parametrize("size", [(8, 8), (300, 8), (9, 200), (16, 400)])
def test_narrow_pictures_are_no_error(cat, size):
    strip = _planes(cat.resize(size))
    same = register(strip, _planes(cat.resize(size)))
    assert same is None or same.placement.is_whole_frame
    other = register(strip, _planes(cat))
    assert other is None or other.placement.coverage > 0


def test_a_line_of_pixels_is_no_error(noise):
    line = noise.resize((5000, 8))
    for other in (line.resize((2500, 8)), line.crop((3, 0, 4996, 8)), line.rotate(90, expand=True)):
        register(_planes(line), _planes(other, "JPEG"))


@pytest.mark.parametrize("turn", range(N_TURNS))
def test_a_placement_and_its_inverse_lead_back(turn):
    placement = Placement(turn, (120, 200), (310, 170), 1.3, 0.8, -7.0, 12.5)
    back = placement.inverse
    assert back.source == placement.target
    assert back.target == placement.source
    twice = back.inverse
    assert twice.turn == turn
    assert _edges(twice) == pytest.approx(_edges(placement))


def test_doubling_is_no_whole_shift():
    assert not whole_frame((100, 100), (200, 200)).is_whole_shift
    assert whole_frame((100, 60), turned_size((100, 60), 1), 1).is_whole_shift


@pytest.mark.parametrize(
    ("kernel", "pillow"),
    [(BICUBIC, Image.Resampling.BICUBIC), (LANCZOS, Image.Resampling.LANCZOS), (BILINEAR, Image.Resampling.BILINEAR)],
)
@pytest.mark.parametrize("size", [(200, 133), (450, 300), (700, 500)])
def test_resampling_is_pillows(cat, kernel, pillow, size):
    luma = np.asarray(cat.convert("L"))
    expected = np.asarray(Image.fromarray(luma.astype(np.float32)).resize(size, pillow))
    placement = whole_frame(luma.shape, size[::-1])
    assert np.abs(resample(luma, placement, whole_window(expected.shape), kernel) - expected).max() < 0.01
