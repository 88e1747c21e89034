"""Opening and feeding networks in ONNX Runtime, on the CPU."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from adverts.ocr.engine import Pixels

if TYPE_CHECKING:
    from onnxruntime import InferenceSession


def open_session(path: Path, threads: int) -> InferenceSession:
    """Open a network; it says nothing but errors."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors alone
    return onnxruntime.InferenceSession(
        str(path), sess_options=options, providers=["CPUExecutionProvider"]
    )


def network_input(image: Pixels) -> NDArray[np.float32]:
    """From RGB to ``(3, H, W)`` of blue, green and red in [-1, 1]."""
    return np.ascontiguousarray(image[..., ::-1].transpose(2, 0, 1), np.float32) / 127.5 - 1
