"""What holds for any picture: a score in [0, 1], and hardly another one when it is stored again without loss."""

import math

import numpy as np
import pytest
from PIL import Image

from genloss.model.images.decode import decode
from genloss.model.images.facts import facts_vector
from genloss.model.measurements.features import FeatureConfig, extract
from tests.fixtures import ROOT, saved

LOSSLESS = {"PNG": {}, "BMP": {}, "WEBP": {"lossless": True, "exact": True}, "TIFF": {}}
SAMPLES = [*sorted((ROOT / "samples/cat").glob("*")), *sorted((ROOT / "samples").glob("*/original.png"))]


@pytest.mark.parametrize("image_format", LOSSLESS)
@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (200, 30, 60)])
@pytest.mark.parametrize("size", [(8, 8), (9, 300), (640, 480)])
def test_one_flat_colour_has_a_score(scorer, colour, size, image_format):
    loss = scorer.score(saved(Image.new("RGB", size, colour), image_format, **LOSSLESS[image_format])).generation_loss
    assert math.isfinite(loss)
    assert 0.0 <= loss <= 1.0


@pytest.mark.parametrize("seed", range(40))
def test_random_pictures_have_a_score(scorer, seed):
    """Noise, ramps, stripes, dots and single pixels, of any size and mode."""
    generator = np.random.default_rng(seed)
    height, width = (int(2 ** generator.uniform(3, 9)) for _ in range(2))
    pixels = np.zeros((height, width, 4), dtype=np.uint8)
    pixels[..., 3] = generator.integers(0, 256)
    for _ in range(generator.integers(1, 5)):
        kind, value = generator.integers(4), generator.integers(0, 256, 3)
        if kind == 0:
            pixels[..., :3] = generator.integers(0, 256, (height, width, 3)) >> generator.integers(8)
        elif kind == 1:
            pixels[..., :3] += np.linspace(0, generator.integers(1, 512), width).astype(np.uint8)[None, :, None]
        elif kind == 2:
            pixels[:: generator.integers(1, 20), :: generator.integers(1, 20), :3] = value
        else:
            pixels[generator.integers(height), generator.integers(width)] = generator.integers(0, 256, 4)
    mode = generator.choice(["RGBA", "RGB", "L", "P", "1", "LA", "I;16"])
    picture = Image.fromarray(pixels)
    picture = picture.convert("L").convert(mode) if mode == "I;16" else picture.convert(mode)
    loss = scorer.score(saved(picture, "PNG")).generation_loss
    assert math.isfinite(loss)
    assert 0.0 <= loss <= 1.0


@pytest.mark.parametrize("path", SAMPLES, ids=[f"{path.parent.name}-{path.name}" for path in SAMPLES])
def test_storing_again_without_loss_changes_what_the_container_says_and_nothing_else(scorer, path):
    with Image.open(path) as opened:
        picture = opened.convert("RGB")
    images = [decode(saved(picture, name, **options)) for name, options in LOSSLESS.items()]
    png, *others = (extract(image, FeatureConfig()) for image in images)
    n_facts = len(facts_vector(images[0]))
    for other in others:
        assert np.array_equal(other.blocks, png.blocks)
        assert np.array_equal(other.metadata[n_facts:], png.metadata[n_facts:])
        assert not np.array_equal(other.metadata[:n_facts], png.metadata[:n_facts])
    losses = [scorer.score(saved(picture, name, **options)).generation_loss for name, options in LOSSLESS.items()]
    assert max(abs(loss - losses[0]) for loss in losses) < 0.1  # docs/using/inputs.md: 0.076 at most on the samples
