"""Ways to make a model smaller, in the order in which an export tries them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from adverts.runtime.manifest import Batching, Precision

Scales = Literal["tensor", "row", "static"]
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
        bits: Of a weight. Seven are the same on every x86: with eight, processors without VNNI
            saturate.
        scales: Of activations: one for each pass (``tensor``), one for each token (``row``), or
            fixed at export (``static``).
        by_row: Shapes of matrices whose activations are scaled for each token, whatever ``scales``
            says: the first token of a text has outliers that drown the others.
        smoothing: How much of the outliers of activations moves into weights, 0 to 1; None:
            nothing moves. Source: Xiao et al. 2023, SmoothQuant, equation 4.
        keep: Shapes of matrices that stay in fp32.
    """

    name: str
    description: str
    weights: Precision
    batching: Batching
    bits: Literal[7, 8] = 7
    scales: Scales = "tensor"
    by_row: tuple[Kind, ...] = ()
    smoothing: float | None = None
    keep: tuple[Kind, ...] = ()

    @property
    def calibrated(self) -> bool:
        """Return whether the scheme needs to see adverts."""
        return self.smoothing is not None or self.scales == "static"


ROW = Scheme(
    "int8-row",
    "7-bit weights, 8-bit activations scaled for each token",
    weights="int8",
    batching="alone",
    scales="row",
)
MIXED = Scheme(
    "int8-mixed",
    "7-bit weights, 8-bit activations scaled for each advert, and for each token where they narrow",
    weights="int8",
    batching="alone",
    by_row=("narrowing",),
)
KEPT = Scheme(
    "int8-kept",
    "as int8-row, with the matrices that narrow in 32 bits",
    weights="int8",
    batching="alone",
    scales="row",
    keep=("narrowing",),
)
FP32 = Scheme(
    "fp32",
    "32-bit weights; the word table in 4 bits where that loses nothing",
    weights="fp32",
    batching="padded",
)
SCHEMES: tuple[Scheme, ...] = (MIXED, ROW, KEPT, FP32)
"""int8 runs ``alone`` even where scales belong to tokens: padding moves the last bits of sums, and
a last bit can round to another step."""
