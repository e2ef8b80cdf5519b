"""The name of an ICC profile, without colour management (ICC.1:2022, 7.3, 9.2.41 and 10.15)."""

import struct
from contextlib import suppress

_MOST_TAGS, _MOST_LETTERS = 200, 40
_USUAL = ("srgb", "iec61966-2.1", "iec61966-2-1")


def colour_space(profile: bytes) -> str:
    """The name of a colour profile; "" for sRGB, for a profile without a name, and if there is no profile."""
    with suppress(struct.error, IndexError, UnicodeDecodeError):
        name = _description(profile)
        name = "".join(letter for letter in name if " " <= letter <= "~").strip()[:_MOST_LETTERS]
        return "" if any(word in name.lower() for word in _USUAL) else name
    return ""


def _description(profile: bytes) -> str:
    (n_tags,) = struct.unpack_from(">I", profile, 128)
    for number in range(min(n_tags, _MOST_TAGS)):
        kind, start, length = struct.unpack_from(">4sII", profile, 132 + 12 * number)
        if kind != b"desc":
            continue
        value = profile[start : start + length]
        if value[:4] == b"mluc":  # texts in several languages, the first of which counts
            size, offset = struct.unpack_from(">II", value, 20)
            return value[offset : offset + size].decode("utf-16-be")
        (size,) = struct.unpack_from(">I", value, 8)
        return value[12 : 12 + size].rstrip(b"\0").decode("ascii")
    return ""
