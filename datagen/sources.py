"""The files of an image folder: each is inspected once, and gets a reason if it cannot be an original."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from genloss.datagen.draw_steps import MIN_SIDE_PX
from genloss.datagen.listing import list_pictures
from genloss.model.errors import ImageError
from genloss.model.images.decode import decode
from genloss.model.images.facts import read_facts

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
HASH_SIDE = 16  # 256 bits
PLAIN_DEVIATION = 2.0  # below this deviation of luma a picture is too plain for its hash to mean anything
N_SAMPLED_PIXELS = 144


@dataclass(frozen=True)
class Source:
    """One file of the image folder.

    Attributes:
        path: relative to the image folder.
        sha256: digest of the file.
        image_format: format of the file; "" if it cannot be read.
        width_px: width; 0 if the file cannot be read.
        height_px: height, likewise.
        lossy: whether the format loses information.
        skipped: "", or the reason why no chain may start from the file.
        pixels: SHA-256 of the pixels.
        perceptual: perceptual hash (signs of the 16x16 lowest DCT coefficients), 256 bits in hexadecimal.
        plain: whether the picture has so little content that the hash says little.
        colours: N_SAMPLED_PIXELS pixels on a regular grid, concatenated hexadecimal rrggbb.
        group: path of the first picture among near duplicates and tiles; the same for the whole group.
        split: "train", "validation" or "test"; the same for the whole group.
        cluster: index of the cluster of similar colours, which shares data set palettes.
    """

    path: str
    sha256: str
    image_format: str = ""
    width_px: int = 0
    height_px: int = 0
    lossy: bool = False
    skipped: str = ""
    pixels: str = ""
    perceptual: str = ""
    plain: bool = False
    colours: str = ""
    group: str = ""
    split: str = ""
    cluster: int = 0


def list_sources(images: Path) -> list[str]:
    """Paths of all possible pictures below the folder, relative to it and sorted.

    Raises:
        DatagenError: a folder cannot be listed.
    """
    return sorted(str(path.relative_to(images)) for path in list_pictures(images, SUFFIXES))


def inspect(images: Path, path: str) -> Source:
    """Inspects one file, and gives the reason if it cannot be an original; duplicates are found later."""
    try:
        data = (images / path).read_bytes()
    except OSError as error:
        return Source(path, "", skipped=f"unreadable: {error.strerror}")
    source = Source(path, hashlib.sha256(data).hexdigest())
    try:
        # ImageMagick fills what a truncated file lacks with grey; our own decoder refuses it.
        decoded = decode(data)
    except ImageError as error:
        return replace(source, skipped=error.code)
    facts = read_facts(decoded)
    source = replace(
        source, image_format=facts.image_format, width_px=facts.width_px, height_px=facts.height_px, lossy=not facts.lossless
    )
    if facts.n_frames > 1:
        return replace(source, skipped="animated")
    if facts.image_format not in ("jpeg", "png", "webp"):
        return replace(source, skipped="neither JPEG nor PNG nor WebP")
    if min(facts.width_px, facts.height_px) < 2 * MIN_SIDE_PX:
        return replace(source, skipped=f"a side below {2 * MIN_SIDE_PX} px")
    digest = hashlib.sha256(f"{facts.width_px}x{facts.height_px}:".encode())
    digest.update(decoded.rgb.tobytes())
    small = _shrunk(decoded.rgb)
    bits = imagehash.phash(Image.fromarray(small), HASH_SIDE).hash
    rows = np.linspace(0, facts.height_px - 1, 12).astype(int)
    columns = np.linspace(0, facts.width_px - 1, N_SAMPLED_PIXELS // 12).astype(int)
    return replace(
        source,
        pixels=digest.hexdigest(),
        perceptual=np.packbits(bits).tobytes().hex(),
        plain=bool(small.mean(axis=2).std() < PLAIN_DEVIATION),
        colours=decoded.rgb[np.ix_(rows, columns)].tobytes().hex(),
    )


def _shrunk(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """About 512 pixels on the longer side by averaging squares: the hash looks at 64x64 of them."""
    factor = max(1, max(rgb.shape) // 512)
    height, width = (side // factor * factor for side in rgb.shape[:2])
    squares = rgb[:height, :width].reshape(height // factor, factor, width // factor, factor, 3)
    return np.ascontiguousarray(squares.mean(axis=(1, 3)).astype(np.uint8))
