"""What a checkpoint itself says of an advert: the measure of every exported model.

Shape suffixes: ``N`` adverts, ``L`` labels.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from adverts.advert import LabelSchema
from adverts.inputs.encoding import AdvertEncoder, EncodedAdvert, collate
from adverts.runtime.decision_rules import DecisionRules

Probabilities = Mapping[str, NDArray[np.float64]]
T = TypeVar("T")


class Progress(Protocol):
    """Wraps an iterable to show how far it is."""

    def __call__(self, items: Iterable[T], title: str, total: int) -> Iterable[T]:
        """Return the same items."""


def no_progress(items: Iterable[T], title: str, total: int) -> Iterable[T]:
    """Show nothing."""
    return items


@dataclass(frozen=True, slots=True)
class Reference:
    """A checkpoint with its own inputs and labels.

    Attributes:
        module: Feeds to logits by task, in float32, in evaluation mode.
        encoder: Encodes as the model was trained.
        schema: Its tasks and the order of their labels.
        rules: Its calibration and thresholds.
    """

    module: nn.Module
    encoder: AdvertEncoder
    schema: LabelSchema
    rules: DecisionRules

    def probabilities(self, encoded: Iterable[EncodedAdvert]) -> Probabilities:
        """Return the calibrated ``(N, L)`` by task.

        Each advert is scored alone, with nothing to pad it to.
        """
        with _one_thread():
            rows = [self._alone(advert) for advert in encoded]
        return {
            task.name: np.concatenate([row[task.name] for row in rows])
            for task in self.schema.tasks
        }

    @torch.inference_mode()
    def _alone(self, encoded: EncodedAdvert) -> Probabilities:
        feeds = collate([encoded], self.encoder.spec)
        logits = self.module({name: torch.from_numpy(value) for name, value in feeds.items()})
        calibration = self.rules.calibration
        return {
            task.name: calibration.apply(task, logits[task.name].numpy())
            for task in self.schema.tasks
        }


@contextmanager
def _one_thread() -> Iterator[None]:
    """Keep torch on one core: faster for single adverts, and the same sums on every machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
