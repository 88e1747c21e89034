"""What range the values of a graph take over adverts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import onnx
from numpy.typing import NDArray

from adverts.cpu_session import cpu_session
from adverts.errors import InputError
from adverts.inputs.encoding import Feeds


@dataclass(slots=True)
class Ranges:
    """Smallest and largest value of each feature, by the name of a value of the graph."""

    low: dict[str, NDArray[np.float32]] = field(default_factory=dict)
    high: dict[str, NDArray[np.float32]] = field(default_factory=dict)

    def add(self, value: str, seen: NDArray[np.float32]) -> None:
        """Widen the range of a value by what was seen of it, ``(..., features)``."""
        rows = seen.reshape(-1, seen.shape[-1])
        low, high = rows.min(axis=0), rows.max(axis=0)
        self.low[value] = np.minimum(self.low.get(value, low), low)
        self.high[value] = np.maximum(self.high.get(value, high), high)

    def largest(self, value: str) -> NDArray[np.float32]:
        """Return the largest absolute value of each feature."""
        return np.maximum(np.abs(self.low[value]), np.abs(self.high[value]))

    def bounds(self, value: str, divisors: NDArray[np.float32]) -> tuple[float, float]:
        """Return the smallest and the largest number of a value, once its features are divided."""
        low, high = self.low[value] / divisors, self.high[value] / divisors
        return float(low.min()), float(high.max())


def observe(model: onnx.ModelProto, values: Sequence[str], calibration: Iterable[Feeds]) -> Ranges:
    """Run adverts through a model and return the ranges of some of its values.

    Args:
        model: Is left alone.
        values: Names of values of its graph.
        calibration: Feeds of at least one advert with text, without padding: padded rows would
            count as values.

    Raises:
        InputError: There is nothing to calibrate on.
    """
    watched = onnx.ModelProto()
    watched.CopyFrom(model)
    del watched.graph.output[:]
    watched.graph.output.extend(
        onnx.helper.make_tensor_value_info(value, onnx.TensorProto.FLOAT, None) for value in values
    )
    session = cpu_session(watched.SerializeToString(), 1)
    names = {one.name for one in session.get_inputs()}
    ranges = Ranges()
    for feeds in calibration:
        seen = session.run(list(values), {k: v for k, v in feeds.items() if k in names})
        for value, found in zip(values, seen, strict=True):
            if found.size:
                ranges.add(value, found)
    if len(ranges.low) < len(set(values)):
        raise InputError("no advert to calibrate on; give at least one with text")
    return ranges
