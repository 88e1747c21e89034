"""ONNX graphs: an operator of any kind joins a model as it is defined, then its numbers grow."""

from __future__ import annotations

import os
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from fuzz.values import size_between

_FLOATS = {"tensor(float)", "tensor(float16)", "tensor(double)"}
_WHOLE = {"tensor(int64)": np.int64, "tensor(int32)": np.int32}
_SMALL = {"tensor(bool)": np.bool_, "tensor(uint8)": np.uint8, "tensor(int8)": np.int8}
_TYPE_NAMES = ("to", "dtype")
_TRIES, _GROWN, _FAILED = 1_500, 6, 2
_PRODUCTS = tuple(8**power for power in range(1, 12))


@cache
def operators() -> tuple[onnx.defs.OpSchema, ...]:
    """Return the definition of every operator that the format knows, in its newest version."""
    found = onnx.defs.get_all_schemas()
    ours = [one for one in found if one.domain in ("", "ai.onnx.ml") and not one.deprecated]
    return tuple(sorted(ours, key=lambda one: (one.name, one.domain)))


@dataclass(slots=True)
class Node:
    """An operator with its operands, all of them constants; None stands for one left out."""

    schema: onnx.defs.OpSchema
    operands: list[NDArray[np.generic] | None] = field(default_factory=list)
    attributes: dict[str, object] = field(default_factory=dict)

    def tensors(self) -> list[TensorProto]:
        """Return the operands as tensors with names."""
        return [
            _tensor(one, f"fuzz_in_{place}")
            for place, one in enumerate(self.operands)
            if one is not None
        ]

    def proto(self) -> onnx.NodeProto:
        """Return the operator as the format writes it."""
        inputs = ["" if one is None else f"fuzz_in_{at}" for at, one in enumerate(self.operands)]
        outputs = [f"fuzz_out_{number}" for number in range(max(1, self.schema.min_output))]
        made = {
            name: _tensor(value, "") if isinstance(value, np.ndarray) else value
            for name, value in self.attributes.items()
        }
        return helper.make_node(
            self.schema.name, inputs, outputs, domain=self.schema.domain, **made
        )

    def numbers(self) -> list[str | int]:
        """Return where whole numbers are: names of attributes, and places of operands."""
        found: list[str | int] = [
            name
            for name, value in self.attributes.items()
            if name not in _TYPE_NAMES and isinstance(value, int | list) and _whole(value)
        ]
        found += [
            place
            for place, one in enumerate(self.operands)
            if one is not None and one.dtype.kind == "i" and one.ndim < 2
        ]
        return found

    def with_more(self, place: int, count: int) -> Node:
        """Return it with a longer list in place of an operand; what is no list stays."""
        operands, old = list(self.operands), self.operands[place]
        if old is not None and old.ndim == 1:
            operands[place] = np.concatenate([old, np.ones(count, old.dtype)])
        return Node(self.schema, operands, self.attributes)

    def with_number(self, where: str | int, places: Sequence[int], number: int) -> Node:
        """Return it with another number at some places of an attribute or an operand."""
        operands, attributes = list(self.operands), dict(self.attributes)
        old = attributes[where] if isinstance(where, str) else operands[where]
        values = np.array(old, np.int64 if isinstance(where, str) else None)
        flat = values.reshape(-1)
        most = np.iinfo(flat.dtype).max
        for place in places:
            flat[place] = min(number, most)
        if isinstance(where, str):
            attributes[where] = values.tolist()
        else:
            operands[where] = values
        return Node(self.schema, operands, attributes)


def _whole(value: int | list[object]) -> bool:
    many = value if isinstance(value, list) else [value]
    return bool(many) and all(isinstance(one, int) for one in many)


def growing(
    rng: random.Random, data: bytes, schema: onnx.defs.OpSchema
) -> Iterator[Iterator[bytes]]:
    """Yield searches: in each, models with an operator in which a few numbers grow ever larger.

    The attributes that hold whole numbers take turns with the operands.
    """
    kinds = (onnx.defs.OpSchema.AttrType.INT, onnx.defs.OpSchema.AttrType.INTS)
    names = [name for name, one in schema.attributes.items() if one.type in kinds]
    places = ["", "", *rng.sample(names, len(names)), "", "", ""][:_GROWN]
    failed = 0
    for wanted in places:
        node = _plain(rng, schema, wanted)
        failed += node is None
        if node is not None:
            yield _grown(rng, data, node, wanted)
        elif failed == _FAILED:
            return


def _grown(rng: random.Random, data: bytes, node: Node, wanted: str) -> Iterator[bytes]:
    """Yield the model with larger and larger numbers in an attribute, or else in an operand."""
    where = [one for one in node.numbers() if not isinstance(one, str)] or node.numbers()
    if not where:
        yield _joined(data, node)
        return
    at = wanted if wanted in node.numbers() else rng.choice(where)
    if not isinstance(at, str) and rng.random() < 0.4:
        node = node.with_more(at, size_between(rng, 8, 128))
    old = node.attributes[at] if isinstance(at, str) else node.operands[at]
    count = np.array(old).size
    places = rng.sample(range(count), min(count, rng.choice((1, 2, 2, 4))))
    for product in _PRODUCTS:
        number = round(product ** (1 / max(1, len(places))))
        yield _joined(data, node.with_number(at, places, number))


def _plain(rng: random.Random, schema: onnx.defs.OpSchema, wanted: str) -> Node | None:
    """Return the operator with small operands that it takes; None where none was drawn.

    The tries are made in a process of their own: the library itself dies of some.
    """
    seed = rng.random()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        for number in range(_TRIES):
            node = _drawn(random.Random(f"{seed}:{number}"), schema, wanted)
            if node is not None and _runs(node):
                os.write(writer, str(number).encode())
                break
        os._exit(0)
    os.close(writer)
    told = os.read(reader, 10)
    os.close(reader)
    os.waitpid(child, 0)
    return _drawn(random.Random(f"{seed}:{int(told)}"), schema, wanted) if told else None


def _drawn(rng: random.Random, schema: onnx.defs.OpSchema, wanted: str) -> Node | None:
    rank = rng.choice((1, 2, 3, 4, 4, size_between(rng, 5, 128)))
    shape = [rng.choice((1, 1, 2, 4))] * min(rank, 8)
    node = Node(schema)
    optional = onnx.defs.OpSchema.FormalParameterOption.Optional
    for place in range(max(schema.min_input, min(schema.max_input, 3, len(schema.inputs)))):
        formal = schema.inputs[min(place, len(schema.inputs) - 1)]
        if formal.option == optional and rng.random() < 0.3:
            node.operands.append(None)
            continue
        operand = _operand(rng, set(formal.types), shape, rank)
        if operand is None:
            return None
        node.operands.append(operand)
    share, usual = rng.choice((0.0, 0.3, 0.5, 0.7)), rng.choice(_lengths(min(rank, 8)))
    for name, attribute in schema.attributes.items():
        if attribute.required or name == wanted or rng.random() < share:
            draw = _ATTRIBUTES.get(attribute.type)
            if draw is not None:
                is_type = name in _TYPE_NAMES
                node.attributes[name] = (
                    TensorProto.FLOAT if is_type else draw(rng, attribute, usual)
                )
            elif attribute.required:
                return None
    return node


def _operand(
    rng: random.Random, legal: set[str], shape: list[int], rank: int
) -> NDArray[np.generic] | None:
    """Return a constant of a type that is legal there: like the others, a list of sizes, one."""
    if legal & _FLOATS and (rng.random() < 0.8 or not legal & set(_WHOLE)):
        return np.ones(shape, np.float32)
    for name, kind in (_WHOLE | _SMALL).items():
        if name in legal:
            length = rng.choice(_lengths(rank))
            shaped = rng.choice((shape, shape, [length], [length], []))
            return np.full(shaped, rng.choice((0, 1, 1)), kind)
    if "tensor(string)" in legal:
        return np.array(["a", "b"], np.object_)
    return None


def _lengths(rank: int) -> tuple[int, ...]:
    """Return how many sizes an operator may want that sees so many axes."""
    return (1, rank, rank, max(1, rank - 2), max(1, 2 * rank - 4), 2 * rank)


def _runs(node: Node) -> bool:
    """Whether the operator alone is a model that runs."""
    import onnxruntime as ort

    try:
        proto = node.proto()
        answer = onnx.ValueInfoProto(name=proto.output[0])  # the runtime works out its type
        graph = helper.make_graph([proto], "one", [], [answer], node.tensors())
        domains = {node.schema.domain: min(node.schema.since_version, 23), "": 23}
        sets = [helper.make_opsetid(name, version) for name, version in domains.items()]
        model = helper.make_model(graph, opset_imports=sets, ir_version=10)
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        ort.InferenceSession(model.SerializeToString(), options).run(None, {})
    except Exception:  # the definition is not met: whoever draws asks again
        return False
    return True


def _joined(data: bytes, node: Node) -> bytes:
    """Return the model with the operator in it, on which its first answer depends."""
    model = onnx.load_from_string(data)
    graph, domain = model.graph, node.schema.domain
    graph.initializer.extend(node.tensors())
    proto = node.proto()
    graph.node.insert(0, proto)
    if domain not in {one.domain for one in model.opset_import}:
        model.opset_import.append(helper.make_opsetid(domain, node.schema.since_version))
    for one in model.opset_import:
        if one.domain == domain:
            one.version = max(one.version, min(node.schema.since_version, 23))
    _join(graph, proto.output[0])
    return model.SerializeToString()


def _join(graph: onnx.GraphProto, made: str) -> None:
    """Let the first answer depend on what was made, times nothing."""
    last = graph.output[0].name
    for node in graph.node:
        node.output[:] = ["fuzz_answer" if one == last else one for one in node.output]
    graph.initializer.append(numpy_helper.from_array(np.zeros((), np.float32), "fuzz_zero"))
    graph.node.extend(
        [
            helper.make_node("Cast", [made], ["fuzz_floats"], to=TensorProto.FLOAT),
            helper.make_node("ReduceMax", ["fuzz_floats"], ["fuzz_most"], keepdims=0),
            helper.make_node("Mul", ["fuzz_most", "fuzz_zero"], ["fuzz_nothing"]),
            helper.make_node("Add", ["fuzz_answer", "fuzz_nothing"], [last]),
        ]
    )


def _tensor(array: NDArray[np.generic], name: str) -> TensorProto:
    if array.dtype == np.object_:
        values = [str(one).encode() for one in array.reshape(-1)]
        return helper.make_tensor(name, TensorProto.STRING, array.shape, values)
    return numpy_helper.from_array(array, name)


def _word(rng: random.Random, attribute: onnx.defs.OpSchema.Attribute, _: int) -> str:
    """Return a word of an attribute's definition: its legal values are among them, in quotes."""
    quoted = re.findall(r"[\"'`](\w+)[\"'`]", attribute.description)
    return rng.choice(quoted or re.findall(r"[A-Za-z_]+", attribute.description) or ["a"])


def _some(rng: random.Random, _: object, usual: int) -> list[int]:
    return [rng.choice((0, 1, 1))] * rng.choice((usual, usual, usual, 1, 2 * usual))


_KINDS = onnx.defs.OpSchema.AttrType
_ATTRIBUTES = {
    _KINDS.INT: lambda rng, *_: rng.choice((0, 1, 1, 2, -1)),
    _KINDS.INTS: _some,
    _KINDS.FLOAT: lambda rng, *_: rng.choice((0.0, 1.0, 0.5, 1e9)),
    _KINDS.FLOATS: lambda rng, *_: [1.0] * rng.choice((1, 2, 4)),
    _KINDS.STRING: _word,
    _KINDS.STRINGS: lambda *_: ["a", "b"],
    _KINDS.TENSOR: lambda *_: np.ones(1, np.float32),
}
