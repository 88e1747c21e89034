"""The operators that a bundle may hold: those that the exporters write, and no other.

Each has a list of allowed attributes here, and a rule in ``onnx_rules.py`` that says how large its
result is. An exporter that writes another operator adds it to both.
"""

from __future__ import annotations

from collections.abc import Mapping

CONTRIB = "com.microsoft"
_POOLING = frozenset({"auto_pad", "ceil_mode", "dilations", "kernel_shape", "pads", "strides"})
_REDUCING = frozenset({"axes", "keepdims", "noop_with_empty_axes"})
OPERATORS: Mapping[tuple[str, str], frozenset[str]] = {
    **{
        ("", name): frozenset[str]()
        for name in (
            *(
                "Abs",
                "Add",
                "And",
                "BitwiseAnd",
                "Clip",
                "Div",
                "Equal",
                "Erf",
                "Expand",
                "Greater",
            ),
            *("GreaterOrEqual", "Less", "Log", "MatMul", "Max", "Min", "Mul", "Neg", "Not", "Pow"),
            *(
                "QuantizeLinear",
                "Range",
                "Relu",
                "Sigmoid",
                "Slice",
                "Sqrt",
                "Squeeze",
                "Sub",
                "Tanh",
            ),
            *("Unsqueeze", "Where"),
        )
    },
    ("", "AveragePool"): _POOLING - {"dilations"} | {"count_include_pad"},
    ("", "BitShift"): frozenset({"direction"}),
    ("", "Cast"): frozenset({"to"}),
    ("", "Concat"): frozenset({"axis"}),
    ("", "Conv"): frozenset(
        {"auto_pad", "dilations", "group", "kernel_shape", "pads", "strides"},
    ),
    ("", "CumSum"): frozenset({"exclusive", "reverse"}),
    ("", "Gather"): frozenset({"axis"}),
    ("", "GatherND"): frozenset({"batch_dims"}),
    ("", "Gemm"): frozenset({"alpha", "beta", "transA", "transB"}),
    ("", "LayerNormalization"): frozenset({"axis", "epsilon", "stash_type"}),
    ("", "MaxPool"): _POOLING | {"storage_order"},
    ("", "ReduceMax"): _REDUCING,
    ("", "ReduceMean"): _REDUCING,
    ("", "ReduceSum"): _REDUCING,
    ("", "Reshape"): frozenset({"allowzero"}),
    ("", "Shape"): frozenset({"end", "start"}),
    ("", "Softmax"): frozenset({"axis"}),
    ("", "Split"): frozenset({"axis", "num_outputs"}),
    ("", "Transpose"): frozenset({"perm"}),
    (CONTRIB, "BiasGelu"): frozenset(),
    (CONTRIB, "Gelu"): frozenset(),
    (CONTRIB, "MatMulIntegerToFloat"): frozenset(),
    (CONTRIB, "MultiHeadAttention"): frozenset({"num_heads", "scale"}),
    (CONTRIB, "QAttention"): frozenset({"num_heads"}),
}
"""Maps the domain and name of an operator to the attributes that it may have."""


def require_operator(domain: str, name: str, attributes: list[str]) -> None:
    """Refuse an operator that no exporter writes, or one with another attribute.

    Raises:
        ValueError: It is not allowed; the message names it, and for an operator what to do.
    """
    known = OPERATORS.get(("" if domain == "ai.onnx" else domain, name))
    if known is None:
        raise ValueError(
            f"it holds the operator {name[:40]!r} of the domain {domain[:40]!r}, which no exporter "
            "of adverts writes; one that needs it adds it to the list in onnx_operators.py"
        )
    for attribute in attributes:
        if attribute not in known:
            raise ValueError(f"its operator {name} has the attribute {attribute[:40]!r}")
