"""Cut out of an ONNX model what some of its outputs need, as a small model of its own.

ONNX Runtime can be told to execute only the path to the outputs that are asked for, but its release
1.32 runs the whole model all the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from adverts.runtime.opening.network.onnx_wire import Message, parse_model, raw_fields

_GRAPH, _BYTES = 7, 2
_NODE, _INITIALIZER, _INPUT, _OUTPUT, _VALUE_INFO = 1, 5, 11, 12, 13


def path_to(model: bytes, outputs: Collection[str]) -> bytes:
    """Return the part of a model that computes some of its outputs, with equal values.

    Args:
        model: Content of an ONNX file whose operators are those of a bundle.
        outputs: Names of the outputs to keep; the inputs that they do not need are left out.

    Raises:
        ValueError: The model has no such output.
    """
    (graph,) = parse_model(model).messages("graph")
    nodes, needed = _needed(graph, set(outputs))
    missing = set(outputs) - {value.text("name") for value in graph.messages("output")}
    if missing:
        raise ValueError(f"the model has no output {min(missing)!r}")
    parts = []
    for number, whole, value in raw_fields(memoryview(model)):
        if number != _GRAPH:
            parts.append(bytes(whole))
            continue
        kept = b"".join(_kept(graph, value, nodes, needed, outputs))
        parts += [_varint(_GRAPH << 3 | _BYTES), _varint(len(kept)), kept]
    return b"".join(parts)


def _needed(graph: Message, names: set[str]) -> tuple[set[int], set[str]]:
    """Return the places of the nodes that compute some values, and the names of all they read."""
    needed, kept = set(names), set()
    nodes = graph.messages("node")
    for place in range(len(nodes) - 1, -1, -1):  # a node stands behind what it reads
        if needed.intersection(nodes[place].texts("output")):
            kept.add(place)
            needed.update(nodes[place].texts("input"))
    return kept, needed


def _kept(
    graph: Message,
    view: memoryview,
    nodes: set[int],
    needed: set[str],
    outputs: Collection[str],
) -> Iterator[bytes]:
    """Yield the fields of a graph that are kept, as they are."""
    wanted = {
        _NODE: iter([place in nodes for place, _ in enumerate(graph.messages("node"))]),
        _INITIALIZER: iter([one.text("name") in needed for one in graph.messages("initializer")]),
        _INPUT: iter([one.text("name") in needed for one in graph.messages("input")]),
        _OUTPUT: iter([one.text("name") in outputs for one in graph.messages("output")]),
        _VALUE_INFO: iter([False] * len(graph.messages("value_info"))),
    }
    for number, whole, _ in raw_fields(view):
        if number not in wanted or next(wanted[number]):
            yield bytes(whole)


def _varint(number: int) -> bytes:
    found = bytearray()
    while number >= 0x80:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*found, number])
