"""Matrix products of a text encoder in 8-bit integers, by operators of ONNX Runtime.

Shape suffixes: ``I`` features in, ``O`` features out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto

from adverts.bundle.quantise.activation_ranges import Activations, Observed
from adverts.bundle.quantise.graph import Graph, make, make_contrib
from adverts.bundle.quantise.rounding import Steps, finest_steps, round_weights, smoothing_factors
from adverts.bundle.quantise.word_table import IDS

_LARGEST_WEIGHT = 127
_TINY = 1e-12


@dataclass(frozen=True, slots=True)
class Product:
    """A matrix product of a text encoder with constant weights.

    Attributes:
        node: The node of the product.
        value: Name of the value that is multiplied, ``(..., I)``.
        weights_IO: The constant weights.
    """

    node: NodeProto
    value: str
    weights_IO: NDArray[np.float32]

    @property
    def is_square(self) -> bool:
        """Return whether it gives as many features as it reads, as the one after attention does."""
        features_in, features_out = self.weights_IO.shape
        return bool(features_in == features_out)


def products(graph: Graph) -> list[Product]:
    """Return the products of the text encoder, in order, without those of heads and pictures."""
    reached = graph.downstream(IDS) if IDS in graph.inputs else set()
    return [
        Product(node, node.input[0], weights.astype(np.float32, copy=False))
        for node in graph.nodes
        if node.op_type == "MatMul" and node.input[0] in reached
        for weights in [graph.constant(node.input[1])]
        if weights is not None and weights.ndim == 2 and weights.dtype == np.float32
    ]


def quantise_products(graph: Graph, observed: Observed) -> None:
    """Replace the products of the text encoder by integer products.

    Args:
        graph: The graph, changed in place.
        observed: Statistics of the multiplied values over adverts.
    """
    together: dict[str, list[Product]] = {}
    for product in products(graph):
        together.setdefault(product.value, []).append(product)
    for value, readers in together.items():
        _quantise_readers(graph, readers, observed.activations[value])


def _quantise_readers(graph: Graph, readers: list[Product], seen: Activations) -> None:
    """Replace all products of one value by integer products; the value is quantised once."""
    value, smooth = readers[0].value, not all(one.is_square for one in readers)
    factors_I = smoothing_factors(seen.largest()) if smooth else np.ones_like(seen.low_I)
    products_II = seen.products_II / np.outer(factors_I, factors_I)
    low_I, high_I = seen.low_I / factors_I, seen.high_I / factors_I
    codes, scales = [], []
    for product in readers:
        weights_IO = product.weights_IO * factors_I[:, None]
        scales_O = np.maximum(np.abs(weights_IO).max(axis=0), _TINY) / _LARGEST_WEIGHT
        scales.append(scales_O.astype(np.float32))
        codes.append(round_weights(weights_IO, scales[-1], products_II, largest=_LARGEST_WEIGHT))
    steps = finest_steps(low_I, high_I, np.concatenate(codes, axis=1))
    nodes = _into_steps(graph, value, factors_I, steps)
    for product, codes_IO, scales_O in zip(readers, codes, scales, strict=True):
        _multiply(graph, product, codes_IO, scales_O, before=nodes)
        nodes = []


def _into_steps(
    graph: Graph, value: str, factors_I: NDArray[np.float32], steps: Steps
) -> list[NodeProto]:
    """Return the nodes that quantise a value; numbers beyond the steps are clipped."""
    graph.add_constant(f"{value}.scale", np.array(steps.size, np.float32))
    graph.add_constant(f"{value}.zero", np.array(steps.zero, np.uint8))
    nodes, source = [], value
    if (factors_I != 1).any():
        source = f"{value}.smooth"
        inverse = graph.add_constant(f"{value}.inverse", 1 / factors_I)
        nodes.append(make("Mul", [value, inverse], source))
    inputs = [source, f"{value}.scale", f"{value}.zero"]
    return [*nodes, make("QuantizeLinear", inputs, f"{value}.byte")]


def _multiply(
    graph: Graph,
    product: Product,
    codes_IO: NDArray[np.int8],
    scales_O: NDArray[np.float32],
    *,
    before: list[NodeProto],
) -> None:
    """Replace a product, and the bias that follows it, by an integer product."""
    out, value = product.node.output[0], product.value
    codes = graph.add_constant(f"{out}.codes", codes_IO)
    scales = graph.add_constant(f"{out}.scales", scales_O)
    inputs = [f"{value}.byte", codes, f"{value}.scale", scales, f"{value}.zero"]
    biased = graph.only_reader(out, "Add", "BiasGelu")
    bias = graph.constant(biased.input[1]) if biased is not None else None
    if biased is None or bias is None or bias.ndim != 1:
        graph.replace(product.node, *before, make_contrib("MatMulIntegerToFloat", inputs, out))
        return
    after, result = [], biased.output[0]
    if biased.op_type == "BiasGelu":
        result = f"{out}.biased"
        after = [make_contrib("Gelu", [result], biased.output[0])]
    inputs += ["", biased.input[1]]
    graph.replace(biased, *after)
    graph.replace(product.node, *before, make_contrib("MatMulIntegerToFloat", inputs, result))
