"""Every way to store a model that is tried: the shipped ones, and those of ONNX Runtime."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import numpy as np
import onnx
from numpy.typing import NDArray
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer

from adverts.bundle.quantise import SCHEMES, fuse, quantise
from adverts.inputs.encoding import Feeds

Floats = NDArray[np.floating]
Arm = Callable[[onnx.ModelProto, list[Feeds]], bytes]


def arms() -> dict[str, Arm]:
    """Return what makes each arm of an exported model and of adverts to calibrate on."""
    made: dict[str, Arm] = {"fp32 as exported": lambda model, _: bytes(model.SerializeToString())}
    made |= {one.name: _ours(one.name) for one in SCHEMES}
    made["int8, each weight to the nearest"] = _nearest
    made["int8, no more than 7 bits of a value"] = _seven
    made["dynamic, 7 bits"] = lambda model, _: _dynamic(model, QuantType.QInt8)
    made["dynamic, QUInt8"] = lambda model, _: _dynamic(model, QuantType.QUInt8)
    made["MatMulNBits, 8 bits"] = lambda model, _: _blocks(model, 8)
    made["MatMulNBits, 4 bits"] = lambda model, _: _blocks(model, 4)
    return made


def _ours(name: str) -> Arm:
    scheme = next(one for one in SCHEMES if one.name == name)
    return lambda model, feeds: bytes(
        quantise(model, scheme, feeds).SerializeToString(deterministic=True)
    )


def _nearest(model: onnx.ModelProto, feeds: list[Feeds]) -> bytes:
    def nearest(weights: Floats, scales: Floats, _: Floats, *, largest: int) -> NDArray[np.int8]:
        return np.clip(np.rint(weights / scales), -largest, largest).astype(np.int8)

    with mock.patch("adverts.bundle.quantise.matmuls.round_weights", nearest):
        return _ours("int8")(model, feeds)


def _seven(model: onnx.ModelProto, feeds: list[Feeds]) -> bytes:
    with mock.patch("adverts.bundle.quantise.rounding._MOST", 127):
        return _ours("int8")(model, feeds)


def _dynamic(model: onnx.ModelProto, weights: QuantType) -> bytes:
    fused = fuse(model)
    options = {"MatMulConstBOnly": True, "DefaultTensorType": onnx.TensorProto.FLOAT}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "small.onnx"
        quantize_dynamic(
            fused,
            path,
            weight_type=weights,
            per_channel=True,
            reduce_range=weights is QuantType.QInt8,
            op_types_to_quantize=["MatMul"],
            extra_options=options,
        )
        return path.read_bytes()


def _blocks(model: onnx.ModelProto, bits: int) -> bytes:
    quantiser = MatMulNBitsQuantizer(
        fuse(model), bits=bits, block_size=32, is_symmetric=True, accuracy_level=4
    )
    quantiser.process()
    return bytes(quantiser.model.model.SerializeToString(deterministic=True))
