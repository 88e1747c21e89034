"""Opening and feeding networks in ONNX Runtime, on the CPU."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from adverts.errors import IntegrityError, first_line
from adverts.ocr.engine import Pixels
from adverts.work.cpu_session import cpu_session

if TYPE_CHECKING:
    from onnxruntime import InferenceSession


def open_session(path: Path, threads: int, *, also: str | None = None) -> InferenceSession:
    """Open a network; it says nothing but errors.

    Args:
        path: The ONNX file.
        threads: That one run is spread over.
        also: Name of a value inside the network that becomes its last output.

    Raises:
        IntegrityError: The file is missing, or no such network.
    """
    try:
        return cpu_session(path.read_bytes() + (_output(also) if also else b""), threads)
    except Exception as error:  # ONNX Runtime has a class for each kind, and no common one
        raise IntegrityError(
            f"{path} cannot be opened as a network ({first_line(error)[:200]}); "
            "reinstall the package that it belongs to"
        ) from None


def _output(name: str) -> bytes:
    """Return what adds an output to a network in a file: protobuf messages join when appended.

    It is the message ``ModelProto(graph=GraphProto(output=[ValueInfoProto(name=name)]))``.
    """
    message = name.encode()
    for field in (_NAME, _GRAPH_OUTPUT, _MODEL_GRAPH):
        assert len(message) < 128, "a longer length takes more than one byte"
        message = bytes([field << 3 | _BYTES, len(message)]) + message
    return message


_MODEL_GRAPH, _GRAPH_OUTPUT, _NAME = 7, 12, 1  # numbers of the fields, from the ONNX standard
_BYTES = 2  # protobuf's wire type of strings and messages


def network_input(image: Pixels) -> NDArray[np.float32]:
    """From RGB to ``(3, H, W)`` of blue, green and red in [-1, 1]."""
    return np.ascontiguousarray(image[..., ::-1].transpose(2, 0, 1), np.float32) / 127.5 - 1
