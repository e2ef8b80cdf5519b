"""Applies a recipe to an image and returns the file; nothing here is random."""

from dataclasses import dataclass, field
from functools import cached_property

from genloss.datagen.magick import MagickImage, apply_step, open_image, pixel_digest
from genloss.datagen.recipe import Recipe
from genloss.model.errors import RecipeError


@dataclass(frozen=True)
class Version:
    """One file of a chain.

    Attributes:
        data: the whole file.
        image_format: "jpeg", "png", "gif", "webp" or "avif".
        width_px: width of its pixels.
        height_px: height of its pixels.
        decoded: the file as ImageMagick decodes it; the next edit uses it.
    """

    data: bytes
    image_format: str
    width_px: int
    height_px: int
    decoded: MagickImage = field(compare=False, repr=False)

    @cached_property
    def pixels(self) -> str:
        """SHA-256 of the decoded pixels, to recognise edits that change nothing. Not available after close()."""
        return pixel_digest(self.decoded)

    def close(self) -> None:
        """Frees the decoded pixels. Python's garbage collector does not know their size."""
        self.decoded.close()


def read_version(data: bytes, image_format: str) -> Version:
    """Makes a Version of an existing file, without changing its bytes.

    Raises:
        RecipeError: the file cannot be decoded.
    """
    return _describe(data, image_format, open_image(data, image_format))


def apply_recipe(version: Version, recipe: Recipe) -> Version:
    """Applies every step to the version's pixels, and returns the file of the last save.

    The result of an earlier save is decoded again, so that the steps after it see its loss.

    Raises:
        RecipeError: ImageMagick refuses a step, or the recipe does not end with a save.
    """
    image = version.decoded.clone()
    saved: tuple[bytes, str] | None = None
    try:
        for step in recipe.steps:
            saved = apply_step(image, step)
            if saved is not None:
                image.close()
                image = open_image(*saved)
        if saved is None:
            raise RecipeError("a recipe ends with a save")
        return _describe(*saved, image)
    except RecipeError:
        image.close()
        raise


def _describe(data: bytes, image_format: str, image: MagickImage) -> Version:
    return Version(data, image_format, image.width, image.height, image)
