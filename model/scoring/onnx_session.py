"""How every network runs here: ONNX Runtime on one thread, so that the same bytes give the same bits everywhere."""

import onnxruntime

from genloss.model.errors import BundleError


def open_session(network: bytes, name: object) -> onnxruntime.InferenceSession:
    """A network ready to run on the CPU.

    One thread per session: the result does not depend on the machine's load, and pictures run side by side.

    Args:
        network: content of an ONNX file.
        name: what an error calls it, such as its path.

    Raises:
        BundleError: ONNX Runtime cannot run it.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's own exceptions share no public base class
        raise BundleError(f"{name} cannot be run: {error}") from error
