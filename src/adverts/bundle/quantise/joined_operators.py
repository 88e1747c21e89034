"""Join the operators of an exported Hugging Face encoder into fewer ones of the same function."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import NodeProto

from adverts.bundle.quantise.graph import (
    Graph,
    attribute,
    make,
    make_contrib,
    whole_numbers,
)

_BY_HEAD = (0, 2, 1, 3)
_KEYS_BY_HEAD = (0, 2, 3, 1)
_JOINED = "MultiHeadAttention"
_MASK = 5  # index of the mask among the inputs


@dataclass(frozen=True, slots=True)
class _Projection:
    """``value @ weights_IO + bias_O``, cut into heads."""

    value: str
    weights_IO: NDArray[np.float32]
    bias_O: NDArray[np.float32]
    cut: str


def join_attention(graph: Graph, softmax: NodeProto) -> None:
    """Join the attention around a softmax in place; do nothing if it does not match."""
    biased = graph.maker(softmax.input[0], "Add")
    scaled = graph.maker(biased.input[0], "Mul") if biased is not None else None
    scores = graph.maker(scaled.input[0], "MatMul") if scaled is not None else None
    summed = graph.only_reader(softmax.output[0], "MatMul")
    if biased is None or scaled is None or scores is None or summed is None:
        return
    parts = [
        _projection(graph, scores.input[0], _BY_HEAD),
        _projection(graph, scores.input[1], _KEYS_BY_HEAD),
        _projection(graph, summed.input[1], _BY_HEAD),
    ]
    projections = [one for one in parts if one is not None]
    scale, flat = graph.scalar(scaled.input[1]), _flattened(graph, summed)
    if len(projections) < 3 or scale is None or flat is None or not _alike(projections):
        return
    features = _head_features(graph, projections[0].cut)
    if features is None or summed.input[0] != softmax.output[0]:
        return
    heads = projections[0].weights_IO.shape[1] // features
    _write(graph, flat, projections, heads=heads, scale=scale, bias=biased.input[1])


def masks_of_attention(graph: Graph) -> list[str]:
    """Return the masks of joined attention: the values added to its scores to hide padding."""
    return [
        node.input[_MASK]
        for node in graph.nodes
        if node.op_type == _JOINED and len(node.input) > _MASK and node.input[_MASK]
    ]


def join_integer_attention(graph: Graph, zeros: Collection[str]) -> None:
    """Join each integer product with the attention that reads it, if nothing is masked.

    Args:
        graph: The graph, changed in place.
        zeros: Names of the masks that are zero for every advert.
    """
    for joined in [node for node in graph.nodes if node.op_type == _JOINED]:
        split = graph.maker(joined.input[0], "Split")
        product = graph.maker(split.input[0], "MatMulIntegerToFloat") if split is not None else None
        masked = len(joined.input) > _MASK and joined.input[_MASK] not in zeros
        bias = graph.constant(joined.input[3])
        if product is None or masked or bias is None:
            continue
        heads, scale = attribute(joined, "num_heads"), attribute(joined, "scale")
        assert heads is not None, "written without heads"
        features = len(bias) // 3 // heads.i
        if scale is not None and not math.isclose(scale.f, features**-0.5, rel_tol=1e-6):
            continue
        value, codes, value_scale, scales, zero = product.input[:5]
        none = graph.add_constant(f"{codes}.zero", np.array(0, np.int8))
        inputs = [value, codes, joined.input[3], value_scale, scales, "", zero, none]
        node = make_contrib("QAttention", inputs, joined.output[0], num_heads=heads.i)
        graph.replace(joined, node)


def _alike(projections: list[_Projection]) -> bool:
    first = projections[0]
    return all(
        (one.value, one.cut, one.weights_IO.shape)
        == (first.value, first.cut, first.weights_IO.shape)
        for one in projections
    )


def _projection(graph: Graph, value: str, order: tuple[int, ...]) -> _Projection | None:
    turned = graph.maker(value, "Transpose")
    if turned is None or whole_numbers(turned, "perm") != order:
        return None
    cut = graph.maker(turned.input[0], "Reshape")
    added = graph.maker(cut.input[0], "Add") if cut is not None else None
    product = graph.maker(added.input[0], "MatMul") if added is not None else None
    if cut is None or added is None or product is None:
        return None
    weights, bias = graph.constant(product.input[1]), graph.constant(added.input[1])
    if weights is None or bias is None or weights.ndim != 2 or bias.ndim != 1:
        return None
    return _Projection(
        product.input[0], weights.astype(np.float32), bias.astype(np.float32), cut.input[1]
    )


def _flattened(graph: Graph, summed: NodeProto) -> NodeProto | None:
    """Return the node that joins the heads of ``summed`` again; None if there is none."""
    turned = graph.only_reader(summed.output[0], "Transpose")
    if turned is None or whole_numbers(turned, "perm") != _BY_HEAD:
        return None
    return graph.only_reader(turned.output[0], "Reshape")


def _head_features(graph: Graph, cut: str) -> int | None:
    """Return the features of a head from the computed shape ``(B, T, heads, features)``."""
    joined = graph.maker(cut, "Concat")
    last = graph.scalar(joined.input[-1]) if joined is not None else None
    return int(last) if joined is not None and len(joined.input) == 4 and last else None


def _write(
    graph: Graph,
    flat: NodeProto,
    projections: list[_Projection],
    *,
    heads: int,
    scale: float,
    bias: str,
) -> None:
    out = flat.output[0]
    weights = np.concatenate([one.weights_IO for one in projections], axis=1)
    biases = np.concatenate([one.bias_O for one in projections])
    joined_weights = graph.add_constant(f"{out}.weights", weights)
    joined_biases = graph.add_constant(f"{out}.biases", biases)
    parts = [f"{out}.query", f"{out}.key", f"{out}.value"]
    graph.replace(
        flat,
        make("MatMul", [projections[0].value, joined_weights], f"{out}.joined"),
        make("Split", [f"{out}.joined"], parts, axis=-1, num_outputs=3),
        make_contrib(
            _JOINED,
            [*parts, joined_biases, "", bias],
            out,
            num_heads=heads,
            scale=scale,
        ),
    )


def fuse(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return a model of the same function with fewer operators; other operators stay.

    Args:
        model: A model in fp32; it is not changed.
    """
    graph = Graph(model)
    for softmax in [node for node in graph.nodes if node.op_type == "Softmax"]:
        join_attention(graph, softmax)
    for erf in [node for node in graph.nodes if node.op_type == "Erf"]:
        _join_gelu(graph, erf)
    return graph.finish()


def _join_gelu(graph: Graph, erf: NodeProto) -> None:
    """Join ``x / sqrt(2) -> erf -> + 1`` and the products with ``x`` and one half."""
    divided = graph.maker(erf.input[0], "Div")
    if divided is None or not _is(graph, divided.input[1], math.sqrt(2)):
        return
    x = divided.input[0]
    shifted = graph.only_reader(erf.output[0], "Add")
    if shifted is None or not _is(graph, _other(shifted, erf.output[0]), 1):
        return
    first = graph.only_reader(shifted.output[0], "Mul")
    second = graph.only_reader(first.output[0], "Mul") if first is not None else None
    if first is None or second is None:
        return
    factors = [_other(first, shifted.output[0]), _other(second, first.output[0])]
    if x not in factors:
        return
    factors.remove(x)
    if not _is(graph, factors[0], 0.5):
        return
    added = graph.maker(x, "Add")
    bias = graph.constant(added.input[1]) if added is not None else None
    if added is not None and bias is not None and bias.ndim == 1:
        graph.replace(second, make_contrib("BiasGelu", added.input, second.output[0]))
    else:
        graph.replace(second, make_contrib("Gelu", [x], second.output[0]))


def _other(node: NodeProto, value: str) -> str:
    """Return the input of a node of two inputs that is not ``value``."""
    return str(node.input[1] if node.input[0] == value else node.input[0])


def _is(graph: Graph, value: str, wanted: float) -> bool:
    found = graph.scalar(value)
    return found is not None and math.isclose(found, wanted, rel_tol=1e-6)
