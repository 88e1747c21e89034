"""Bound the memory and the operations of a graph before it runs, for every length of its inputs.

The sizes of all values follow from those of the inputs and from constants; a graph whose sizes
depend on the content of an advert is refused. They are computed for every length of text (for 512
of them where there are more), each with some of the sizes of batches, pictures and features.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from adverts.arrays import Floats, Ints
from adverts.inputs.quality_features import QUALITY_FEATURES
from adverts.inputs.spec import InputSpec
from adverts.runtime.opening.network.onnx_operators import require_operator
from adverts.runtime.opening.network.onnx_rules import Node, result_of
from adverts.runtime.opening.network.onnx_values import Value, constant
from adverts.runtime.opening.network.onnx_wire import Message

MAX_BYTES = 900_000_000
"""Most bytes of all values that are needed at one time, without weights."""
MAX_OPERATIONS, OPERATIONS_PER_BYTE, TOKENS_OF_A_PICTURE = 5e9, 4, 200
"""Of one advert: so many at least, and so many for each byte of the model and each token."""
MAX_NODES = 5_000
"""Most operators of one graph; an encoder of 24 layers has about 1,500."""
MAX_ATTRIBUTE = 100_000
"""Largest axis, window size, or number of heads or parts; those of an encoder are 12 and less."""
_EACH_ELEMENT = 8.0  # operations that stand for making one element of a result
_ADVERTS = (1, 2, 3, 4)  # in one run, as the runtime puts them together
_IMAGES, _FEATURES = (1, 2, 3, 5, 8, 13, 20), (1, 2, 3, 50, 1_000, 20_000, 200_000)
_LENGTHS, _FEW = 512, 8
_INT64 = 7
_ITEM_BYTES = {1: 4, 2: 1, 3: 1, 4: 2, 5: 2, 6: 4, 7: 8, 9: 1, 10: 2, 11: 8, 12: 4, 13: 8, 16: 2}


def check_costs(graph: Message, spec: InputSpec | None, model_bytes: int) -> None:
    """Refuse a graph that needs more memory or operations than a model of its size may.

    Args:
        graph: Graph whose tensors are known to hold what they announce.
        spec: Inputs of the model; None: a few of everything.
        model_bytes: Size of the whole file in bytes.

    Raises:
        ValueError: It needs too much; the message names the operator and what it needs.
    """
    tokens = spec.tokens.max_tokens if spec is not None and spec.tokens is not None else _FEW
    batch, lengths, images, inputs = _inputs(graph, spec, tokens)
    if spec is not None and spec.image is not None:
        lengths = lengths + TOKENS_OF_A_PICTURE * images
    values = inputs | constants_of(graph)
    nodes = graph.messages("node")
    if len(nodes) > MAX_NODES:
        raise ValueError(f"it has {len(nodes)} operators, wanted at most {MAX_NODES}")
    last_use = {name: i for i, node in enumerate(nodes) for name in node.texts("input")}
    kept = {one.text("name") for one in graph.messages("output")} | set(inputs)
    now, operations = np.zeros(1), np.zeros(1)
    each = OPERATIONS_PER_BYTE * model_bytes * lengths.astype(np.float64)
    allowed: Floats = np.maximum(MAX_OPERATIONS, each) * batch.astype(np.float64)
    for i, node in enumerate(nodes):
        made, more, scratch = made_by(node, values)
        values |= made
        now = now + sum(one.num_bytes for one in made.values())
        _require(node, "bytes", now + scratch, max(MAX_BYTES, 2 * model_bytes))
        operations = operations + more
        _require(node, "operations", operations, allowed)
        for name in {*node.texts("input"), *made}:
            gone = values.get(name)
            if gone is None or gone.is_constant or name in kept or last_use.get(name, -1) > i:
                continue
            now = now - gone.num_bytes
            del values[name]


def made_by(node: Message, values: Mapping[str, Value]) -> tuple[dict[str, Value], Floats, Floats]:
    """Return the results of an operator by name, its operations, and its working memory in bytes.

    Raises:
        ValueError: No exporter writes the operator, or its sizes do not follow from those of its
            inputs.
    """
    operator, domain = node.text("op_type"), node.text("domain")
    attributes = node.messages("attribute")
    require_operator(domain, operator, [one.text("name") for one in attributes])
    _require_small(operator, attributes)
    names = list(node.texts("output"))
    if not names:
        raise ValueError(f"{operator} has no output")
    try:
        inputs = [_given(name, values) for name in node.texts("input")]
        read = Node(
            operator,
            inputs,
            len(names),
            {one.text("name"): one.numbers("ints") or one.numbers("i") for one in attributes},
            {one.text("name"): one.text("s") for one in attributes},
        )
        result = result_of(domain, read)
        if len(names) > len(result.outputs):
            raise ValueError("it has more results than are declared")
        if any((side < 0).any() for one in result.outputs for side in one.shape):
            raise ValueError("a size is below 0")
    except (ValueError, IndexError, OverflowError) as error:
        raise ValueError(f"{operator} {names[0][:60]!r}: {error}") from None
    is_constant = all(one is None or one.is_constant for one in inputs)
    made = {
        name: Value(one.shape, one.item_bytes, one.numbers, is_constant=is_constant)
        for name, one in zip(names, result.outputs, strict=False)
        if name
    }
    elements = sum((one.elements for one in made.values()), np.zeros(1))
    operations = np.asarray(result.operations + _EACH_ELEMENT * elements)
    return made, operations, np.asarray(result.scratch_bytes)


def _require_small(operator: str, attributes: Sequence[Message]) -> None:
    """Refuse too large a whole number in an attribute: the runtime may create as many items."""
    for one in attributes:
        largest = max(map(abs, (*one.numbers("ints"), *one.numbers("i"))), default=0)
        if largest > MAX_ATTRIBUTE:
            raise ValueError(
                f"its operator {operator[:40]} has {one.text('name')[:40]}={largest}, wanted at "
                f"most {MAX_ATTRIBUTE}"
            )


def _given(name: str, values: Mapping[str, Value]) -> Value | None:
    if not name:
        return None
    if name not in values:
        raise ValueError(f"it takes {name[:60]!r}, which no earlier operator makes")
    return values[name]


def _require(node: Message, what: str, found: Floats, allowed: Floats | float) -> None:
    if (found > allowed).any():
        raise ValueError(
            f"{node.text('op_type')} {next(node.texts('output'), '')[:60]!r} takes it to "
            f"{np.max(found):.3g} {what}, the limit is {np.max(allowed):.3g}; export it with fewer "
            "tokens or smaller pictures"
        )


def constants_of(graph: Message) -> dict[str, Value]:
    """Return what is known about the tensors that a graph holds, by name."""
    return {one.text("name"): _constant(one) for one in graph.messages("initializer")}


def _constant(tensor: Message) -> Value:
    dims, kind = tensor.numbers("dims"), tensor.number("data_type")
    numbers = None
    if kind == _INT64 and len(dims) < 2 and (dims or [1])[0] <= 64:
        raw = b"".join(tensor.views("raw_data"))
        numbers = np.frombuffer(raw, "<i8").tolist() if raw else tensor.numbers("int64_data")
    return constant(dims, _ITEM_BYTES.get(kind, 8), numbers)


def _inputs(
    graph: Message, spec: InputSpec | None, tokens: int
) -> tuple[Ints, Ints, Ints, dict[str, Value]]:
    """Return adverts, length and pictures of each set of sizes, and the inputs at these sizes."""
    lengths = np.unique(np.linspace(1, tokens, min(tokens, _LENGTHS)).astype(np.int64))
    batch_K, length_K = (one.ravel() for one in np.meshgrid(_ADVERTS, lengths, indexing="ij"))
    turn = np.arange(len(batch_K))
    images_K = np.where(
        length_K == tokens, max(_IMAGES), np.array(_IMAGES)[(turn * 5 // 3) % len(_IMAGES)]
    )
    features_K = np.where(
        length_K == tokens, max(_FEATURES), np.array(_FEATURES)[turn % len(_FEATURES)]
    )
    side = spec.image.image_px if spec is not None and spec.image is not None else 8
    axes: Mapping[str, Sequence[Ints | int]] = {
        **dict.fromkeys(("input_ids", "attention_mask", "token_type_ids"), (batch_K, length_K)),
        "text_present": (batch_K,),
        "ocr_quality": (batch_K, len(QUALITY_FEATURES)),
        "pixel_values": (batch_K, images_K, 3, side, side),
        "image_mask": (batch_K, images_K),
        **dict.fromkeys(("feature_ids", "feature_counts"), (batch_K, features_K)),
    }
    found = {}
    for value in graph.messages("input"):
        name = value.text("name")
        declared = [one or batch_K for one in declared_dims(value)]
        shape = tuple(np.atleast_1d(one).astype(np.int64) for one in axes.get(name, declared))
        found[name] = Value(shape, 8)
    return batch_K, length_K, images_K, found


def declared_dims(value: Message) -> list[int]:
    """Return the sizes that a value declares; 0 for a free one."""
    return [
        one.number("dim_value")
        for kind in value.messages("type")
        for tensor in kind.messages("tensor_type")
        for shape in tensor.messages("shape")
        for one in shape.messages("dim")
    ]
