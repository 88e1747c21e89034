"""Fewer operators for the same function: what a Hugging Face encoder exports is joined again."""

from __future__ import annotations

import math

import onnx
from onnx import NodeProto

from adverts.bundle.quantise.attention import join_attention
from adverts.bundle.quantise.graph import Graph, make_contrib


def fuse(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return a model of the same function with fewer operators; what matches nothing stays.

    Args:
        model: In fp32; left alone.
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
