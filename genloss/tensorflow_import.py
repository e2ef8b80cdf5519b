"""Imports TensorFlow for a command: silently, and with a one-line error if it is missing."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from genloss.model.errors import ExtraMissingError
from genloss.model.quiet import quiet_stderr


@contextmanager
def importing_tensorflow(what: str) -> Iterator[None]:
    """Silences imports of modules that need TensorFlow, which prints much when it is loaded, as do its libraries.

    Args:
        what: the work that needs TensorFlow, with which an error begins.

    Raises:
        ExtraMissingError: TensorFlow is not installed.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before TensorFlow is imported
    try:
        with quiet_stderr():
            yield
    except ImportError as error:
        raise ExtraMissingError(what, "train", error) from error
