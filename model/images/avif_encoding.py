"""Encodes pictures as AVIF with libavif and libaom, and finds the quality that gives a file's quantiser."""

import io
import struct
from contextlib import suppress
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from genloss.model.images.containers.av1 import SEQUENCE_HEADER, open_units
from genloss.model.images.containers.av1_frame import Coding, UnusualHeaderError, read_coding
from genloss.model.images.containers.avif import coded_items

CHROMA = ("4:2:0", "4:4:4", "4:2:2")  # by the profile of a picture of eight bits
_TINY_PX = 16
_QUICKEST = 10


@cache
def has_encoder() -> bool:
    """Whether Pillow was built with an encoder for AVIF; some systems' packages only decode."""
    try:
        encode_still(np.zeros((_TINY_PX, _TINY_PX, 3), np.uint8), 50, CHROMA[0], _QUICKEST, 1)
    except (KeyError, OSError, RuntimeError, ValueError):
        return False
    return True


def read_still(data: bytes) -> tuple[bytes, Coding] | None:
    """The coded pixels of an AVIF, without the sequence header, and their coding.

    None if the file holds more than one picture, or unusual headers.
    """
    with suppress(struct.error, IndexError, UnusualHeaderError):
        items = list(coded_items(data))
        if len(items) == 1:
            frames = [data[start:end] for kind, start, end in open_units(data, *items[0]) if kind != SEQUENCE_HEADER]
            return b"".join(frames), read_coding(data, *items[0])
    return None


def encode_still(rgb: NDArray[np.uint8], quality: int, chroma: str, speed: int, n_threads: int) -> bytes:
    """Encodes a picture and returns the file.

    Args:
        rgb: (H, W, 3).
        quality: 0 to 100.
        chroma: one of CHROMA.
        speed: 0 to 10, the opposite of the encoder's effort.
        n_threads: 1, or 2 for any larger number. Two give other bytes than one, at speeds below 9, and the same as three.
    """
    stream = io.BytesIO()
    picture = Image.fromarray(np.ascontiguousarray(rgb))
    picture.save(stream, "AVIF", quality=quality, subsampling=chroma, speed=speed, max_threads=n_threads)
    return stream.getvalue()


@lru_cache(maxsize=256)
def qualities_of(quantiser: int, chroma: str) -> tuple[int, ...]:
    """The qualities, 0 to 100, whose quantiser has this index; ascending, none or neighbours.

    It depends on the quality alone, and falls with it.
    """
    low, high = 0, 101
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if _quantiser(middle, chroma) > quantiser else (low, middle)
    end = low
    while end <= 100 and _quantiser(end, chroma) == quantiser:
        end += 1
    return tuple(range(low, end))


@lru_cache(maxsize=512)
def _quantiser(quality: int, chroma: str) -> int:
    tiny = np.zeros((_TINY_PX, _TINY_PX, 3), np.uint8)
    still = read_still(encode_still(tiny, quality, chroma, _QUICKEST, 1))
    return -1 if still is None else still[1].quantiser
