"""A window of a scaled picture is the same whether or not the rest of it is scaled."""

import numpy as np
import pytest
from numpy.typing import NDArray

from genloss.model.images.resizing import resize
from genloss.model.pairs.pillow_windows import resize_window
from genloss.model.pairs.resampling import Window

SIZES = [(90, 120), (60, 80), (45, 60), (37, 101), (180, 96), (75, 120), (233, 311)]


@pytest.fixture(scope="module")
def noise() -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (120, 160, 3)).astype(np.uint8)


@pytest.mark.parametrize("kernel", ["bicubic", "Lanczos", "bilinear", "box", "Hamming"])
def test_a_window_has_the_pixels_that_pillow_gives_it(kernel: str, noise: NDArray[np.uint8]) -> None:
    for height, width in SIZES:
        whole = resize(noise, (height, width), kernel)
        for window in (Window(0, 0, 30, 24), Window(height - 17, width - 48, 17, 48), Window(8, 16, 29, 40)):
            in_both_orders = [resize_window(noise, (height, width), kernel, first, window) for first in (True, False)]
            assert any(np.array_equal(found, whole[window.slices]) for found in in_both_orders), (height, width, window)


def test_an_axis_that_keeps_its_length_is_left_as_it_is(noise: NDArray[np.uint8]) -> None:
    window = Window(20, 10, 40, 30)
    found = resize_window(noise, (120, 80), "Lanczos", True, window)
    assert np.array_equal(found, resize(noise, (120, 80), "Lanczos")[window.slices])
