"""ONNX graphs: an operator of any kind joins a model, as its own definition says, with large sizes."""

from __future__ import annotations

import random
from functools import cache

import numpy as np
import onnx
from onnx import AttributeProto, TensorProto, helper, numpy_helper

from fuzz.values import size_between

_FLOATS = {"tensor(float)", "tensor(float16)", "tensor(double)"}
_WHOLE = {"tensor(int64)", "tensor(int32)"}


@cache
def operators() -> tuple[onnx.defs.OpSchema, ...]:
    """Return the definition of every operator that the format knows, in its newest version."""
    found = onnx.defs.get_all_schemas()
    return tuple(one for one in found if one.domain in ("", "ai.onnx.ml") and not one.deprecated)


def mutated_graph(rng: random.Random, data: bytes) -> tuple[str, bytes]:
    """Return the family of a change and the model with one more operator, which its answer uses.

    Operators whose definition a draw does not meet are drawn again, a few times.
    """
    for _ in range(40):
        schema = rng.choice(operators())
        model = onnx.load_from_string(data)
        if _add(rng, model, schema):
            return schema.name, model.SerializeToString()
    return "none", data


def _add(rng: random.Random, model: onnx.ModelProto, schema: onnx.defs.OpSchema) -> bool:
    graph = model.graph
    inputs = []
    for place in range(max(schema.min_input, min(schema.max_input, 3, len(schema.inputs)))):
        formal = schema.inputs[min(place, len(schema.inputs) - 1)]
        optional = formal.option == onnx.defs.OpSchema.FormalParameterOption.Optional
        if optional and rng.random() < 0.3:
            inputs.append("")
            continue
        tensor = _operand(rng, schema, formal, place)
        if tensor is None:
            return False
        tensor.name = f"fuzz_in_{place}"
        graph.initializer.append(tensor)
        inputs.append(tensor.name)
    attributes = {}
    for name, attribute in schema.attributes.items():
        if attribute.required or rng.random() < 0.4:
            value = _attribute(rng, name, attribute)
            if value is None:
                if attribute.required:
                    return False
                continue
            attributes[name] = value
    outputs = [f"fuzz_out_{number}" for number in range(max(1, schema.min_output))]
    try:
        node = helper.make_node(schema.name, inputs, outputs, domain=schema.domain, **attributes)
    except (TypeError, ValueError):
        return False
    graph.node.insert(0, node)
    _join(graph, outputs[0])
    imported = {one.domain for one in model.opset_import}
    if schema.domain not in imported:
        model.opset_import.append(helper.make_opsetid(schema.domain, schema.since_version))
    for one in model.opset_import:
        if one.domain == schema.domain:
            one.version = max(one.version, min(schema.since_version, 23))
    try:
        onnx.checker.check_model(model)
        onnx.shape_inference.infer_shapes(_small(model), strict_mode=True)
    except Exception:  # the definition is not met: whoever draws asks again
        return rng.random() < 0.02
    return True


def _small(model: onnx.ModelProto) -> onnx.ModelProto:
    return model


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


def _operand(
    rng: random.Random,
    schema: onnx.defs.OpSchema,
    formal: onnx.defs.OpSchema.FormalParameter,
    place: int,
) -> TensorProto | None:
    legal = set(formal.types)
    if legal & _FLOATS and (place == 0 or not legal & _WHOLE):
        rank = rng.choice((1, 2, 3, 4, 4, 4))
        shape = [rng.choice((1, 1, 2, 4)) for _ in range(rank)]
        return numpy_helper.from_array(np.ones(shape, np.float32))
    if "tensor(int64)" in legal or "tensor(int32)" in legal:
        kind = np.int64 if "tensor(int64)" in legal else np.int32
        if place == 0 and rng.random() < 0.5:
            shape = [rng.choice((1, 2, 4)) for _ in range(rng.randint(1, 4))]
            return numpy_helper.from_array(np.ones(shape, kind))
        return numpy_helper.from_array(np.array(_sizes(rng), kind))
    if "tensor(bool)" in legal:
        return numpy_helper.from_array(np.ones((2, 2), np.bool_))
    if "tensor(uint8)" in legal or "tensor(int8)" in legal:
        kind8 = np.uint8 if "tensor(uint8)" in legal else np.int8
        return numpy_helper.from_array(np.ones((2, 2), kind8))
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


def _attribute(
    rng: random.Random, name: str, attribute: onnx.defs.OpSchema.Attribute
) -> object | None:
    kinds = onnx.defs.OpSchema.AttrType
    match attribute.type:
        case kinds.INT:
            if name in ("to", "dtype"):
                return TensorProto.FLOAT
            return rng.choice((0, 1, 2, -1, size_between(rng, 1, 3e9)))
        case kinds.INTS:
            return rng.choice(([1], [1, 1], [0, 0, 0, 0], [2, 2], _sizes(rng)))
        case kinds.FLOAT:
            return rng.choice((0.0, 1.0, 0.5, 1e9))
        case kinds.FLOATS:
            return rng.choice(([1.0], [1.0, 1e4], [1.0] * 4))
        case kinds.STRING:
            words = [word.strip("\"'`.,()") for word in attribute.description.split()]
            return rng.choice([word for word in words if word.isalpha()] or ["a"])
        case kinds.STRINGS:
            return ["a", "b"]
        case kinds.TENSOR:
            return numpy_helper.from_array(np.ones(1, np.float32))
        case _:
            return None


assert AttributeProto is not None
