"""An ONNX graph that can be rewritten: which nodes make and read a value, and its constants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import NodeProto, helper, numpy_helper

CONTRIB = "com.microsoft"
Attribute: TypeAlias = int | float | str | Sequence[int]
Numbers: TypeAlias = NDArray[np.generic]


class Graph:
    """A changeable graph of a model; the model itself is not changed, nor its constants copied."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self._model = model
        self.nodes: list[NodeProto] = [_copy(node) for node in model.graph.node]
        self._constants = {one.name: one for one in model.graph.initializer}
        self.inputs = tuple(one.name for one in model.graph.input)
        self.outputs = tuple(one.name for one in model.graph.output)
        self.refresh()

    def refresh(self) -> None:
        """Update which nodes make and read each value; needed after an input was renamed."""
        self._makers = {name: node for node in self.nodes for name in node.output if name}
        self._readers: dict[str, list[NodeProto]] = {}
        for node in self.nodes:
            for name in dict.fromkeys(node.input):
                self._readers.setdefault(name, []).append(node)

    def maker(self, value: str, *operators: str) -> NodeProto | None:
        """Return the node that makes ``value``; None if it is not one of ``operators``."""
        node = self._makers.get(value)
        return node if node is not None and (not operators or node.op_type in operators) else None

    def readers(self, value: str) -> list[NodeProto]:
        """Return the nodes that read ``value``, in the order of the graph."""
        return self._readers.get(value, [])

    def only_reader(self, value: str, *operators: str) -> NodeProto | None:
        """Return the only reader of ``value``; None if it is not one of ``operators``."""
        readers = self.readers(value)
        if len(readers) != 1 or value in self.outputs:
            return None
        return readers[0] if not operators or readers[0].op_type in operators else None

    def constant(self, value: str) -> Numbers | None:
        """Return the constant of that name; None if the value is computed or fed."""
        if value in self._constants:
            return np.asarray(numpy_helper.to_array(self._constants[value]))
        node = self.maker(value, "Constant")
        if node is None or not node.attribute or node.attribute[0].name != "value":
            return None
        return np.asarray(numpy_helper.to_array(node.attribute[0].t))

    def shape(self, value: str) -> tuple[int, ...] | None:
        """Return the shape of a constant of that name without reading it."""
        one = self._constants.get(value)
        return tuple(one.dims) if one is not None else None

    def scalar(self, value: str) -> float | None:
        """Return the only number of a constant; None if it has none or several."""
        found = self.constant(value)
        return float(found.reshape(-1)[0]) if found is not None and found.size == 1 else None

    def add_constant(self, name: str, values: NDArray[np.generic]) -> str:
        """Keep ``values`` under ``name``, which must be new or hold the same, and return it."""
        one = numpy_helper.from_array(np.ascontiguousarray(values), name)
        held = self._constants.setdefault(name, one)
        assert held is one or held.raw_data == one.raw_data, f"{name} holds other values"
        return name

    def replace(self, node: NodeProto, *new: NodeProto) -> None:
        """Replace ``node`` by other nodes at the same place."""
        place = next(i for i, one in enumerate(self.nodes) if one is node)
        self.nodes[place : place + 1] = new
        self.refresh()

    def downstream(self, *values: str) -> set[str]:
        """Return ``values`` and every value that is computed from one of them."""
        reached = set(values)
        for node in self.nodes:
            if reached & set(node.input):
                reached |= set(node.output)
        return reached

    def finish(self) -> onnx.ModelProto:
        """Return a new model, without the nodes and constants that nothing reads."""
        kept = self._alive()
        read = {name for node in kept for name in node.input} | set(self.outputs)
        model = onnx.ModelProto()
        for field, content in self._model.ListFields():
            if field.name not in ("graph", "opset_import"):
                assert not field.is_repeated, f"a model with {field.name} is none of ours"
                setattr(model, field.name, content)
        model.opset_import.extend(self._model.opset_import)
        domains = {entry.domain for entry in model.opset_import}
        if CONTRIB not in domains and any(node.domain == CONTRIB for node in kept):
            model.opset_import.append(helper.make_opsetid(CONTRIB, 1))
        model.graph.name = self._model.graph.name
        model.graph.input.extend(self._model.graph.input)
        model.graph.output.extend(self._model.graph.output)
        model.graph.node.extend(kept)
        model.graph.initializer.extend(one for name, one in self._constants.items() if name in read)
        return model

    def _alive(self) -> list[NodeProto]:
        wanted, kept = set(self.outputs), []
        for node in reversed(self.nodes):
            if wanted & set(node.output):
                wanted |= set(node.input)
                kept.append(node)
        return kept[::-1]


def _copy(node: NodeProto) -> NodeProto:
    copied = NodeProto()
    copied.CopyFrom(node)
    return copied


def make(
    operator: str, inputs: Sequence[str], output: str | Sequence[str], **attributes: Attribute
) -> NodeProto:
    """Return a node that is named after its first output."""
    outputs = [output] if isinstance(output, str) else list(output)
    node = helper.make_node(operator, list(inputs), outputs, name=f"make_{outputs[0]}")
    node.attribute.extend(helper.make_attribute(*one) for one in sorted(attributes.items()))
    return node


def make_contrib(
    operator: str, inputs: Sequence[str], output: str, **attributes: Attribute
) -> NodeProto:
    """Return a node of ONNX Runtime's own operators."""
    node = make(operator, inputs, output, **attributes)
    node.domain = CONTRIB
    return node


def attribute(node: NodeProto, name: str) -> onnx.AttributeProto | None:
    """Return an attribute of a node; None if it is not set."""
    return next((one for one in node.attribute if one.name == name), None)


def whole_numbers(node: NodeProto, name: str) -> tuple[int, ...]:
    """Return a list attribute of a node; empty if it is not set."""
    found = attribute(node, name)
    return tuple(found.ints) if found is not None else ()
