"""The scores of adverts as logits, before they become probabilities.

Shape suffixes: ``N`` adverts, ``B`` adverts of a batch, ``K`` logits of a task.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adverts.advert import Advert, Task
from adverts.inputs.encoding import MaskedTexts
from adverts.runtime.predict.read_adverts import IncomingAdvert
from adverts.runtime.predict.responses import ItemError
from adverts.runtime.rules.languages import Language

Logits = Mapping[str, NDArray[np.float32]]
NO_NUMBER = ItemError("model_failed", "the model gave no valid number for it: leave it to a person")


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """The scores of ``N`` adverts, before they become probabilities.

    Attributes:
        logits: Maps each task name to logits ``(N, K)``, float32; a row is NaN where the advert
            could not be scored.
        errors: Why each advert could not be scored; None where it could.
        adverts: Adverts as they were scored, with what was read from their pictures.
        masked: Caption and OCR text of each advert as the model read them.
        languages: Language of each advert; None where it was not scored, or not asked for.
    """

    logits: Logits
    errors: tuple[ItemError | None, ...]
    adverts: tuple[Advert, ...]
    masked: tuple[MaskedTexts, ...]
    languages: tuple[Language | None, ...]


class ScoringJob:
    """The adverts of one call and the results so far. Each thread writes only to its own rows."""

    def __init__(self, candidates: Sequence[IncomingAdvert], tasks: Sequence[Task]) -> None:
        """Take the adverts, without results yet.

        Args:
            candidates: The adverts.
            tasks: Tasks of the model.
        """
        count = len(candidates)
        self.candidates = candidates
        self.errors: list[ItemError | None] = [None] * count
        self.adverts = [candidate.advert for candidate in candidates]
        self.masked: list[MaskedTexts] = [(None, None)] * count
        self.languages: list[Language | None] = [None] * count
        self._logits = {
            task.name: np.full((count, task.num_logits), np.nan, np.float32) for task in tasks
        }

    def note(self, rows: list[int], found: Logits) -> None:
        """Keep the logits of some rows; a row that is not finite becomes an error.

        Raises:
            ValueError: The logits are of another shape, so their rows are unknown.
        """
        for name, values_BK in found.items():
            wanted = (len(rows), self._logits[name].shape[1])
            if values_BK.shape != wanted:
                raise ValueError(f"{name} has logits of shape {values_BK.shape}, wanted {wanted}")
            self._logits[name][rows] = values_BK
            for row in np.flatnonzero(~np.isfinite(values_BK).all(axis=1)):
                self.errors[rows[row]] = NO_NUMBER

    def scores(self) -> Scores:
        """Return the scores so far; rows with an error become NaN."""
        for values_NK in self._logits.values():
            values_NK[[error is not None for error in self.errors]] = np.nan
        return Scores(
            self._logits,
            tuple(self.errors),
            tuple(self.adverts),
            tuple(self.masked),
            tuple(self.languages),
        )
