"""Reads JSON that a person or another program may have written."""

import json
from typing import Any


def parse_json(text: str | bytes) -> Any:
    """As json.loads; what is nested too deeply for Python is a ValueError, too, not a RecursionError.

    Raises:
        ValueError: the text is no JSON, or is nested thousands of levels deep.
    """
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
