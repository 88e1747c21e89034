"""Matrix products of a text encoder in 8-bit integers, by standard operators.

The pattern is the one that ONNX Runtime joins into single operators as it loads. Shape suffixes:
``I`` features in, ``O`` features out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto

from adverts.bundle.quantise.calibration import Ranges
from adverts.bundle.quantise.graph import Graph, make
from adverts.bundle.quantise.schemes import Kind, Scheme
from adverts.bundle.quantise.smoothing import smoothing_factors
from adverts.bundle.quantise.word_table import IDS

_LARGEST = {7: 63, 8: 127}
_ROW_STEPS = {7: 127, 8: 63}
"""Weights and activations share 15 bits: a sum of two products fits into 16 on every x86."""
_TINY = 1e-12


@dataclass(frozen=True, slots=True)
class Product:
    """A matrix product of a text encoder with constant weights.

    Attributes:
        node: Where it stands.
        value: What is multiplied, ``(..., I)``.
        weights_IO: By what.
    """

    node: NodeProto
    value: str
    weights_IO: NDArray[np.float32]

    @property
    def kind(self) -> Kind:
        """Return whether it gives fewer features than it reads, more, or as many."""
        features_in, features_out = self.weights_IO.shape
        if features_out < features_in:
            return "narrowing"
        return "widening" if features_out > features_in else "square"


def products(graph: Graph) -> list[Product]:
    """Return the products of the text encoder, in order; heads and pictures are not among them."""
    reached = graph.downstream(IDS) if IDS in graph.inputs else set()
    return [
        Product(node, node.input[0], weights.astype(np.float32, copy=False))
        for node in graph.nodes
        if node.op_type == "MatMul" and node.input[0] in reached
        for weights in [graph.constant(node.input[1])]
        if weights is not None and weights.ndim == 2 and weights.dtype == np.float32
    ]


def chosen_products(graph: Graph, scheme: Scheme) -> list[Product]:
    """Return the products that a scheme makes integers of, in order."""
    return [one for one in products(graph) if one.kind not in scheme.keep]


def quantise_products(graph: Graph, scheme: Scheme, ranges: Ranges) -> None:
    """Make integers of the products that a scheme names.

    Args:
        graph: Changed in place.
        scheme: How.
        ranges: Of the values that are multiplied; may be empty where the scheme needs none.
    """
    together: dict[str, list[Product]] = {}
    for product in chosen_products(graph, scheme):
        together.setdefault(product.value, []).append(product)
    for value, readers in together.items():
        factors_I = None
        if scheme.smoothing is not None:
            weights = np.concatenate([one.weights_IO for one in readers], axis=1)
            factors_I = smoothing_factors(ranges.largest(value), weights, scheme.smoothing)
        _quantise_value(graph, value, factors_I, (scheme, ranges), readers)


def _quantise_value(
    graph: Graph,
    value: str,
    factors_I: NDArray[np.float32] | None,
    how: tuple[Scheme, Ranges],
    readers: list[Product],
) -> None:
    scheme, ranges = how
    before: list[NodeProto] = []
    source = value
    if factors_I is not None:
        source = f"{value}.smooth"
        divisors = graph.add_constant(f"{value}.divisors", 1 / factors_I)
        before.append(make("Mul", [value, divisors], source))
    scales = "row" if readers[0].kind in scheme.by_row else scheme.scales
    match scales:
        case "tensor":
            before += _scale_by_pass(source, value)
        case "row":
            before += _scale_by_row(graph, (source, value), _ROW_STEPS[scheme.bits])
        case "static":
            bounds = ranges.bounds(value, factors_I)
            before += _scale_beforehand(graph, (source, value), bounds)
    for product in readers:
        weights_IO = product.weights_IO
        if factors_I is not None:
            weights_IO = weights_IO * factors_I[:, None]
        by_row = scales == "row"
        after = _multiply(graph, product, weights_IO, _LARGEST[scheme.bits], by_row=by_row)
        graph.replace(product.node, *before, *after)
        before = []


def _scale_by_pass(source: str, value: str) -> list[NodeProto]:
    names = [f"{value}.byte", f"{value}.scale", f"{value}.zero"]
    return [make("DynamicQuantizeLinear", [source], names)]


def _scale_by_row(graph: Graph, names: tuple[str, str], most: int) -> list[NodeProto]:
    source, value = names
    centre = most + 1
    graph.add_constant(f"{value}.zero", np.array(centre, np.uint8))
    tiny = graph.add_constant(f"{value}.tiny", np.array(_TINY, np.float32))
    steps = graph.add_constant(f"{value}.steps", np.array(most, np.float32))
    middle = graph.add_constant(f"{value}.middle", np.array(centre, np.float32))
    last = graph.add_constant(f"{value}.last", np.array([-1], np.int64))
    return [
        make("Abs", [source], f"{value}.size"),
        make("ReduceMax", [f"{value}.size", last], f"{value}.largest", keepdims=1),
        make("Max", [f"{value}.largest", tiny], f"{value}.positive"),
        make("Div", [f"{value}.positive", steps], f"{value}.scale"),
        make("Div", [source, f"{value}.scale"], f"{value}.stepped"),
        make("Round", [f"{value}.stepped"], f"{value}.rounded"),
        make("Add", [f"{value}.rounded", middle], f"{value}.shifted"),
        make("Cast", [f"{value}.shifted"], f"{value}.byte", to=TensorProto.UINT8),
    ]


def _scale_beforehand(
    graph: Graph, names: tuple[str, str], bounds: tuple[float, float]
) -> list[NodeProto]:
    source, value = names
    low, high = min(bounds[0], 0.0), max(bounds[1], 0.0)
    scale = max(high - low, _TINY) / 255
    zero = int(np.clip(np.rint(-low / scale), 0, 255))
    graph.add_constant(f"{value}.scale", np.array(scale, np.float32))
    graph.add_constant(f"{value}.zero", np.array(zero, np.uint8))
    inputs = [source, f"{value}.scale", f"{value}.zero"]
    return [make("QuantizeLinear", inputs, f"{value}.byte")]


def _multiply(
    graph: Graph,
    product: Product,
    weights_IO: NDArray[np.float32],
    largest: int,
    *,
    by_row: bool,
) -> list[NodeProto]:
    out, value = product.node.output[0], product.value
    scales_O = np.maximum(np.abs(weights_IO).max(axis=0), _TINY) / largest
    codes_IO = np.rint(weights_IO / scales_O).astype(np.int8)
    codes = graph.add_constant(f"{out}.codes", codes_IO)
    scales = graph.add_constant(f"{out}.scales", scales_O.astype(np.float32))
    zeros = graph.add_constant(f"{out}.zeros", np.zeros(len(scales_O), np.int8))
    inputs = [f"{value}.byte", codes, f"{value}.zero", zeros]
    whole = [
        make("MatMulInteger", inputs, f"{out}.whole"),
        make("Cast", [f"{out}.whole"], f"{out}.number", to=TensorProto.FLOAT),
    ]
    if by_row:  # in the other order ONNX Runtime joins them and reads the first scale alone
        return [
            *whole,
            make("Mul", [f"{out}.number", scales], f"{out}.step"),
            make("Mul", [f"{out}.step", f"{value}.scale"], out),
        ]
    return [
        *whole,
        make("Mul", [f"{value}.scale", scales], f"{out}.step"),
        make("Mul", [f"{out}.number", f"{out}.step"], out),
    ]
