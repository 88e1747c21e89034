"""Ways to make a model smaller, in the order in which an export tries them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from adverts.runtime.manifest import Batching, Precision

Kind = Literal["narrowing", "widening", "square"]


@dataclass(frozen=True, slots=True)
class Scheme:
    """One way to store and to run a model.

    Attributes:
        name: Unique; stands in records and cards.
        description: One line for people.
        weights: Number format of the encoder's weights.
        batching: How a model of this scheme must be run; ``alone`` where a neighbour would move
            its scores.
        keep: Shapes of matrices that stay in fp32.
    """

    name: str
    description: str
    weights: Precision
    batching: Batching
    keep: tuple[Kind, ...] = ()


INT8 = Scheme(
    "int8",
    "8-bit weights, 7-bit activations on scales that are fixed at export, outliers smoothed",
    weights="int8",
    batching="alone",
)
KEPT = Scheme(
    "int8-kept",
    "as int8, with the matrices that narrow in 32 bits: they are the most sensitive ones",
    weights="int8",
    batching="alone",
    keep=("narrowing",),
)
FP32 = Scheme(
    "fp32",
    "32-bit weights; the word table in 4 bits where that loses nothing",
    weights="fp32",
    batching="padded",
)
SCHEMES: tuple[Scheme, ...] = (INT8, KEPT, FP32)
"""int8 runs ``alone`` though its scales are fixed: padding moves the last bits of sums, and a last
bit can round to another step."""
