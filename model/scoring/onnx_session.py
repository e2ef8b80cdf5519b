"""ONNX Runtime on one thread, so that the same bytes give the same score, bit for bit."""

from genloss.model.errors import BundleError
from genloss.model.onnx_runtime import onnxruntime


def open_session(network: bytes, name: object) -> onnxruntime.InferenceSession:
    """Opens a network for the CPU.

    A session has one thread. So the result does not depend on the machine's load, and several pictures run in parallel.

    Args:
        network: content of an ONNX file.
        name: names the network in errors, for example its path.

    Raises:
        BundleError: ONNX Runtime cannot run the network.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's own exceptions share no public base class
        raise BundleError(f"{name} cannot be run: {error}") from error
