"""The cores that this process may use, how its threads wait, and networks in ONNX Runtime."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from onnxruntime import InferenceSession, OrtValue, SessionOptions

_ERRORS_ONLY = 3


def available_cores() -> int:
    """Return how many cores this process may use; where that is unknown, all of the machine."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def wait_briefly() -> None:
    """Let threads of OpenMP wait for each other only briefly before they sleep.

    Threads that wait actively use the time slices of those that they wait for, so where other
    programs are busy on the same cores, training falls to a tenth of its speed. On a quiet machine
    a thousand turns of waiting are enough. What the user chose stays. It has an effect only before
    torch is loaded.
    """
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", "1000")


def cpu_session(model: str | bytes, threads: int) -> InferenceSession:
    """Open a network; errors are those of ONNX Runtime, which share no base class.

    Args:
        model: Path of an ONNX file, or its content.
        threads: Number of threads of one run; operators run one after the other.
    """
    return _open(model, _options(threads))


def serving_session(model: bytes, threads: int, shared: Mapping[str, OrtValue]) -> InferenceSession:
    """Open a network that several threads run at once, on inputs of any shape, for months.

    Memory stays flat, since neither an arena nor a memory pattern is kept for each shape. Threads
    wait actively for a moment, since waking them takes longer than most operators.

    Args:
        model: Content of an ONNX file.
        threads: Largest number of threads of one run; operators run one after the other.
        shared: Maps names of constants to values that several sessions share. The values must live
            as long as the session.
    """
    options = _options(threads)
    for name, values in shared.items():
        options.add_initializer(name, values)
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    session = _open(model, options)
    session._model_bytes = None  # otherwise the wrapper keeps a copy as large as the model
    return session


def _options(threads: int) -> SessionOptions:
    import onnxruntime  # takes 0.1 s, so only where a network is run

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = _ERRORS_ONLY
    return options


def _open(model: str | bytes, options: SessionOptions) -> InferenceSession:
    import onnxruntime

    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
