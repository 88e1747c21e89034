"""Choose the adverts whose labels teach a model most.

A batch has three parts, and takes at most one advert of a cluster of near-duplicates:

* *The model's part*: adverts of which the model is unsure, and adverts near thresholds of service.
  Where positives are rare, these are the top of its list at first, and those around its decision
  once it is sure of many. The first of a ranking are much alike, so the advert of rank r is drawn
  with a chance in proportion to ``r ** -SHARPNESS``. This does as well as methods that compare the
  adverts of a batch with each other, and costs one sort.
* *Cover*: languages and modalities with few labels get more. Within each, adverts are drawn by rank
  again, since a model that never saw a language still puts some of its positives first.
* *At random* over clusters, whatever the model says of them, so that a model that is wrong about a
  kind of advert sees some of its labels all the same.

Where no score tells adverts apart, all are cover or at random.

Source: Lewis and Gale, "A sequential algorithm for training text classifiers", 1994 (uncertainty);
Kirsch, Farquhar, Atighehchian, Jesson, Branchaud-Charron, Gal, "Stochastic batch acquisition: a
simple baseline for deep active learning", 2023 (chances by rank); Efraimidis and Spirakis,
"Weighted random sampling with a reservoir", 2006 (drawing by such chances). Shares: our own, see
experiment 0027.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Literal

import numpy as np

from adverts.arrays import Bools, Floats, Ints
from adverts_findings.survey.designs.drawing import draw_on_line, line_order

SHARPNESS = 2.0
"""How fast the chance of an advert falls with its rank."""
COVERING = 0.2
"""Largest share of a batch that goes to languages and modalities with few labels."""
PROMISED = 0.5
"""Share of all labels that is promised to them, by the square roots of their clusters."""
AT_RANDOM = 0.1
"""Share of a batch that is drawn at random."""
NEAR_THRESHOLDS = 0.5
"""Share of the model's part that goes to thresholds of service, where there are any."""
_SUREST = 1e-6  # probabilities are cut here before they become log odds
Reason = Literal["uncertain", "near a threshold", "cover", "at random", "likely error"]


@dataclass(frozen=True, slots=True, eq=False)
class TeachingPool:
    """The adverts from which some are chosen; every code counts from 0.

    Attributes:
        probabilities: Calibrated probability of each advert, ``(N,)``; NaN where it has no score.
        clusters: Cluster of near-duplicates of each advert, ``(N,)``.
        languages: Language of each advert, ``(N,)``; adverts of no known language have a code too.
        modalities: Whether each advert is text, picture or both, ``(N,)``.
        is_labelled: Whether each cluster has a label, ``(C,)``.
        labels_so_far: How many labels there are of each language and modality, ``(L, M)``.
    """

    probabilities: Floats
    clusters: Ints
    languages: Ints
    modalities: Ints
    is_labelled: Bools
    labels_so_far: Ints

    def __post_init__(self) -> None:
        chances, adverts = self.probabilities, len(self.probabilities)
        if ((chances < 0) | (chances > 1)).any():
            raise ValueError("probabilities must be in [0, 1], or NaN where there is no score")
        languages, modalities = self.labels_so_far.shape
        for name, codes, count in (
            ("clusters", self.clusters, len(self.is_labelled)),
            ("languages", self.languages, languages),
            ("modalities", self.modalities, modalities),
        ):
            if len(codes) != adverts or (adverts and not 0 <= codes.min() <= codes.max() < count):
                raise ValueError(f"{name} must be {adverts:,} codes from 0 to below {count:,}")


@dataclass(frozen=True, slots=True)
class ChosenAdvert:
    """An advert to label: its place in the pool, and what it was chosen for."""

    place: int
    reason: Reason


def choose_adverts(
    pool: TeachingPool,
    budget: int,
    rng: np.random.Generator,
    *,
    thresholds: Sequence[float] = (),
    covering: float = COVERING,
    at_random: float = AT_RANDOM,
) -> tuple[ChosenAdvert, ...]:
    """Return the adverts to label next, each of a cluster that has no label yet.

    Fewer come back than asked for only if every cluster has a label then. The same pool, budget and
    random numbers give the same adverts.

    Args:
        pool: What there is to choose from.
        budget: Number of labels, at least 1.
        rng: Source of every draw.
        thresholds: Probabilities at which adverts are decided in service.
        covering: Largest share of the labels for languages and modalities with few of them.
        at_random: Share of the labels that are drawn at random; rounded up.

    Raises:
        ValueError: The budget is below 1, a threshold is not in [0, 1], or the shares are negative
            or more than 1 together.
    """
    if budget < 1 or not (min(covering, at_random) >= 0 and covering + at_random <= 1):
        raise ValueError(
            "want a budget of at least 1, and shares of at least 0 that are at most 1 together; "
            f"got {budget}, {covering} and {at_random}"
        )
    if not all(0 <= threshold <= 1 for threshold in thresholds):
        raise ValueError(f"thresholds must be in [0, 1], got {list(thresholds)}")
    batch = _Batch(pool, rng)
    unsure = np.abs(pool.probabilities - 0.5)
    by_rank = budget - ceil(at_random * budget)
    if batch.is_ranked:
        _add_models_part(batch, by_rank - int(covering * budget), unsure, thresholds)
    batch.add_cover(unsure, by_rank - len(batch.chosen))
    if batch.is_ranked:
        batch.add_by_rank(batch.scored, unsure, by_rank - len(batch.chosen), "uncertain")
    batch.add_at_random(budget - len(batch.chosen))
    return tuple(batch.chosen)


def _add_models_part(
    batch: _Batch, number: int, unsure: Floats, thresholds: Sequence[float]
) -> None:
    near = int(NEAR_THRESHOLDS * number) if thresholds else 0
    batch.add_by_rank(batch.scored, unsure, number - near, "uncertain")
    odds = _log_odds(batch.pool.probabilities)
    for i, threshold in enumerate(thresholds):
        part = near * (i + 1) // len(thresholds) - near * i // len(thresholds)
        gaps = np.abs(odds - _log_odds(threshold))
        batch.add_by_rank(batch.scored, gaps, part, "near a threshold")


def _log_odds(chances: Floats | float) -> Floats:
    cut = np.clip(chances, _SUREST, 1 - _SUREST)
    return np.asarray(np.log(cut) - np.log1p(-cut))


class _Batch:
    """A batch that is being filled; a cluster with a label or a chosen advert is not free."""

    def __init__(self, pool: TeachingPool, rng: np.random.Generator) -> None:
        self.pool, self.rng = pool, rng
        self.chosen: list[ChosenAdvert] = []
        self._is_free = ~pool.is_labelled
        self._order = self._free(line_order(pool.clusters, rng))
        self._cells = pool.languages * pool.labels_so_far.shape[1] + pool.modalities
        self.scored = self._order[~np.isnan(pool.probabilities[self._order])]
        chances = pool.probabilities[self.scored]
        self.is_ranked = len(chances) > 0 and bool(chances.min() < chances.max())

    def add_by_rank(self, rows: Ints, values: Floats, number: int, reason: Reason) -> None:
        """Draw from rows, those with the lowest values most likely; NaN comes last."""
        if number <= 0:
            return
        free = self._free(rows)
        ranked = self._one_of_each(free[np.argsort(values[free], kind="stable")])
        waits = self.rng.exponential(size=len(ranked)) * np.arange(1, len(ranked) + 1) ** SHARPNESS
        self._choose(ranked[np.argsort(waits, kind="stable")[:number]], reason)

    def add_cover(self, values: Floats, most: int) -> None:
        """Draw from each language and modality what it lacks of its promised labels, by rank."""
        cells = self._cells[self._order]
        for cell, number in enumerate(self._lacking(cells, most)):
            if number:
                self.add_by_rank(self._order[cells == cell], values, number, "cover")

    def add_at_random(self, number: int) -> None:
        """Draw clusters at random, and one advert of each."""
        self._choose(self._one_of_each(self._free(self._order))[:number], "at random")

    def _lacking(self, cells: Ints, most: int) -> list[int]:
        """Return how many labels to add for each language and modality, at most so many in all."""
        labels = self.pool.labels_so_far.ravel().astype(np.int64)
        chosen = np.array([one.place for one in self.chosen], dtype=np.int64)
        labels += np.bincount(self._cells[chosen], minlength=len(labels))
        pairs = np.unique(cells * len(self._is_free) + self.pool.clusters[self._order])
        roots = np.sqrt(np.bincount(pairs // len(self._is_free), minlength=len(labels)))
        promised = PROMISED * (labels.sum() + most) * roots / max(roots.sum(), 1.0)
        lacking = np.maximum(promised - labels, 0.0) * (roots > 0)
        number = min(most, ceil(lacking.sum()))
        return np.bincount(draw_on_line(lacking, number, self.rng)).tolist() if number > 0 else []

    def _free(self, rows: Ints) -> Ints:
        return rows[self._is_free[self.pool.clusters[rows]]]

    def _one_of_each(self, rows: Ints) -> Ints:
        """Return the first advert of each cluster, in the order given."""
        return rows[np.sort(np.unique(self.pool.clusters[rows], return_index=True)[1])]

    def _choose(self, rows: Ints, reason: Reason) -> None:
        self._is_free[self.pool.clusters[rows]] = False
        self.chosen += [ChosenAdvert(row, reason) for row in rows.tolist()]
