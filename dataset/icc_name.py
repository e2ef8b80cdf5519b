"""The description of an ICC profile."""

import struct

UNNAMED = "unnamed"


def profile_name(profile: bytes) -> str:
    """The profile's description, such as "sRGB IEC61966-2.1"; "unnamed" if it is missing, damaged or cut off.

    Args:
        profile: bytes of the profile; the first kilobytes are enough.

    Source: ICC.1:2022, 7.3 and 10.15; ICC.1:2001, 6.5.17.
    """
    try:
        (n_tags,) = struct.unpack_from(">I", profile, 128)
        for entry in range(132, 132 + 12 * min(n_tags, 100), 12):
            signature, at, n_bytes = struct.unpack_from(">4sII", profile, entry)
            if signature == b"desc":
                return _text(profile[at : at + n_bytes]) or UNNAMED
    except struct.error:
        pass
    return UNNAMED


def _text(tag: bytes) -> str:
    if tag[:4] == b"mluc":
        n_bytes, at = struct.unpack_from(">II", tag, 20)
        text = tag[at : at + n_bytes].decode("utf-16-be", "replace")
    else:
        (n_bytes,) = struct.unpack_from(">I", tag, 8)
        text = tag[12 : 12 + n_bytes].decode("latin-1")
    return "".join(character for character in text if character.isprintable()).strip()[:80]
