"""The look of a picture: features taken from its pixels once.

The rest of a scan works on looks and decodes only pairs that may be related.
"""

import hashlib
import io
import os
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from genloss.archive.local_words import NO_WORDS, LocalWords, find_words
from genloss.model.errors import FileUnreadableError
from genloss.model.images.decode import DecodedImage, decode
from genloss.model.images.facts import read_facts
from genloss.model.images.fingerprint import THUMBNAIL_PX, digest_pixels
from genloss.model.images.guard import MAX_PIXELS
from genloss.model.images.reading import read_file
from genloss.model.pairs.content_boxes import find_boxes
from genloss.model.pairs.grounds import BLACK, WHITE, lay_on, own_ground
from genloss.model.pairs.picture_hash import hash_boxes, hash_plane

LOOK_VERSION = 4  # of all code in this file; looks of other versions are taken again
TINY_PX = 48  # pictures with a shorter side are too small to compare
_WORKING_PX = 1024  # longest side of the plane that is hashed
_GREY_LEVELS, _COLOUR_LEVELS = 6, 24  # differences between red, green and blue; an encoder adds a few levels
_GROUNDS = (WHITE, 128, BLACK)  # on which copies of transparent pictures are looked for
_PLAIN_LEVELS, _PLAIN_SHARE = 4.0, 0.02


@dataclass(frozen=True)
class Look:
    """Features of a picture.

    Attributes:
        image_format: one of formats.FORMATS.
        width_px, height_px: as stored.
        n_frames: number of frames; all features are of the first frame.
        is_transparent: whether a pixel is not opaque.
        is_damaged: whether the decoder had to make up pixels.
        colour_levels: largest difference between red, green and blue of a pixel, as the 99th percentile over pixels.
        is_plain: whether the picture shows too little to tell it from others.
        pixels_sha256: equal for files with equal pixels; None for pictures with more than eight bits, more than one frame,
            or transparency.
        hashes: (N, 32) uint8, hashes of the whole picture and of the content inside each of its frames; of a transparent
            picture also on other grounds.
        words: local features; empty if they were left in the catalog.
        thumbnail: (h, w) uint8 luma, longest side at most 96 px.
    """

    image_format: str
    width_px: int
    height_px: int
    n_frames: int
    is_transparent: bool
    is_damaged: bool
    is_plain: bool
    colour_levels: int
    pixels_sha256: str | None
    hashes: NDArray[np.uint8]
    words: LocalWords
    thumbnail: NDArray[np.uint8]

    @property
    def is_tiny(self) -> bool:
        """Whether the picture is too small to be compared."""
        return min(self.width_px, self.height_px) < TINY_PX

    @property
    def is_grey(self) -> bool:
        """Whether the picture has no colours."""
        return self.colour_levels <= _GREY_LEVELS

    @property
    def has_colours(self) -> bool:
        """Whether the picture certainly has colours; neither grey nor coloured if it may only be encoder noise."""
        return self.colour_levels >= _COLOUR_LEVELS

    @property
    def is_comparable(self) -> bool:
        """Whether the picture shows enough to be compared with others; if not, only equal pixels are found."""
        return not (self.is_plain or self.is_tiny)


def look_at_file(path: str | Path, sha256: str, max_pixels: int = MAX_PIXELS) -> bytes:
    """The packed look of a file; for worker processes.

    Args:
        path: of the file.
        sha256: that the file must still have.
        max_pixels: largest width times height to accept.

    Raises:
        ImageError: the file cannot be decoded, or its bytes have changed.
    """
    data = read_file(path, follow_links=False)
    if hashlib.sha256(data).hexdigest() != sha256:
        raise FileUnreadableError(f"{os.fspath(path)}: changed since it was listed")
    return pack(take_look(data, max_pixels))


def take_look(data: bytes, max_pixels: int = MAX_PIXELS) -> Look:
    """The look of a file's bytes.

    Raises:
        ImageError: the bytes cannot be decoded.
    """
    image = decode(data, max_pixels)
    facts = read_facts(image)
    luma = image.luma if image.alpha is None else lay_on(image.luma, image.alpha, own_ground(image.luma, image.alpha))
    factor = _WORKING_PX / max(luma.shape)
    if factor < 1:
        size = max(8, round(luma.shape[1] * factor)), max(8, round(luma.shape[0] * factor))
        luma = np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_AREA), np.uint8)
    whole = facts.n_frames == 1 and image.alpha is None
    hashes = hash_boxes(luma, find_boxes(luma))
    if image.alpha is not None:
        on_others = [hash_plane(lay_on(image.luma, image.alpha, level)) for level in _GROUNDS]
        hashes = np.concatenate([hashes, np.stack(on_others)])
    return Look(
        facts.image_format, facts.width_px, facts.height_px, facts.n_frames, image.alpha is not None, facts.damaged,
        _is_plain(luma), _colour_levels(image), digest_pixels(data, replace(image, has_alpha=False)) if whole else None,
        hashes, find_words(luma), _take_thumbnail(luma),
    )  # fmt: skip


def _colour_levels(image: DecodedImage) -> int:
    """Of what is not transparent."""
    step = max(1, max(image.rgb.shape) // 256)
    small = image.rgb[::step, ::step].astype(np.int16)
    levels = small.max(axis=2) - small.min(axis=2)
    seen = levels if image.alpha is None else levels[image.alpha[::step, ::step] > 0]
    return int(np.quantile(seen, 0.99)) if seen.size else 0


def _take_thumbnail(luma: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(h, w) luma, longest side THUMBNAIL_PX; smaller pictures keep their size."""
    factor = min(1.0, THUMBNAIL_PX / max(luma.shape))
    height, width = (min(side, max(8, round(side * factor))) for side in luma.shape)
    return np.asarray(cv2.resize(luma, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _is_plain(luma: NDArray[np.uint8]) -> bool:
    """Whether hardly any part of the picture has detail."""
    size = min(128, luma.shape[1]), min(128, luma.shape[0])
    small = cv2.resize(luma, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    mean, squares = cv2.blur(small, (5, 5)), cv2.blur(small * small, (5, 5))
    spread = np.sqrt(np.maximum(squares - mean * mean, 0))
    return bool((spread > _PLAIN_LEVELS).mean() < _PLAIN_SHARE)


def pack(look: Look) -> bytes:
    """Serialises a look for the catalog."""
    stream = io.BytesIO()
    flags = look.is_transparent, look.is_damaged, look.is_plain, look.colour_levels
    np.savez(
        stream,
        texts=np.array([look.image_format, look.pixels_sha256 or ""]),
        numbers=np.array([look.width_px, look.height_px, look.n_frames, *flags], np.int64),
        hashes=look.hashes, keys=look.words.keys, spots=look.words.spots, thumbnail=look.thumbnail,
    )  # fmt: skip
    return stream.getvalue()


def unpack(data: bytes, with_words: bool = True) -> Look:
    """Reads a look from the catalog's bytes.

    Args:
        data: from pack.
        with_words: False to skip the words, which take most of the bytes.
    """
    with np.load(io.BytesIO(data), allow_pickle=False) as found:
        image_format, digest = (str(text) for text in found["texts"])
        width, height, n_frames, is_transparent, is_damaged, is_plain, colour_levels = (
            int(number) for number in found["numbers"]
        )
        words = LocalWords(found["keys"], found["spots"]) if with_words else NO_WORDS
        return Look(
            image_format, width, height, n_frames, bool(is_transparent), bool(is_damaged), bool(is_plain), colour_levels,
            digest or None, found["hashes"], words, found["thumbnail"],
        )  # fmt: skip


def unpack_words(data: bytes) -> LocalWords:
    """Reads only the words of a look.

    Args:
        data: from pack.
    """
    with np.load(io.BytesIO(data), allow_pickle=False) as found:
        return LocalWords(found["keys"], found["spots"])
