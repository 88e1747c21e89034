"""What a bundle must prove before it ships."""

from __future__ import annotations

from dataclasses import dataclass

from adverts.runtime.manifest import Precision


@dataclass(frozen=True, slots=True)
class Requirement:
    """What a bundle must prove, and how it is written.

    Attributes:
        precision: ``fp32``, or ``int8``: the first scheme of int8 that passes, else fp32.
        scripts: ISO 15924 codes whose pieces alone the word table keeps; empty: it is whole.
        max_probability_difference: Allowed between the checkpoint and fp32.
        max_neighbour_difference: Allowed between an advert alone and among others.
        max_lower: By how much a figure of int8 may be lower than the checkpoint's, of all adverts.
        max_lower_in_slice: The same in each slice that has enough positive adverts.
        min_slice_positives: Positive adverts that a slice needs before it proves anything.
        opset: ONNX operator set.
    """

    precision: Precision
    scripts: frozenset[str]
    max_probability_difference: float
    max_neighbour_difference: float
    max_lower: float
    max_lower_in_slice: float
    min_slice_positives: int
    opset: int
