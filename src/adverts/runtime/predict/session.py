"""Open an ONNX model for serving: so many threads, and memory that does not grow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from adverts.errors import IntegrityError, first_line
from adverts.runtime.manifest import MODEL_NAME
from adverts.runtime.opening.network.onnx_wire import Message, parse_model
from adverts.work.cpu_session import serving_session

if TYPE_CHECKING:
    from onnxruntime import InferenceSession, OrtValue

_UINT8 = 2
_WORTH_SHARING = 1_000_000
Tables = Mapping[str, "OrtValue"]


@dataclass(frozen=True, slots=True)
class Sessions:
    """The sessions of one model in one process.

    Attributes:
        together: One run uses all threads.
        beside: Each run uses one thread, so that several go on beside each other; the same as
            ``together`` where there is nothing to gain.
        tables: What both read from one place; it must live as long as they do.
    """

    together: InferenceSession
    beside: InferenceSession
    tables: Tables


def open_sessions(model: bytes, threads: int, *, beside: int) -> Sessions:
    """Return sessions for ``model`` that may be run from several threads at once.

    Args:
        model: The content of the ONNX file.
        threads: Cores that one run may use, at least 1.
        beside: Runs that go on beside each other, at least 1.

    Raises:
        IntegrityError: It is not a model that runs here.
    """
    if threads == 1 or beside == 1:
        only = _open(model, threads, {})
        return Sessions(only, only, {})
    tables = _tables(model)
    return Sessions(_open(model, threads, tables), _open(model, 1, tables), tables)


def _open(model: bytes, threads: int, tables: Tables) -> InferenceSession:
    try:
        return serving_session(model, threads, tables)
    except Exception as error:  # the library's own errors share no base class
        reason = first_line(error)[:200]
        raise IntegrityError(f"{MODEL_NAME} is not a model that runs here: {reason}") from error


def _tables(model: bytes) -> Tables:
    """Return what rows are looked up in, if it is large; copied, so that the file can go."""
    from onnxruntime import OrtValue

    (graph,) = parse_model(model).messages("graph")
    looked_up = {
        next(node.texts("input"))
        for node in graph.messages("node")
        if node.text("op_type") == "Gather"
    }
    return {
        one.text("name"): OrtValue.ortvalue_from_numpy(_values(one))
        for one in graph.messages("initializer")
        if one.text("name") in looked_up
        and one.number("data_type") == _UINT8
        and one.num_bytes("raw_data") > _WORTH_SHARING
    }


def _values(tensor: Message) -> NDArray[np.uint8]:
    values = np.frombuffer(tensor.views("raw_data")[0], np.uint8)
    return values.reshape(tensor.numbers("dims")).copy()
