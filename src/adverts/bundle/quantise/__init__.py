"""A smaller model of nearly the same answers: a first scheme, until others are measured."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import onnx

from adverts.errors import InputError
from adverts.inputs.encoding import Feeds
from adverts.runtime.manifest import Batching


@dataclass(frozen=True, slots=True)
class Scheme:
    """How weights are stored."""

    name: str
    weights: Literal["fp32", "int8"]
    batching: Batching


SCHEMES = (Scheme("int8-dynamic", "int8", "alone"),)


def fuse(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return the model as it is."""
    return model


def quantise(
    model: onnx.ModelProto, scheme: Scheme, calibration: Iterable[Feeds]
) -> onnx.ModelProto:
    """Return the model with matrices of integers.

    Raises:
        InputError: It has no token inputs, so there is nothing to quantise.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    del scheme, calibration
    if "input_ids" not in {value.name for value in model.graph.input}:
        raise InputError("the model reads no tokens: fp32 is all there is")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        quantize_dynamic(
            model,
            path,
            op_types_to_quantize=["MatMul"],
            per_channel=True,
            reduce_range=True,
            weight_type=QuantType.QInt8,
            extra_options={"MatMulConstBOnly": True, "DefaultTensorType": 1},
        )
        return onnx.load(path)
