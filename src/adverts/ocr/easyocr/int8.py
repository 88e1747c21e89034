"""Quantise the convolutions of EasyOCR's networks to 8 bits with fixed ranges.

The ranges of activations are constants here, not measured at each export, so that every machine
makes the same network from the same weights.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

Range: TypeAlias = tuple[float, float]
DETECTOR_RANGES: tuple[Range, ...] = (
    (-2.12, 2.65),
    (0.0, 17.68),
    (0.0, 9.9),
    (0.0, 6.51),
    (0.0, 9.48),
    (0.0, 7.13),
    (0.0, 5.18),
    (0.0, 4.53),
    (0.0, 6.32),
    (0.0, 8.05),
    (0.0, 3.49),
    (0.0, 2.69),
    (-5.39, 2.47),
    (-5.99, 7.46),
    (-15.78, 15.79),
    (0.0, 8.96),
    (0.0, 7.41),
    (0.0, 13.11),
    (0.0, 10.46),
    (0.0, 10.35),
    (0.0, 12.06),
    (0.0, 12.25),
    (0.0, 12.62),
    (0.0, 4.42),
    (0.0, 6.82),
    (0.0, 2.87),
    (0.0, 2.53),
    (-0.06, 1.05),
)
RECOGNISER_RANGES: tuple[Range, ...] = (
    (-1.0, 1.0),
    (0.0, 4.28),
    (0.0, 10.82),
    (0.0, 31.73),
    (0.0, 90.3),
    (0.0, 18.64),
    (0.0, 16.24),
    (0.0, 44.3),
)
"""Ranges over 14 pages of ``data/synthetic/images`` on a canvas of 640, and their lines."""

_PASSES_ON = {"MaxPool", "Resize", "Concat"}
_QUANTISED = ["Conv", "Relu", *sorted(_PASSES_ON)]


def quantise(model: ModelProto, ranges: Sequence[Range]) -> ModelProto:
    """Return the model with its convolutions, and the layers between them, in 8 bits.

    Weights have seven bits and a scale for each channel. With eight bits, processors without VNNI
    saturate, and machines would read the same page differently.

    Args:
        model: Network whose batch normalisations are folded into its convolutions.
        ranges: Smallest and largest value of the input, then of the output of each convolution
            after its ReLU, if it has one, in the order of the graph.

    Raises:
        ValueError: The number of ranges does not match the number of convolutions.
    """
    from onnxruntime.quantization import CalibrationMethod, QuantType
    from onnxruntime.quantization.calibrate import TensorData, TensorsData
    from onnxruntime.quantization.qdq_quantizer import QDQQuantizer

    known = _ranges_by_tensor(model, ranges)
    told = {
        name: TensorData(lowest=np.float32(low), highest=np.float32(high))
        for name, (low, high) in known.items()
    }
    copy = type(model).FromString(model.SerializeToString())  # the quantiser changes its model
    quantiser = QDQQuantizer(
        copy,
        per_channel=True,
        reduce_range=True,
        weight_qType=QuantType.QInt8,
        activation_qType=QuantType.QUInt8,
        tensors_range=TensorsData(CalibrationMethod.MinMax, told),
        nodes_to_quantize=[node.name for node in model.graph.node if node.output[0] in known],
        nodes_to_exclude=[],
        op_types_to_quantize=_QUANTISED,
        extra_options={},
    )
    quantised: ModelProto = quantiser.quantize_model()
    return quantised


def convolution_outputs(model: ModelProto) -> list[str]:
    """Return the tensors whose ranges :func:`quantise` needs, without the input."""
    return [_after(node, model).output[0] for node in _of_type(model, {"Conv"})]


def _ranges_by_tensor(model: ModelProto, ranges: Sequence[Range]) -> dict[str, Range]:
    """Return the range of each tensor between convolutions, by name."""
    outputs = convolution_outputs(model)
    if len(ranges) != 1 + len(outputs):
        raise ValueError(f"{len(ranges)} ranges for {1 + len(outputs)} tensors")
    known = dict(zip([model.graph.input[0].name, *outputs], ranges, strict=True))
    for node in _of_type(model, {"Conv", *_PASSES_ON}):
        if node.op_type == "Conv":
            known.setdefault(node.output[0], known[_after(node, model).output[0]])
            continue
        if inputs := [known[name] for name in node.input if name in known]:  # none: sizes
            known[node.output[0]] = min(low for low, _ in inputs), max(high for _, high in inputs)
    return known


def _of_type(model: ModelProto, types: set[str]) -> Iterator[NodeProto]:
    return (node for node in model.graph.node if node.op_type in types)


def _after(node: NodeProto, model: ModelProto) -> NodeProto:
    """Return the ReLU that follows a convolution, or the convolution if there is none."""
    users = (user for user in _of_type(model, {"Relu"}) if user.input[0] == node.output[0])
    return next(users, node)
