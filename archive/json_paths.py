"""Paths in JSON: text if the path is UTF-8, else the base64 of its bytes in a field NAME_base64."""

import base64
import binascii
import os
from pathlib import Path
from typing import Any


def path_fields(path: Path, name: str = "path") -> dict[str, str]:
    """One field that holds the path exactly.

    Args:
        path: any path.
        name: name of the field; "_base64" is appended if the path is not UTF-8.
    """
    data = os.fsencode(path)
    try:
        return {name: data.decode("utf-8")}
    except UnicodeDecodeError:
        return {f"{name}_base64": base64.b64encode(data).decode()}


def take_path(fields: dict[str, Any], name: str = "path") -> Path:
    """Removes the path from the fields of a record and returns it.

    Raises:
        ValueError: the path is missing, given twice, not text, not base64, empty, or contains a NUL.
    """
    text, encoded = fields.pop(name, None), fields.pop(f"{name}_base64", None)
    if (text is None) == (encoded is None):
        raise ValueError(f"either {name} or {name}_base64 is needed")
    if not isinstance(text if encoded is None else encoded, str):
        raise ValueError(f"{name} is not text")
    try:
        data = text.encode("utf-8") if encoded is None else base64.b64decode(encoded, validate=True)
    except UnicodeEncodeError as error:
        raise ValueError(f"{name} holds what UTF-8 cannot; use {name}_base64") from error
    except binascii.Error as error:
        raise ValueError(f"{name}_base64 is not base64") from error
    if not data or b"\0" in data:
        raise ValueError(f"{name} is empty or holds a NUL")
    return Path(os.fsdecode(data))
