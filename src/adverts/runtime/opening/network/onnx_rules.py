"""Compute how large the results of each ONNX operator are, and how many operations they take.

Source: ONNX operator schemas, opset 18; ONNX Runtime, ``ContribOperators.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np

from adverts.arrays import Floats, Ints
from adverts.runtime.opening.network.onnx_operators import CONTRIB
from adverts.runtime.opening.network.onnx_values import (
    MAX_NUMBERS,
    Value,
    broadcast,
    known,
    single,
    size,
)

Inputs = Sequence[Value | None]
_INT64 = 7
_ITEM_BYTES = {1: 4, 2: 1, 3: 1, 4: 2, 5: 2, 6: 4, 7: 8, 9: 1, 10: 2, 11: 8, 12: 4, 13: 8, 16: 2}


@dataclass(frozen=True, slots=True)
class Node:
    """One operator of a graph, with its attributes.

    Attributes:
        operator: Name of the operator.
        inputs: Inputs of the operator; None for one that is left out.
        num_outputs: Number of results that are named.
        numbers: Attributes that are whole numbers, each as a list, by name.
        texts: Attributes that are texts, by name.
    """

    operator: str
    inputs: Inputs
    num_outputs: int
    numbers: Mapping[str, list[int]]
    texts: Mapping[str, str]

    def number(self, name: str, default: int) -> int:
        """Return an attribute; ``default``, that of its schema, where it is not given."""
        return next(iter(self.numbers.get(name, [])), default)

    def value(self, place: int) -> Value:
        """Return an input that the operator must have.

        Raises:
            ValueError: The input is missing.
        """
        found = self.inputs[place] if place < len(self.inputs) else None
        if found is None:
            raise ValueError(f"its input {place} is missing")
        return found

    def optional(self, place: int) -> Value | None:
        """Return an input; None where it is missing."""
        return self.inputs[place] if place < len(self.inputs) else None


@dataclass(frozen=True, slots=True)
class OperatorResult:
    """The results of an operator, and what they cost.

    Attributes:
        outputs: Results of the operator; whether they are constant is not decided here.
        operations: Multiplications and additions, without those counted for each element of a
            result.
        scratch_bytes: Working memory in bytes, needed only while it runs.
    """

    outputs: tuple[Value, ...]
    operations: Floats | float = 0.0
    scratch_bytes: Floats | float = 0.0


def result_of(domain: str, node: Node) -> OperatorResult:
    """Return the results of an operator, and what they cost.

    Raises:
        ValueError: Its inputs do not fit together, or a size depends on more than other sizes.
    """
    return RULES["" if domain == "ai.onnx" else domain, node.operator](node)


def _like_first(node: Node) -> OperatorResult:
    return OperatorResult((replace(node.value(0), numbers=None),))


def _stretched(node: Node) -> OperatorResult:
    given = [one for one in node.inputs if one is not None]
    wide = max(one.item_bytes for one in given)
    return OperatorResult((Value(broadcast(one.shape for one in given), wide),))


def _compared(node: Node) -> OperatorResult:
    return OperatorResult((replace(_stretched(node).outputs[0], item_bytes=1),))


def _computed(calculate: Callable[[Ints, Ints], Ints]) -> Callable[[Node], OperatorResult]:
    """Return a rule that broadcasts its inputs, and computes numbers that may be sizes."""

    def rule(node: Node) -> OperatorResult:
        (made,) = _stretched(node).outputs
        parts = [one.numbers for one in node.inputs if one is not None]
        numbers = [one for one in parts if one is not None]
        if len(numbers) < len(parts) or len(made.shape) > 1:
            return OperatorResult((made,))
        return OperatorResult((replace(made, numbers=reduce(calculate, numbers)),))

    return rule


def _divided(left: Ints, right: Ints) -> Ints:
    if (right == 0).any():
        raise ValueError("it divides a size by 0")
    return np.asarray(np.abs(left) // np.abs(right) * np.sign(left) * np.sign(right))


def _cast(node: Node) -> OperatorResult:
    to = node.number("to", 0)
    if to not in _ITEM_BYTES:
        raise ValueError(f"it casts to the data type {to}")
    numbers = node.value(0).numbers if to == _INT64 else None
    return OperatorResult((replace(node.value(0), item_bytes=_ITEM_BYTES[to], numbers=numbers),))


def _quantised(node: Node) -> OperatorResult:
    return OperatorResult((replace(node.value(0), item_bytes=1, numbers=None),))


def _axis(axis: int, rank: int) -> int:
    if not -rank <= axis < rank:
        raise ValueError(f"its axis is {axis}, of {rank}")
    return axis % rank


def _concat(node: Node) -> OperatorResult:
    parts = [node.value(i) for i in range(len(node.inputs))]
    first = parts[0]
    axis = _axis(node.number("axis", 0), len(first.shape))
    total = reduce(np.add, (one.shape[axis] for one in parts))
    shape = (*first.shape[:axis], total, *first.shape[axis + 1 :])
    numbers = [one.numbers for one in parts]
    held = [one for one in numbers if one is not None]
    joined = None
    if len(held) == len(numbers) and sum(one.shape[1] for one in held) <= MAX_NUMBERS:
        most = max(map(len, held))
        joined = np.concatenate([np.broadcast_to(one, (most, one.shape[1])) for one in held], 1)
    return OperatorResult((Value(shape, max(one.item_bytes for one in parts), joined),))


def _gather(node: Node) -> OperatorResult:
    table, places = node.value(0), node.value(1)
    axis = _axis(node.number("axis", 0), len(table.shape))
    shape = (*table.shape[:axis], *places.shape, *table.shape[axis + 1 :])
    numbers = None
    if table.numbers is not None and places.numbers is not None and len(shape) < 2:
        chosen = single(places, "a place in a list of sizes")
        if not all(-table.numbers.shape[1] <= one < table.numbers.shape[1] for one in chosen):
            raise ValueError("it takes a size that does not exist")
        numbers = table.numbers[:, chosen]
    return OperatorResult((Value(shape, table.item_bytes, numbers),))


def _gather_nd(node: Node) -> OperatorResult:
    table, places = node.value(0), node.value(1)
    depth = single_size(places.shape[-1])
    rest = table.shape[node.number("batch_dims", 0) + depth :]
    return OperatorResult((Value((*places.shape[:-1], *rest), table.item_bytes),))


def single_size(one: Ints) -> int:
    """Return a size that is the same for all inputs.

    Raises:
        ValueError: The size differs between inputs.
    """
    if (one != one[0]).any():
        raise ValueError("the rank of a value depends on its inputs")
    return int(one[0])


def _matmul(node: Node) -> OperatorResult:
    left, right = node.value(0).shape, node.value(1).shape
    if min(len(left), len(right)) < 2:
        raise ValueError("it multiplies vectors, which no exporter writes")
    batch = broadcast([left[:-2], right[:-2]]) if len(left) + len(right) > 4 else ()
    made = Value((*batch, left[-2], right[-1]), 4)
    return OperatorResult((made,), made.elements * left[-1])


def _gemm(node: Node) -> OperatorResult:
    left, right = node.value(0).shape, node.value(1).shape
    rows, inner = left[::-1] if node.number("transA", 0) else left
    columns = right[0] if node.number("transB", 0) else right[1]
    made = Value((rows, columns), 4)
    return OperatorResult((made,), made.elements * inner)


def _conv(node: Node) -> OperatorResult:
    image, weight = node.value(0).shape, node.value(1).shape
    kernel = [single_size(one) for one in weight[2:]]
    made = Value((image[0], weight[0], *_windows(node, image, kernel)), 4)
    taps = weight[1].astype(np.float64) * float(np.prod(kernel, dtype=np.float64))
    spread = taps * node.number("group", 1) * made.elements / np.maximum(made.shape[1], 1)
    return OperatorResult((made,), made.elements * taps, spread * 4 / np.maximum(image[0], 1))


def _pooled(node: Node) -> OperatorResult:
    image, kernel = node.value(0).shape, node.numbers.get("kernel_shape", [])
    made = Value((*image[:2], *_windows(node, image, kernel)), node.value(0).item_bytes)
    return OperatorResult((made,), made.elements * float(np.prod(kernel, dtype=np.float64)))


def _windows(node: Node, image: tuple[Ints, ...], kernel: list[int]) -> list[Ints]:
    """Return how many windows of a kernel fit on each side of a picture."""
    sides = len(image) - 2
    strides, dilations = (node.numbers.get(one, [1] * sides) for one in ("strides", "dilations"))
    pads = node.numbers.get("pads", []) or [0] * 2 * sides
    if not len(kernel) == len(strides) == len(dilations) == len(pads) // 2 == sides > 0:
        raise ValueError("its sides do not fit together")
    if min(*strides, *dilations) < 1 or min(pads) < 0:
        raise ValueError("it has strides or dilations below 1, or pads below 0")
    same = node.texts.get("auto_pad", "NOTSET").startswith("SAME")
    found = []
    for i, side in enumerate(image[2:]):
        reach = dilations[i] * (kernel[i] - 1) + 1
        free = strides[i] - 1 if same else pads[i] + pads[i + sides] - reach + strides[i]
        more = strides[i] - 1 if node.number("ceil_mode", 0) and not same else 0
        found.append(np.maximum((side + free + more) // strides[i], 0))
    return found


def _expand(node: Node) -> OperatorResult:
    wanted = known(node.value(1), "the shape that it expands to")
    shape = broadcast([node.value(0).shape, tuple(wanted.T)])
    return OperatorResult((Value(shape, node.value(0).item_bytes),))


def _range(node: Node) -> OperatorResult:
    start, limit, step = (known(node.value(i), "what it counts to")[:, 0] for i in range(3))
    if (step == 0).any():
        raise ValueError("it counts in steps of 0")
    count = np.maximum(np.ceil((limit - start) / step), 0).astype(np.int64)
    return OperatorResult((Value((count,), node.value(1).item_bytes),))


def _reduced(node: Node) -> OperatorResult:
    value, axes = node.value(0), node.numbers.get("axes", [])
    if node.optional(1) is not None:
        axes = single(node.value(1), "the axes that it reduces")
    if not axes and node.number("noop_with_empty_axes", 0):
        return OperatorResult((value,))
    gone = {_axis(one, len(value.shape)) for one in axes or range(len(value.shape))}
    if node.number("keepdims", 1):
        shape = tuple(size(1) if i in gone else one for i, one in enumerate(value.shape))
    else:
        shape = tuple(one for i, one in enumerate(value.shape) if i not in gone)
    return OperatorResult((Value(shape, value.item_bytes),), value.elements)


def _reshape(node: Node) -> OperatorResult:
    value, wanted = node.value(0), known(node.value(1), "the shape that it is brought to")
    columns = list(wanted.T)
    if not node.number("allowzero", 0):
        columns = [
            np.where(one == 0, value.shape[i], one) if (one == 0).any() else one
            for i, one in enumerate(columns)
            if i < len(value.shape) or not (one == 0).any()
        ]
    fixed = [np.where(one == -1, 1, one) for one in columns]
    whole = Value(tuple(fixed), 1).elements
    rest = (value.elements / np.maximum(whole, 1)).astype(np.int64)
    shape = tuple(np.where(one == -1, rest, one) for one in columns)
    numbers = value.numbers if len(shape) < 2 else None
    return OperatorResult((Value(shape, value.item_bytes, numbers),))


def _shape(node: Node) -> OperatorResult:
    shape = node.value(0).shape
    part = shape[slice(node.number("start", 0), node.number("end", len(shape)))]
    most = max(map(len, part), default=1)
    numbers = [np.broadcast_to(one, (most,)) for one in part]
    held = np.stack(numbers, axis=1) if numbers else np.zeros((1, 0), np.int64)
    return OperatorResult((Value((size(len(part)),), 8, held),))


def _slice(node: Node) -> OperatorResult:
    value = node.value(0)
    starts, ends = (known(node.value(i), "where it cuts") for i in (1, 2))
    count = starts.shape[1]
    axes, steps = list(range(count)), [1] * count
    if node.optional(3) is not None:
        axes = [_axis(one, len(value.shape)) for one in single(node.value(3), "its axes")]
    if node.optional(4) is not None:
        steps = single(node.value(4), "its steps")
    if not count == ends.shape[1] == len(axes) == len(steps) or min(steps, default=1) < 1:
        raise ValueError("its cuts do not fit together, or go backwards")
    shape, numbers = list(value.shape), value.numbers
    for i, axis in enumerate(axes):
        whole = shape[axis]
        first, last = (
            np.clip(np.where(one < 0, one + whole, one), 0, whole)
            for one in (starts[:, i], ends[:, i])
        )
        shape[axis] = np.maximum(-((first - last) // steps[i]), 0)
        if numbers is not None and (first == first[0]).all() and (last == last[0]).all():
            numbers = numbers[:, first[0] : last[0] : steps[i]]
        else:
            numbers = None
    return OperatorResult((Value(tuple(shape), value.item_bytes, numbers),))


def _split(node: Node) -> OperatorResult:
    value, count = node.value(0), node.num_outputs
    axis = _axis(node.number("axis", 0), len(value.shape))
    if node.number("num_outputs", count) != count:
        raise ValueError("it declares a different number of parts than it has")
    if node.optional(1) is not None:
        widths = list(known(node.value(1), "how it is split").T)
    else:
        widths = [-(-value.shape[axis] // count)] * count
    if len(widths) != count:
        raise ValueError("it is split into a different number of parts")
    shapes = [(*value.shape[:axis], one, *value.shape[axis + 1 :]) for one in widths]
    return OperatorResult(tuple(Value(one, value.item_bytes) for one in shapes))


def _squeeze(node: Node) -> OperatorResult:
    value = node.value(0)
    if node.optional(1) is None:
        gone = {i for i, one in enumerate(value.shape) if (one == 1).all()}
    else:
        axes = single(node.value(1), "its axes")
        gone = {_axis(one, len(value.shape)) for one in axes}
    if any((value.shape[i] != 1).any() for i in gone):
        raise ValueError("it removes an axis whose size is not 1")
    shape = tuple(one for i, one in enumerate(value.shape) if i not in gone)
    return OperatorResult((replace(value, shape=shape),))


def _unsqueeze(node: Node) -> OperatorResult:
    value, axes = node.value(0), single(node.value(1), "its axes")
    rank = len(value.shape) + len(axes)
    new = {_axis(one, rank) for one in axes}
    rest = iter(value.shape)
    shape = tuple(size(1) if i in new else next(rest, size(1)) for i in range(rank))
    return OperatorResult(
        (replace(value, shape=shape, numbers=value.numbers if rank < 2 else None),)
    )


def _transpose(node: Node) -> OperatorResult:
    value = node.value(0)
    order = node.numbers.get("perm", list(range(len(value.shape)))[::-1])
    if sorted(order) != list(range(len(value.shape))):
        raise ValueError("its axes do not fit")
    return OperatorResult((replace(value, shape=tuple(value.shape[i] for i in order)),))


def _attention(node: Node) -> OperatorResult:
    """Return the result of ``MultiHeadAttention`` of three values, ``(B, T, D)`` each."""
    asked, keys, values = (node.value(i) for i in range(3))
    if any(len(one.shape) != 3 for one in (asked, keys, values)) or len(node.inputs) > 6:
        raise ValueError("it must attend to three values of three axes")
    made = Value((*asked.shape[:2], values.shape[2]), 4)
    return _attending(made, asked.shape[1], keys.shape[1], asked.shape[2], node)


def _attending(made: Value, asked: Ints, kept: Ints, width: Ints, node: Node) -> OperatorResult:
    pairs = made.shape[0].astype(np.float64) * asked * kept
    heads = max(1, node.number("num_heads", 1))
    return OperatorResult((made,), 2 * pairs * width, 8 * pairs * heads + 4 * made.num_bytes)


def _quantised_attention(node: Node) -> OperatorResult:
    given, weight = node.value(0), node.value(1)
    if len(given.shape) != 3 or len(weight.shape) != 2 or len(node.inputs) > 8:
        raise ValueError("it must attend to one value of three axes")
    made = Value((*given.shape[:2], weight.shape[1] // 3), 4)
    found = _attending(made, given.shape[1], given.shape[1], made.shape[2], node)
    return replace(found, operations=found.operations + 3 * made.elements * given.shape[2])


RULES: Mapping[tuple[str, str], Callable[[Node], OperatorResult]] = {
    **{("", name): _like_first for name in ("Clip", "Erf", "Log", "Sigmoid", "Softmax", "Sqrt")},
    **{("", name): _like_first for name in ("Tanh", "Not", "BitShift", "LayerNormalization")},
    **{("", name): _like_first for name in ("Abs", "Neg", "Relu")},
    **{("", name): _pooled for name in ("AveragePool", "MaxPool")},
    **{("", name): _stretched for name in ("Pow", "Where", "BitwiseAnd")},
    **{("", name): _compared for name in ("And", "Equal", "Greater", "GreaterOrEqual", "Less")},
    **{("", name): _reduced for name in ("ReduceMax", "ReduceMean", "ReduceSum")},
    ("", "Add"): _computed(np.add),
    ("", "Sub"): _computed(np.subtract),
    ("", "Mul"): _computed(np.multiply),
    ("", "Div"): _computed(_divided),
    ("", "Max"): _computed(np.maximum),
    ("", "Min"): _computed(np.minimum),
    ("", "Cast"): _cast,
    ("", "Concat"): _concat,
    ("", "CumSum"): _like_first,
    ("", "Conv"): _conv,
    ("", "Expand"): _expand,
    ("", "Gather"): _gather,
    ("", "GatherND"): _gather_nd,
    ("", "Gemm"): _gemm,
    ("", "MatMul"): _matmul,
    ("", "QuantizeLinear"): _quantised,
    ("", "Range"): _range,
    ("", "Reshape"): _reshape,
    ("", "Shape"): _shape,
    ("", "Slice"): _slice,
    ("", "Split"): _split,
    ("", "Squeeze"): _squeeze,
    ("", "Transpose"): _transpose,
    ("", "Unsqueeze"): _unsqueeze,
    (CONTRIB, "BiasGelu"): _like_first,
    (CONTRIB, "Gelu"): _like_first,
    (CONTRIB, "MatMulIntegerToFloat"): _matmul,
    (CONTRIB, "MultiHeadAttention"): _attention,
    (CONTRIB, "QAttention"): _quantised_attention,
}
"""Maps the domain and name of each operator to its rule."""
