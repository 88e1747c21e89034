"""How many cores this process may use, and one network in ONNX Runtime on them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from onnxruntime import InferenceSession, OrtValue, SessionOptions

_ERRORS_ONLY = 3


def available_cores() -> int:
    """Return the cores that this process may use; of the machine where the system cannot tell."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def cpu_session(model: str | bytes, threads: int) -> InferenceSession:
    """Open a network; what it raises is ONNX Runtime's, whose errors share no base class.

    Args:
        model: The path of an ONNX file, or its content.
        threads: That one run is spread over, one operator after the other.
    """
    return _open(model, _options(threads))


def serving_session(model: bytes, threads: int, shared: Mapping[str, OrtValue]) -> InferenceSession:
    """Open a network that several threads run at once, on inputs of any shape, for months.

    Neither an arena nor a memory pattern is kept for each shape that was seen, so memory stays
    flat. Threads wait awake for a moment, since waking them takes longer than most operators.

    Args:
        model: The content of an ONNX file.
        threads: That one run may be spread over, one operator after the other.
        shared: Constants of the model, by name, that several sessions read from one place; they
            must live as long as the session.
    """
    options = _options(threads)
    for name, values in shared.items():
        options.add_initializer(name, values)
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    session = _open(model, options)
    session._model_bytes = None  # the wrapper keeps the content, as large as the model, for good
    return session


def _options(threads: int) -> SessionOptions:
    import onnxruntime  # 0.1 s that whoever runs no network does not pay

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = _ERRORS_ONLY
    return options


def _open(model: str | bytes, options: SessionOptions) -> InferenceSession:
    import onnxruntime

    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
