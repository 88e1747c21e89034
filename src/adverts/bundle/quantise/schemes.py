"""Ways to make a model smaller, in the order in which an export tries them."""

from __future__ import annotations

from dataclasses import dataclass

from adverts.runtime.manifest import Batching, Precision


@dataclass(frozen=True, slots=True)
class Scheme:
    """One way to store and to run a model.

    Attributes:
        name: Unique; stands in records and cards.
        description: One line for people.
        weights: Number format of the encoder's weights.
        batching: How a model of this scheme must be run; ``alone`` where a neighbour would move
            its scores.
    """

    name: str
    description: str
    weights: Precision
    batching: Batching


INT8 = Scheme(
    "int8",
    "weights and activations in 8 bits on scales that are fixed at export, errors made good",
    weights="int8",
    batching="alone",
)
FP32 = Scheme(
    "fp32",
    "32-bit weights; the word table in 4 bits where that loses nothing",
    weights="fp32",
    batching="padded",
)
SCHEMES: tuple[Scheme, ...] = (INT8, FP32)
"""int8 runs ``alone`` though its scales are fixed: padding moves the last bits of sums, a last bit
can round to another step, and its attention hides no padding."""
