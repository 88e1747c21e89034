"""ONNX graphs: an operator of any kind joins a model, as it is defined, with large sizes."""

from __future__ import annotations

import random
from functools import cache

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from fuzz.values import size_between

_FLOATS = {"tensor(float)", "tensor(float16)", "tensor(double)"}
_WHOLE = {"tensor(int64)": np.int64, "tensor(int32)": np.int32}
_SMALL = {"tensor(bool)": np.bool_, "tensor(uint8)": np.uint8, "tensor(int8)": np.int8}
_TYPE_NAMES = ("to", "dtype")


@cache
def operators() -> tuple[onnx.defs.OpSchema, ...]:
    """Return the definition of every operator that the format knows, in its newest version."""
    found = onnx.defs.get_all_schemas()
    return tuple(one for one in found if one.domain in ("", "ai.onnx.ml") and not one.deprecated)


def mutated_graph(rng: random.Random, data: bytes) -> tuple[str, bytes]:
    """Return the family of a change and the model with one more operator, which its answer uses.

    Operands that do not meet its definition are drawn again, and at last another operator is.
    """
    while True:
        schema = rng.choice(operators())
        for _ in range(40):
            model = onnx.load_from_string(data)
            if _add(rng, model, schema):
                return schema.name, model.SerializeToString()


def _add(rng: random.Random, model: onnx.ModelProto, schema: onnx.defs.OpSchema) -> bool:
    """Let the operator join; False where what was drawn does not meet its definition."""
    inputs = _inputs(rng, model.graph, schema)
    attributes = _attributes(rng, schema)
    if inputs is None or attributes is None:
        return False
    outputs = [f"fuzz_out_{number}" for number in range(max(1, schema.min_output))]
    try:
        node = helper.make_node(schema.name, inputs, outputs, domain=schema.domain, **attributes)
    except (TypeError, ValueError):
        return False
    model.graph.node.insert(0, node)
    _join(model.graph, outputs[0])
    if schema.domain not in {one.domain for one in model.opset_import}:
        model.opset_import.append(helper.make_opsetid(schema.domain, schema.since_version))
    for one in model.opset_import:
        if one.domain == schema.domain:
            one.version = max(one.version, min(schema.since_version, 23))
    try:
        onnx.checker.check_model(model)
        onnx.shape_inference.infer_shapes(model, strict_mode=True)
    except Exception:  # the definition is not met: whoever draws asks again
        return rng.random() < 0.02
    return True


def _inputs(
    rng: random.Random, graph: onnx.GraphProto, schema: onnx.defs.OpSchema
) -> list[str] | None:
    names = []
    optional = onnx.defs.OpSchema.FormalParameterOption.Optional
    for place in range(max(schema.min_input, min(schema.max_input, 3, len(schema.inputs)))):
        formal = schema.inputs[min(place, len(schema.inputs) - 1)]
        if formal.option == optional and rng.random() < 0.3:
            names.append("")
            continue
        tensor = _operand(rng, set(formal.types), place)
        if tensor is None:
            return None
        tensor.name = f"fuzz_in_{place}"
        graph.initializer.append(tensor)
        names.append(tensor.name)
    return names


def _attributes(rng: random.Random, schema: onnx.defs.OpSchema) -> dict[str, object] | None:
    found = {}
    for name, attribute in schema.attributes.items():
        if attribute.required or rng.random() < 0.4:
            draw = _ATTRIBUTES.get(attribute.type)
            if draw is not None:
                found[name] = TensorProto.FLOAT if name in _TYPE_NAMES else draw(rng, attribute)
            elif attribute.required:
                return None
    return found


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


def _operand(rng: random.Random, legal: set[str], place: int) -> TensorProto | None:
    """Return a constant of a type that is legal there: numbers first, then sizes."""
    ones = [rng.choice((1, 1, 2, 4)) for _ in range(rng.choice((1, 2, 3, 4, 4, 4)))]
    whole = next((kind for name, kind in _WHOLE.items() if name in legal), None)
    if legal & _FLOATS and (place == 0 or whole is None):
        return numpy_helper.from_array(np.ones(ones, np.float32))
    if whole is not None:
        plain = place == 0 and rng.random() < 0.5
        return numpy_helper.from_array(
            np.ones(ones, whole) if plain else np.array(_sizes(rng), whole)
        )
    for name, kind in _SMALL.items():
        if name in legal:
            return numpy_helper.from_array(np.ones((2, 2), kind))
    if "tensor(string)" in legal:
        return helper.make_tensor("strings", TensorProto.STRING, [2], [b"a", b"b"])
    return None


def _sizes(rng: random.Random) -> list[int]:
    """Return sizes whose product is large, or small numbers; some more than a few."""
    rank = rng.choice((1, 1, 2, 3, 4, 4, 70))
    if rng.random() < 0.3:
        return [rng.choice((0, 1, 2, -1)) for _ in range(rank)]
    sizes = [1] * rank
    for _ in range(rng.choice((1, 2))):
        sizes[rng.randrange(rank)] = size_between(rng, 10, 2e4 if rank > 1 else 3e9)
    return sizes


def _word(rng: random.Random, attribute: onnx.defs.OpSchema.Attribute) -> str:
    """Return a word of an attribute's definition: its legal values are among them."""
    words = [word.strip("\"'`.,()") for word in attribute.description.split()]
    return rng.choice([word for word in words if word.isalpha()] or ["a"])


_KINDS = onnx.defs.OpSchema.AttrType
_ATTRIBUTES = {
    _KINDS.INT: lambda rng, _: rng.choice((0, 1, 2, -1, size_between(rng, 1, 3e9))),
    _KINDS.INTS: lambda rng, _: rng.choice(([1], [1, 1], [0, 0, 0, 0], [2, 2], _sizes(rng))),
    _KINDS.FLOAT: lambda rng, _: rng.choice((0.0, 1.0, 0.5, 1e9)),
    _KINDS.FLOATS: lambda rng, _: rng.choice(([1.0], [1.0, 1e4], [1.0] * 4)),
    _KINDS.STRING: _word,
    _KINDS.STRINGS: lambda *_: ["a", "b"],
    _KINDS.TENSOR: lambda *_: numpy_helper.from_array(np.ones(1, np.float32)),
}
