"""The precisions that an export tries, in order, and the model of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import onnx

from adverts.bundle.parity.agreement import encode
from adverts.bundle.parity.proof_adverts import ProofAdverts
from adverts.bundle.quantise import SCHEMES, Scheme, quantise
from adverts.data.dataset.prepared import PreparedDataset
from adverts.inputs.encoding import AdvertEncoder, Feeds, collate
from adverts.runtime.manifest import Batching, Precision

_CALIBRATION = 256


@dataclass(frozen=True, slots=True)
class Attempt:
    """One precision to try.

    Attributes:
        scheme: Its name.
        precision: Number format of the weights.
        batching: How it must be run.
        make: Returns its model; raises InputError where there is nothing to quantise.
    """

    scheme: str
    precision: Precision
    batching: Batching
    make: Callable[[], onnx.ModelProto]


def attempts(
    model: onnx.ModelProto, asked: Precision, calibration: Callable[[], list[Feeds]]
) -> Iterator[Attempt]:
    """Yield fp32, which every int8 falls back on, then each scheme of int8 where it is asked for.

    Args:
        model: As it was traced.
        asked: The precision that is wished for.
        calibration: Returns feeds of adverts of the train split.
    """
    yield from (_of_scheme(one, model, list) for one in SCHEMES if one.weights == "fp32")
    if asked == "int8":
        for scheme in SCHEMES:
            if scheme.weights == "int8":
                yield _of_scheme(scheme, model, calibration)


def _of_scheme(
    scheme: Scheme, model: onnx.ModelProto, calibration: Callable[[], list[Feeds]]
) -> Attempt:
    def make() -> onnx.ModelProto:
        return quantise(model, scheme, calibration())

    return Attempt(scheme.name, scheme.weights, scheme.batching, make)


def calibration_feeds(dataset: PreparedDataset, encoder: AdvertEncoder) -> list[Feeds]:
    """Return the feeds of adverts of the train split, each alone; none where it has no such split.

    They are spread over the split as it stands; the same dataset gives the same ones.
    """
    if "train" not in dataset.manifest.counts:
        return []
    table = dataset.split("train")
    places = np.linspace(0, len(table) - 1, min(_CALIBRATION, len(table))).astype(int)
    chosen = ProofAdverts(table.select(places), encoder.spec)
    encoded = encode(encoder, chosen.read(range(len(chosen.rows))))
    return [collate([advert], encoder.spec) for advert in encoded]
