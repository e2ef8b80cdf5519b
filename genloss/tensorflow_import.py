"""The import of TensorFlow by a command: silent, and one line where it is missing."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from genloss.model.errors import ExtraMissingError
from genloss.model.quiet import quiet_stderr


@contextmanager
def importing_tensorflow(what: str) -> Iterator[None]:
    """Around imports of modules that need TensorFlow, which with its libraries has much to say then.

    Args:
        what: is being done, as an error begins.

    Raises:
        ExtraMissingError: it is not installed.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before TensorFlow is imported
    try:
        with quiet_stderr():
            yield
    except ImportError as error:
        raise ExtraMissingError(what, "train", error) from error
