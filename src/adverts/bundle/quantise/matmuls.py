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

_LARGEST_WEIGHT = 127
_STEPS = 127
"""Weights have 8 bits and activations 7: a sum of two products fits into 16 on every x86."""
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
        ranges: Of the values that are multiplied.
    """
    together: dict[str, list[Product]] = {}
    for product in chosen_products(graph, scheme):
        together.setdefault(product.value, []).append(product)
    for value, readers in together.items():
        factors_I = smoothing_factors(ranges.largest(value))
        nodes = _steps(graph, value, factors_I, ranges.bounds(value, factors_I))
        for product in readers:
            after = _multiply(graph, product, product.weights_IO * factors_I[:, None])
            graph.replace(product.node, *nodes, *after)
            nodes = []


def _steps(
    graph: Graph, value: str, factors_I: NDArray[np.float32], bounds: tuple[float, float]
) -> list[NodeProto]:
    """Return what makes whole numbers from 0 to 127 of a value; what lies beyond is cut off."""
    low, high = min(bounds[0], 0.0), max(bounds[1], 0.0)
    scale = max(high - low, _TINY) / _STEPS
    zero = int(np.clip(np.rint(-low / scale), 0, _STEPS))
    graph.add_constant(f"{value}.scale", np.array(scale, np.float32))
    graph.add_constant(f"{value}.zero", np.array(zero, np.uint8))
    most = graph.add_constant(f"{value}.most", np.array(_STEPS, np.uint8))
    nodes, source = [], value
    if (factors_I != 1).any():
        source = f"{value}.smooth"
        inverse = graph.add_constant(f"{value}.inverse", 1 / factors_I)
        nodes.append(make("Mul", [value, inverse], source))
    inputs = [source, f"{value}.scale", f"{value}.zero"]
    return [
        *nodes,
        make("QuantizeLinear", inputs, f"{value}.wide"),
        make("Min", [f"{value}.wide", most], f"{value}.byte"),
    ]


def _multiply(graph: Graph, product: Product, weights_IO: NDArray[np.float32]) -> list[NodeProto]:
    out, value = product.node.output[0], product.value
    scales_O = np.maximum(np.abs(weights_IO).max(axis=0), _TINY) / _LARGEST_WEIGHT
    codes_IO = np.rint(weights_IO / scales_O).astype(np.int8)
    codes = graph.add_constant(f"{out}.codes", codes_IO)
    scales = graph.add_constant(f"{out}.scales", scales_O.astype(np.float32))
    zeros = graph.add_constant(f"{out}.zeros", np.zeros(len(scales_O), np.int8))
    inputs = [f"{value}.byte", codes, f"{value}.zero", zeros]
    return [
        make("MatMulInteger", inputs, f"{out}.whole"),
        make("Cast", [f"{out}.whole"], f"{out}.number", to=TensorProto.FLOAT),
        make("Mul", [f"{value}.scale", scales], f"{out}.step"),
        make("Mul", [f"{out}.number", f"{out}.step"], out),
    ]
