"""The schemes that make a model smaller, and the function that applies one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import onnx
from threadpoolctl import threadpool_limits

from adverts.bundle.quantise.activation_ranges import observe
from adverts.bundle.quantise.graph import Graph
from adverts.bundle.quantise.joined_operators import (
    fuse,
    join_integer_attention,
    masks_of_attention,
)
from adverts.bundle.quantise.matmuls import products, quantise_products
from adverts.bundle.quantise.word_table import shrink_word_table
from adverts.errors import InputError
from adverts.inputs.encoding import Feeds
from adverts.runtime.manifest import Batching, Precision


@dataclass(frozen=True, slots=True)
class Scheme:
    """One way to store and to run a model.

    Attributes:
        name: Unique name, used in records and cards.
        description: One line for people.
        weights: Number format of the encoder's weights.
        batching: How a model of this scheme must be run; ``alone`` if other adverts of a batch
            would change its scores.
    """

    name: str
    description: str
    weights: Precision
    batching: Batching


INT8 = Scheme(
    "int8",
    "weights and activations in 8 bits on scales that are fixed at export, errors corrected",
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
"""int8 runs ``alone`` although its scales are fixed. Padding changes the last bits of sums, a last
bit can round to another step, and the attention of int8 does not mask padding."""


def quantise(
    model: onnx.ModelProto, scheme: Scheme, calibration: Iterable[Feeds]
) -> onnx.ModelProto:
    """Return the model as a scheme stores it; the same arguments give the same bytes.

    An fp32 scheme keeps the function of the model. It only joins operators, and stores the word
    table in fewer bits if that is exact.

    Args:
        model: The model that :func:`adverts.bundle.export.onnx_export.export_onnx` wrote, in fp32;
            it is not changed.
        scheme: How to store and run the model.
        calibration: Feeds of adverts of the training split, one advert each and unpadded; read
            only for int8, which needs the ranges of the values.

    Raises:
        InputError: An int8 scheme finds no text encoder to quantise, or nothing to calibrate on.
    """
    graph = Graph(fuse(model))
    if scheme.weights == "fp32":
        shrink_word_table(graph, lossy=False)
        return graph.finish()
    values = list(dict.fromkeys(one.value for one in products(graph)))
    if not values:
        raise InputError(
            "not for this model, which has no text encoder to quantise: fp32 ships, and "
            "bundle.precision=fp32 leaves this attempt out"
        )
    shrink_word_table(graph, lossy=True)
    masks = masks_of_attention(graph)
    with threadpool_limits(1):  # the last bits of a sum depend on the number of threads
        observed = observe(graph.finish(), values, calibration, perhaps_zero=masks)
        quantise_products(graph, observed)
    join_integer_attention(graph, observed.zeros)
    return graph.finish()
