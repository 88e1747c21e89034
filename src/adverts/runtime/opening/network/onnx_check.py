"""Refuse an ONNX file that holds more than weights and arithmetic, before ONNX Runtime loads it.

An accepted model is one file with all its weights. Its tensors are as large as their bytes, it has
only operators that the exporters write, and no graphs inside graphs. The memory and the operations
of a run are bounded at the lengths of text that the bundle announces.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from adverts.errors import IntegrityError
from adverts.inputs.spec import InputSpec
from adverts.runtime.manifest import MODEL_NAME
from adverts.runtime.opening.network.onnx_costs import check_costs, declared_dims
from adverts.runtime.opening.network.onnx_operators import CONTRIB
from adverts.runtime.opening.network.onnx_wire import Message, parse_model

DOMAINS = frozenset({"", "ai.onnx", CONTRIB})
MAX_ELEMENTS = 2**26
"""Most elements that a graph may declare for one input or output."""
MAX_RANK = 16
_ORT_FORMAT, _ORT_PLACE = b"ORTM", slice(4, 8)
_NEVER = ("training_info", "functions", "sparse_initializer", "sparse_tensor", "sparse_tensors")
_INSIDE = ("t", "tensors", "g", "graphs", *_NEVER)
# ONNX data type: bits of one element in raw_data; the field that holds it otherwise
_TYPES: Mapping[int, tuple[int, str]] = {
    1: (32, "float_data"),
    2: (8, "int32_data"),
    3: (8, "int32_data"),
    4: (16, "int32_data"),
    5: (16, "int32_data"),
    6: (32, "int32_data"),
    7: (64, "int64_data"),
    9: (8, "int32_data"),
    10: (16, "int32_data"),
    11: (64, "double_data"),
    12: (32, "uint64_data"),
    13: (64, "uint64_data"),
    16: (16, "int32_data"),
    21: (4, "int32_data"),
    22: (4, "int32_data"),
}
_DATA = ("raw_data", *sorted({name for _, name in _TYPES.values()}))


@dataclass(frozen=True, slots=True)
class NetworkFacts:
    """What is known about a model that was accepted.

    Attributes:
        rows: Maps an input of the graph to the number of rows of the table that it looks up; an
            input that looks up no table is missing.
        shapes: Maps each input of the graph to its sizes, 0 for a free one.
    """

    rows: Mapping[str, int]
    shapes: Mapping[str, tuple[int, ...]]


def check_model(data: bytes, spec: InputSpec | None = None) -> NetworkFacts:
    """Check the bytes of an ONNX file, and return what is known about the model.

    Args:
        data: Content of the file.
        spec: Inputs of the model, with their bounds; None: a few of everything.

    Raises:
        IntegrityError: The data is not an ONNX file, or not one that a bundle may hold.
    """
    try:
        if data[_ORT_PLACE] == _ORT_FORMAT:
            raise ValueError("it is in ONNX Runtime's own format")
        model = parse_model(data)
        graphs = model.messages("graph")
        if not graphs:
            raise ValueError("it has no graph")
        _refuse(model, _NEVER)
        for entry in model.messages("opset_import"):
            _check_domain(entry.text("domain"), "an operator set")
        _check_graph(graphs[0])
        check_costs(graphs[0], spec, len(data))
        shapes = {
            one.text("name"): tuple(declared_dims(one)) for one in graphs[0].messages("input")
        }
        return NetworkFacts(_rows(graphs[0]), shapes)
    except (ValueError, RecursionError) as error:
        raise IntegrityError(
            f"{MODEL_NAME} is not a model of a bundle: {error}; export it again"
        ) from None


def _check_graph(graph: Message) -> None:
    _refuse(graph, _NEVER)
    _check_tensors(graph.messages("initializer"))
    names = [tensor.text("name") for tensor in graph.messages("initializer")]
    if len(set(names)) < len(names):
        raise ValueError("two of its tensors have the same name")
    for name in ("input", "output"):
        for value in graph.messages(name):
            _check_shape(value)
    for node in graph.messages("node"):
        for attribute in node.messages("attribute"):
            _refuse(attribute, _INSIDE)


def _refuse(message: Message, names: tuple[str, ...]) -> None:
    for name in names:
        if message.has(name):
            raise ValueError(f"it holds {name}, which no bundle needs")


def _check_domain(domain: str, what: str) -> None:
    if domain not in DOMAINS:
        raise ValueError(
            f"{what} is in the domain {domain[:40]!r}, wanted one of {', '.join(sorted(DOMAINS))}"
        )


def _check_tensors(tensors: list[Message]) -> None:
    for tensor in tensors:
        try:
            _check_tensor(tensor)
        except ValueError as error:
            raise ValueError(f"tensor {tensor.text('name')[:60]!r} {error}") from None


def _check_tensor(tensor: Message) -> None:
    if tensor.has("external_data") or tensor.number("data_location") != 0:
        raise ValueError("keeps its data in another file")
    count = _product(tensor.numbers("dims"))
    bits, field = _TYPES.get(tensor.number("data_type"), (0, ""))
    if not field:
        raise ValueError(f"is of the unknown data type {tensor.number('data_type')}")
    filled = [name for name in _DATA if tensor.has(name) and any(map(_size, tensor.parts[name]))]
    if set(filled) - {"raw_data", field} or len(filled) > 1:
        raise ValueError(f"keeps its data in {' and '.join(filled)}, wanted one place")
    if filled == ["raw_data"]:
        found, wanted = len(tensor.views("raw_data")[0]), -(-count * bits // 8)
    else:
        found, wanted = _elements(tensor, field), -(-count // 2) if bits == 4 else count
    if found != wanted:
        raise ValueError(
            f"has dims {tensor.numbers('dims')[:MAX_RANK]}, which need {wanted}, but {found} are "
            "there"
        )


def _size(value: int | memoryview | Message) -> int:
    return len(value) if isinstance(value, memoryview) else 1


def _elements(tensor: Message, field: str) -> int:
    """Return how many values a typed field holds, packed or not; a byte below 128 ends a number."""
    width = {"float_data": 4, "double_data": 8}.get(field)
    total = 0
    for part in tensor.parts.get(field, ()):
        if not isinstance(part, memoryview):
            total += 1
        elif width is None:
            total += int((np.frombuffer(part, np.uint8) < 0x80).sum())
        elif len(part) % width:
            raise ValueError(f"has {len(part)} bytes in {field}, wanted whole numbers")
        else:
            total += len(part) // width
    return total


def _product(dims: list[int]) -> int:
    if len(dims) > MAX_RANK or any(dim < 0 for dim in dims):
        raise ValueError(f"has dims {dims[:MAX_RANK]}, wanted at most {MAX_RANK}, none below 0")
    return math.prod(dims)


def _check_shape(value: Message) -> None:
    count = _product([dim or 1 for dim in declared_dims(value)])
    if count > MAX_ELEMENTS:
        raise ValueError(
            f"value {value.text('name')[:60]!r} has {count} elements, wanted at most {MAX_ELEMENTS}"
        )


def _rows(graph: Message) -> Mapping[str, int]:
    """Return the number of rows of the table that each input of the graph looks up."""
    inputs = {value.text("name") for value in graph.messages("input")}
    tables = {one.text("name"): one.numbers("dims") for one in graph.messages("initializer")}
    return dict(_looked_up(graph.messages("node"), inputs, tables))


def _looked_up(
    nodes: list[Message], inputs: set[str], tables: Mapping[str, list[int]]
) -> Iterator[tuple[str, int]]:
    for node in nodes:
        names = list(node.texts("input"))
        if node.text("op_type").startswith("Gather") and len(names) > 1 and names[1] in inputs:
            dims = tables.get(names[0])
            if dims and not any(
                one.text("name") == "axis" and one.number("i") for one in node.messages("attribute")
            ):
                yield names[1], dims[0]
