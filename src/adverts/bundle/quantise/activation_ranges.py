"""Statistics of the values of a graph over adverts: ranges and products of features."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import onnx
from numpy.typing import NDArray

from adverts.errors import InputError
from adverts.inputs.encoding import Feeds
from adverts.work.cpu_session import cpu_session

_ROWS_TOGETHER = 1024


@dataclass(slots=True)
class Activations:
    """Statistics of one value of a graph, by feature; shape suffix: ``I`` features.

    Attributes:
        low_I: Smallest number of each feature.
        high_I: Largest number of each feature.
        products_II: Sum over rows of the products of each two features.
    """

    low_I: NDArray[np.float32]
    high_I: NDArray[np.float32]
    products_II: NDArray[np.float64]
    _waiting: list[NDArray[np.float32]] = field(default_factory=list)

    @classmethod
    def of(cls, features: int) -> Activations:
        """Return the statistics of no rows at all."""
        return cls(
            np.full(features, np.inf, np.float32),
            np.full(features, -np.inf, np.float32),
            np.zeros((features, features)),
        )

    def add(self, seen: NDArray[np.float32]) -> None:
        """Add values ``(..., features)``; call :meth:`settle` after the last ones."""
        rows = seen.reshape(-1, seen.shape[-1])
        self.low_I = np.minimum(self.low_I, rows.min(axis=0))
        self.high_I = np.maximum(self.high_I, rows.max(axis=0))
        self._waiting.append(rows)
        if sum(map(len, self._waiting)) >= _ROWS_TOGETHER:
            self.settle()

    def settle(self) -> None:
        """Add the waiting rows to ``products_II``; many rows at once are faster."""
        if self._waiting:
            rows = np.concatenate(self._waiting)
            self.products_II += rows.T @ rows
            self._waiting.clear()

    def largest(self) -> NDArray[np.float32]:
        """Return the largest absolute value of each feature."""
        return np.maximum(np.abs(self.low_I), np.abs(self.high_I))


@dataclass(frozen=True, slots=True)
class Observed:
    """What was observed in a graph over adverts.

    Attributes:
        activations: Maps the name of each value to its statistics.
        zeros: Names of those values of ``perhaps_zero`` that were always zero.
    """

    activations: dict[str, Activations]
    zeros: frozenset[str] = frozenset()


def observe(
    model: onnx.ModelProto,
    values: Sequence[str],
    calibration: Iterable[Feeds],
    *,
    perhaps_zero: Sequence[str] = (),
) -> Observed:
    """Run adverts through a model and return statistics of some of its values.

    Args:
        model: The model; it is not changed.
        values: Names of values of its graph, ``(..., features)``.
        calibration: Feeds of at least one advert with text, without padding: padded rows would
            count as values.
        perhaps_zero: Names of values for which it is only observed whether they are always zero.

    Raises:
        InputError: There is nothing to calibrate on.
    """
    names = [*values, *perhaps_zero]
    watched = onnx.ModelProto()
    watched.CopyFrom(model)
    del watched.graph.output[:]
    watched.graph.output.extend(
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in names
    )
    session = cpu_session(watched.SerializeToString(), 1)
    inputs = {one.name for one in session.get_inputs()}
    activations: dict[str, Activations] = {}
    zeros = set(perhaps_zero)
    for feeds in calibration:
        found = session.run(names, {k: v for k, v in feeds.items() if k in inputs})
        seen = dict(zip(names, found, strict=True))
        zeros -= {name for name in zeros if seen[name].any()}
        for name in values:
            if seen[name].size:
                features = seen[name].shape[-1]
                activations.setdefault(name, Activations.of(features)).add(seen[name])
    if len(activations) < len(set(values)):
        raise InputError("no advert to calibrate on; give at least one with text")
    for one in activations.values():
        one.settle()
    return Observed(activations, frozenset(zeros))
