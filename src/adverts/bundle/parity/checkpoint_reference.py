"""Probabilities of a checkpoint itself, the reference for every exported model.

Shape suffixes: ``N`` adverts, ``L`` labels.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from adverts.advert import LabelSchema
from adverts.arrays import Ints
from adverts.inputs.encoding import AdvertEncoder, EncodedAdvert, collate
from adverts.runtime.rules.decision_rules import DecisionRules
from adverts.runtime.rules.probabilities import calibrated_probabilities
from adverts.work.progress import Progress, no_progress

Probabilities = Mapping[str, NDArray[np.float64]]
Logits = Mapping[str, NDArray[np.float32]]
T = TypeVar("T")
SAME = 1e-5
"""Probabilities that differ by no more count as equal in float32, for any shape of batch."""
_SAMPLE = 32
_BATCH = 32


@dataclass(frozen=True, slots=True)
class CheckpointReference:
    """A checkpoint with its own inputs and labels.

    Attributes:
        module: Model from feeds to the logits of each task, in float32 and in evaluation mode.
        encoder: Encodes adverts as in training.
        schema: Tasks of the model and the order of their labels.
        rules: Calibration and thresholds of the model.
    """

    module: nn.Module
    encoder: AdvertEncoder
    schema: LabelSchema
    rules: DecisionRules

    def probabilities(self, encoded: Sequence[EncodedAdvert]) -> Probabilities:
        """Return calibrated probabilities ``(N, L)`` for each task, each advert scored alone."""
        with _one_thread():
            return self._scored(encoded, [[place] for place in range(len(encoded))])

    def probabilities_in_bulk(
        self,
        encoded: Sequence[EncodedAdvert],
        progress: Progress = no_progress,
        *,
        known: Logits | None = None,
    ) -> Probabilities:
        """Return the same as :meth:`probabilities`, but faster.

        Adverts with equally many tokens and pictures share a batch, so that only n-grams are
        padded. A sample, from the smallest advert to the largest, is also scored alone. If that
        differs by more than :data:`SAME`, scores depend on the batch, and every advert is scored
        alone.

        Args:
            encoded: The adverts.
            progress: Shows how many batches are done.
            known: Logits ``(N, K)`` by task that were computed before, which are not computed
                again unless the sample refutes them; a row of NaN is not known.
        """
        lacking = _lacking(known, len(encoded))
        groups = list(_equal_shapes(encoded, lacking))
        with _one_thread():
            said = self._scored(encoded, progress(groups, "checkpoint", "batches", len(groups)))
            if known is not None:
                self._take(said, known, np.setdiff1d(np.arange(len(encoded)), lacking))
            ordered = [place for group in _equal_shapes(encoded) for place in group]
            sample = _spread(ordered, _SAMPLE)
            alone = self.probabilities([encoded[place] for place in sample])
            if all(np.abs(alone[name] - said[name][sample]).max() <= SAME for name in alone):
                return said
            if known is not None:
                return self.probabilities_in_bulk(encoded, progress)
            each = [[place] for place in range(len(encoded))]
            return self._scored(encoded, progress(each, "checkpoint, alone", "adverts", len(each)))

    def _take(self, said: Probabilities, known: Logits, rows: Ints) -> None:
        for task in self.schema.tasks:
            found = calibrated_probabilities(task, known[task.name][rows], self.rules.calibration)
            said[task.name][rows] = found

    def _scored(
        self, encoded: Sequence[EncodedAdvert], groups: Iterable[Sequence[int]]
    ) -> Probabilities:
        shapes = {task.name: (len(encoded), task.num_labels) for task in self.schema.tasks}
        said = {name: np.empty(shape) for name, shape in shapes.items()}
        for places in groups:
            for name, values in self._batch([encoded[place] for place in places]).items():
                said[name][list(places)] = values
        return said

    @torch.inference_mode()
    def _batch(self, encoded: Sequence[EncodedAdvert]) -> Probabilities:
        feeds = collate(encoded, self.encoder.spec)
        logits = self.module({name: torch.from_numpy(value) for name, value in feeds.items()})
        calibration = self.rules.calibration
        return {
            task.name: calibrated_probabilities(task, logits[task.name].numpy(), calibration)
            for task in self.schema.tasks
        }


def _lacking(known: Logits | None, count: int) -> Ints:
    """Return the places of adverts whose logits are not known."""
    if known is None:
        return np.arange(count)
    unknown = [np.isnan(values_NK).any(axis=1) for values_NK in known.values()]
    return np.flatnonzero(np.any(unknown, axis=0))


def _equal_shapes(
    encoded: Sequence[EncodedAdvert], chosen: Ints | None = None
) -> Iterator[list[int]]:
    """Yield places of chosen adverts that share a batch, or of all; smallest adverts first."""
    groups: dict[tuple[int, int], list[int]] = {}
    for place in range(len(encoded)) if chosen is None else chosen.tolist():
        shape = (len(encoded[place].pixels), encoded[place].length)
        groups.setdefault(shape, []).append(place)
    for _, places in sorted(groups.items()):
        places.sort(key=lambda place: len(encoded[place].feature_ids))
        for start in range(0, len(places), _BATCH):
            yield places[start : start + _BATCH]


def _spread(places: Sequence[int], most: int) -> list[int]:
    count = min(most, len(places))
    return [places[i * (len(places) - 1) // max(1, count - 1)] for i in range(count)]


@contextmanager
def _one_thread() -> Iterator[None]:
    """Run torch on one core: faster for single adverts, and the same sums on every machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
