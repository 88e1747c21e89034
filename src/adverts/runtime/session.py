"""Run an ONNX model with the threads that it was given, one operator after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adverts.cores import available_cores
from adverts.cpu_session import cpu_session
from adverts.errors import InputError, IntegrityError, first_line
from adverts.runtime.manifest import MODEL_NAME

if TYPE_CHECKING:
    from onnxruntime import InferenceSession


def open_session(model: bytes, threads: int | None) -> InferenceSession:
    """Return a session for ``model`` that uses so many cores.

    Args:
        model: The content of the ONNX file.
        threads: Cores that one batch may use; None: every core of this process.

    Raises:
        InputError: ``threads`` is below 1.
        IntegrityError: The file is not a model that runs here.
    """
    if threads is not None and threads < 1:
        raise InputError(f"threads is {threads}, wanted at least 1")
    try:
        session = cpu_session(model, threads or available_cores())
    except Exception as error:  # the library's own errors share no base class
        reason = first_line(error)[:200]
        raise IntegrityError(f"{MODEL_NAME} is not a model that runs here: {reason}") from error
    if hasattr(session, "_model_bytes"):
        session._model_bytes = None  # kept for a change of devices, which nobody makes: 470 MB
    return session
