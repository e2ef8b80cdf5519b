"""Recipe and image in, file bytes out; nothing here is random."""

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
        width_px, height_px: size of its pixels.
        decoded: the file as ImageMagick decodes it, kept so that the next edit need not decode again.
    """

    data: bytes
    image_format: str
    width_px: int
    height_px: int
    decoded: MagickImage = field(compare=False, repr=False)

    @cached_property
    def pixels(self) -> str:
        """SHA-256 of the decoded pixels, to notice edits that changed nothing; asked for before close()."""
        return pixel_digest(self.decoded)

    def close(self) -> None:
        """Frees the decoded pixels; Python's garbage collector does not see how large they are."""
        self.decoded.close()


def read_version(data: bytes, image_format: str) -> Version:
    """Describes a file that already exists, leaving its bytes untouched.

    Raises:
        RecipeError: it cannot be decoded.
    """
    return _describe(data, image_format, open_image(data, image_format))


def apply_recipe(version: Version, recipe: Recipe) -> Version:
    """Applies every step to the version's pixels, and describes the file the last save wrote.

    A save in the middle is decoded again, so its loss reaches the steps after it.

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
