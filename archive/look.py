"""What is taken from a picture's pixels, once: the rest of a scan works on this and decodes only pairs that may be related."""

import hashlib
import io
import os
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from genloss.archive.local_words import NO_WORDS, LocalWords, find_words
from genloss.model.errors import FileUnreadableError
from genloss.model.images.decode import decode
from genloss.model.images.facts import read_facts
from genloss.model.images.fingerprint import THUMBNAIL_PX, digest_pixels
from genloss.model.images.guard import MAX_PIXELS
from genloss.model.images.reading import read_file
from genloss.model.pairs.content_boxes import find_boxes
from genloss.model.pairs.picture_hash import hash_boxes

LOOK_VERSION = 3  # of everything below; looks of others are taken again
TINY_PX = 48  # a shorter side tells too little to compare
_WORKING_PX = 1024  # longest side of the plane that is hashed
_GREY_LEVELS, _COLOUR_LEVELS = 6, 24  # between red, green and blue; an encoder adds a few
_PLAIN_LEVELS, _PLAIN_SHARE = 4.0, 0.02


@dataclass(frozen=True)
class Look:
    """What was seen of a picture.

    Attributes:
        image_format: one of formats.FORMATS.
        width_px, height_px: as stored.
        n_frames: only the first was looked at.
        has_alpha: whether it holds transparency.
        is_damaged: whether the decoder had to make up pixels.
        colour_levels: largest distance between red, green and blue, but for the strongest hundredth of the pixels.
        is_plain: next to nothing to see, so that nothing tells it from others.
        pixels_sha256: equal where all pixels are equal; None where eight bits, the first frame or opaque pixels are not
            all there is.
        hashes: (N, 32) uint8 of the whole picture and of what is inside its frames.
        words: local features; none where they were left in the catalog.
        thumbnail: (h, w) uint8, the longest side 96 px.
    """

    image_format: str
    width_px: int
    height_px: int
    n_frames: int
    has_alpha: bool
    is_damaged: bool
    is_plain: bool
    colour_levels: int
    pixels_sha256: str | None
    hashes: NDArray[np.uint8]
    words: LocalWords
    thumbnail: NDArray[np.uint8]

    @property
    def is_tiny(self) -> bool:
        """Whether it is too small to be compared."""
        return min(self.width_px, self.height_px) < TINY_PX

    @property
    def is_grey(self) -> bool:
        """Whether it has no colours."""
        return self.colour_levels <= _GREY_LEVELS

    @property
    def has_colours(self) -> bool:
        """Whether it surely has; what lies between may be the noise of an encoder."""
        return self.colour_levels >= _COLOUR_LEVELS

    @property
    def is_comparable(self) -> bool:
        """Whether it can be a version of anything but its own copies."""
        return not (self.is_plain or self.is_tiny)


def look_at_file(path: str | Path, sha256: str, max_pixels: int = MAX_PIXELS) -> bytes:
    """Decodes a file and takes its look, packed; for worker processes.

    Raises:
        ImageError: it cannot be decoded, or has other bytes by now.
    """
    data = read_file(path, follow_links=False)
    if hashlib.sha256(data).hexdigest() != sha256:
        raise FileUnreadableError(f"{os.fspath(path)}: changed since it was listed")
    return pack(take_look(data, max_pixels))


def take_look(data: bytes, max_pixels: int = MAX_PIXELS) -> Look:
    """The look of a file's bytes.

    Raises:
        ImageError: they cannot be decoded.
    """
    image = decode(data, max_pixels)
    facts = read_facts(image)
    luma = image.luma
    factor = _WORKING_PX / max(luma.shape)
    if factor < 1:
        size = max(8, round(luma.shape[1] * factor)), max(8, round(luma.shape[0] * factor))
        luma = np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_AREA), np.uint8)
    whole = facts.n_frames == 1 and not image.has_alpha
    return Look(
        facts.image_format, facts.width_px, facts.height_px, facts.n_frames, image.has_alpha, facts.damaged,
        _is_plain(luma), _colour_levels(image.rgb), digest_pixels(data, image) if whole else None,
        hash_boxes(luma, find_boxes(luma)), find_words(luma), _take_thumbnail(luma),
    )  # fmt: skip


def _colour_levels(rgb: NDArray[np.uint8]) -> int:
    step = max(1, max(rgb.shape) // 256)
    small = rgb[::step, ::step].astype(np.int16)
    return int(np.quantile(small.max(axis=2) - small.min(axis=2), 0.99))


def _take_thumbnail(luma: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(h, w), the longest side THUMBNAIL_PX; pictures with a shorter longest side stay as they are."""
    factor = min(1.0, THUMBNAIL_PX / max(luma.shape))
    height, width = (min(side, max(8, round(side * factor))) for side in luma.shape)
    return np.asarray(cv2.resize(luma, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _is_plain(luma: NDArray[np.uint8]) -> bool:
    """Whether hardly any part of the picture holds detail."""
    size = min(128, luma.shape[1]), min(128, luma.shape[0])
    small = cv2.resize(luma, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    mean, squares = cv2.blur(small, (5, 5)), cv2.blur(small * small, (5, 5))
    spread = np.sqrt(np.maximum(squares - mean * mean, 0))
    return bool((spread > _PLAIN_LEVELS).mean() < _PLAIN_SHARE)


def pack(look: Look) -> bytes:
    """As bytes for the catalog."""
    stream = io.BytesIO()
    flags = look.has_alpha, look.is_damaged, look.is_plain, look.colour_levels
    np.savez(
        stream,
        texts=np.array([look.image_format, look.pixels_sha256 or ""]),
        numbers=np.array([look.width_px, look.height_px, look.n_frames, *flags], np.int64),
        hashes=look.hashes, keys=look.words.keys, spots=look.words.spots, thumbnail=look.thumbnail,
    )  # fmt: skip
    return stream.getvalue()


def unpack(data: bytes, with_words: bool = True) -> Look:
    """From the catalog's bytes.

    Args:
        data: from pack.
        with_words: False to leave the words there, which are most of it.
    """
    with np.load(io.BytesIO(data), allow_pickle=False) as found:
        image_format, digest = (str(text) for text in found["texts"])
        width, height, n_frames, has_alpha, is_damaged, is_plain, colour_levels = (int(number) for number in found["numbers"])
        words = LocalWords(found["keys"], found["spots"]) if with_words else NO_WORDS
        return Look(
            image_format, width, height, n_frames, bool(has_alpha), bool(is_damaged), bool(is_plain), colour_levels,
            digest or None, found["hashes"], words, found["thumbnail"],
        )  # fmt: skip


def unpack_words(data: bytes) -> LocalWords:
    """Only the words."""
    with np.load(io.BytesIO(data), allow_pickle=False) as found:
        return LocalWords(found["keys"], found["spots"])
