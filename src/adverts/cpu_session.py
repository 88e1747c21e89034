"""One network in ONNX Runtime on the CPU: so many threads, no word but errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

_ERRORS_ONLY = 3


def cpu_session(model: str | bytes, threads: int) -> InferenceSession:
    """Open a network; what it raises is ONNX Runtime's, whose errors share no base class.

    Args:
        model: The path of an ONNX file, or its content.
        threads: That one run is spread over, one operator after the other.
    """
    import onnxruntime  # 0.1 s that whoever runs no network does not pay

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = _ERRORS_ONLY
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
