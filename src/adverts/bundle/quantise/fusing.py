"""Fewer operators for the same function: what a Hugging Face encoder exports is joined again."""

from __future__ import annotations

import onnx

from adverts.bundle.quantise.graph import Graph


def fuse(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return a model of the same function with fewer operators; what matches nothing stays.

    Args:
        model: In fp32; left alone.
    """
    graph = Graph(model)
    join_operators(graph)
    return graph.finish()


def join_operators(graph: Graph) -> None:
    """Join operators of a graph in place."""
