"""Open an ONNX model for serving: so many threads, and memory that does not grow."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from adverts.cpu_session import serving_session
from adverts.errors import IntegrityError, first_line

if TYPE_CHECKING:
    from onnxruntime import InferenceSession


def open_session(model: Path | bytes, threads: int) -> InferenceSession:
    """Return a session for ``model`` that may be run from several threads at once.

    Args:
        model: The ONNX file, or its content.
        threads: Cores that one run may use, at least 1.

    Raises:
        IntegrityError: It is not a model that runs here.
    """
    try:
        return serving_session(model if isinstance(model, bytes) else str(model), threads)
    except Exception as error:  # the library's own errors share no base class
        reason = first_line(error)[:200]
        raise IntegrityError(f"model.onnx is not a model that runs here: {reason}") from error
