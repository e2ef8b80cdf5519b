"""Recipe and file bytes in, file bytes out; nothing here is random."""

from dataclasses import dataclass

from datagen.magick import apply_step, open_image, pixel_signature
from datagen.recipe import Recipe
from model.errors import RecipeError


@dataclass(frozen=True)
class Version:
    """One file of a chain.

    Attributes:
        data: the whole file.
        image_format: "jpeg", "png", "gif" or "webp".
        width_px, height_px: size of its pixels.
        pixels: SHA-256 of the decoded pixels, to notice edits that changed nothing.
    """

    data: bytes
    image_format: str
    width_px: int
    height_px: int
    pixels: str


def read_version(data: bytes, image_format: str) -> Version:
    """Describes a file that already exists, leaving its bytes untouched.

    Raises:
        RecipeError: it cannot be decoded.
    """
    with open_image(data, image_format) as image:
        return Version(data, image_format, image.width, image.height, pixel_signature(image))


def apply_recipe(version: Version, recipe: Recipe) -> Version:
    """Decodes the version, applies every step, and describes the file the last save wrote.

    A save in the middle is decoded again, so its loss reaches the steps after it.

    Raises:
        RecipeError: ImageMagick refuses the file or a step, or the recipe does not end with a save.
    """
    image = open_image(version.data, version.image_format)
    saved: tuple[bytes, str] | None = None
    try:
        for step in recipe.steps:
            saved = apply_step(image, step)
            if saved is not None:
                image.close()
                image = open_image(*saved)
        if saved is None:
            raise RecipeError("a recipe ends with a save")
        return Version(*saved, image.width, image.height, pixel_signature(image))
    finally:
        image.close()
