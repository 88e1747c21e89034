"""Open OCR networks in ONNX Runtime on the CPU."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from adverts.errors import IntegrityError, first_line
from adverts.work.cpu_session import cpu_session

if TYPE_CHECKING:
    from onnxruntime import InferenceSession


def open_session(path: Path, threads: int, *, also: str | None = None) -> InferenceSession:
    """Open a network, which logs only errors.

    Args:
        path: Path of the ONNX file.
        threads: Number of threads for one run.
        also: Name of a value inside the network to add as its last output.

    Raises:
        IntegrityError: The file is missing or is not a valid network.
    """
    try:
        return cpu_session(path.read_bytes() + (_output(also) if also else b""), threads)
    except Exception as error:  # ONNX Runtime's errors have no common class
        raise IntegrityError(
            f"{path} cannot be opened as a network ({first_line(error)[:200]}); "
            "reinstall the package that it belongs to"
        ) from None


def _output(name: str) -> bytes:
    """Return bytes that add an output when appended, since appended protobuf messages merge.

    They are the message ``ModelProto(graph=GraphProto(output=[ValueInfoProto(name=name)]))``.
    """
    message = name.encode()
    for field in (_NAME, _GRAPH_OUTPUT, _MODEL_GRAPH):
        assert len(message) < 128, "a longer length takes more than one byte"
        message = bytes([field << 3 | _BYTES, len(message)]) + message
    return message


_MODEL_GRAPH, _GRAPH_OUTPUT, _NAME = 7, 12, 1  # numbers of the fields, from the ONNX standard
_BYTES = 2  # protobuf's wire type of strings and messages
