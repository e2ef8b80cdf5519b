"""Opens a bundle and its tower, now or in a thread while the modules of genloss are loaded."""

import threading
from pathlib import Path

from genloss.model.onnx_runtime import onnxruntime
from genloss.model.scoring.bundle import Bundle, load_bundle
from genloss.model.scoring.onnx_session import open_session


def open_bundle(folder: Path) -> tuple[Bundle, onnxruntime.InferenceSession]:
    """A bundle as far as a score needs it, and its tower.

    Raises:
        BundleError: the bundle is missing, damaged or of another feature version.
    """
    bundle = load_bundle(folder, whole=False)
    return bundle, open_session(bundle.onnx, folder)


class BundleOpening:
    """A bundle that a thread opens.

    ONNX Runtime releases Python's lock for most of that time.

    Args:
        folder: of the bundle.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._found: tuple[Bundle, onnxruntime.InferenceSession] | Exception | None = None
        # No daemon: a process that ends meanwhile waits for it. ONNX Runtime aborts where Python stops a thread inside it.
        self._thread = threading.Thread(target=self._open, name="genloss-bundle")
        self._thread.start()

    def result(self) -> tuple[Bundle, onnxruntime.InferenceSession]:
        """What open_bundle gives, or its error."""
        self._thread.join()
        if not isinstance(self._found, tuple):
            raise self._found or RuntimeError("the thread ended without a result")
        return self._found

    def _open(self) -> None:
        try:
            self._found = open_bundle(self._folder)
        except Exception as error:  # raised to whoever asks for the result
            self._found = error
