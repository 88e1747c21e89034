"""Choose the adverts whose labels teach a model most.

A batch has two parts. The *model's part* takes adverts of which the model is unsure, and adverts
near the thresholds of service. Taking the very first would give near-copies and trust the model
fully; so the list is ranked, and an advert of rank r is drawn with a chance in proportion to
1 / r**SHARPNESS, which does as well as methods that compare adverts of a batch with each other, at
the cost of a sort. The *covering part* looks at no score: it fills up languages and modalities that
have few labels, and is otherwise drawn at random over clusters, so that a model that is wrong
about a kind of advert sees its labels all the same. Where no score tells adverts apart, everything
is the covering part. No cluster of near-duplicates is taken twice, or again once it has a label.

Where positives are rare, the model is unsure of the top of its list, so that positives are found
first; once it is sure of many, the adverts around its decision come first.

Source: Lewis and Gale, "A sequential algorithm for training text classifiers", 1994 (uncertainty);
Kirsch, Farquhar, Atighehchian, Jesson, Branchaud-Charron, Gal, "Stochastic batch acquisition: a
simple baseline for deep active learning", 2023, section 3 (chances by rank); Efraimidis and
Spirakis, "Weighted random sampling with a reservoir", 2006 (drawing without replacement).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Literal

import numpy as np

from adverts.arrays import Bools, Floats, Ints
from adverts.estimation.designs.drawing import draw_on_line, line_order

COVERING = 0.2
"""Share of the labels that are drawn without the model."""
SHARPNESS = 2.0
"""How fast the chance of an advert falls with its rank."""
NEAR_THRESHOLDS = 0.5
"""Share of the model's part that goes to thresholds of service, where there are any."""
_SUREST = 1e-6  # probabilities are cut here before they become log odds
Reason = Literal["uncertain", "near a threshold", "cover"]


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
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
    pool: Pool,
    budget: int,
    rng: np.random.Generator,
    *,
    thresholds: Sequence[float] = (),
    covering: float = COVERING,
) -> tuple[ChosenAdvert, ...]:
    """Return the adverts to label next, at most one of a cluster.

    Fewer come back than asked for only if every cluster has a label then. The same pool, budget and
    random numbers give the same adverts.

    Args:
        pool: What there is to choose from.
        budget: Number of labels, at least 1.
        rng: Source of every draw.
        thresholds: Probabilities at which adverts are decided in service.
        covering: Share of the labels that are drawn without the model.

    Raises:
        ValueError: The budget is below 1, or a threshold or the share is not in [0, 1].
    """
    if budget < 1 or not all(0 <= one <= 1 for one in (*thresholds, covering)):
        raise ValueError(
            "want a budget of at least 1, and thresholds and a share from 0 to 1; got "
            f"{budget}, {list(thresholds)} and {covering}"
        )
    batch = _Batch(pool, rng)
    if batch.is_ranked:
        by_model = budget - ceil(covering * budget)
        near = int(NEAR_THRESHOLDS * by_model) if thresholds else 0
        chances = pool.probabilities
        batch.add_by_rank(np.abs(chances - 0.5), by_model - near, "uncertain")
        for place, threshold in enumerate(thresholds):
            gaps = np.abs(_log_odds(chances) - _log_odds(threshold))
            part = near * (place + 1) // len(thresholds) - near * place // len(thresholds)
            batch.add_by_rank(gaps, part, "near a threshold")
    batch.add_cover(budget)
    return tuple(batch.chosen)


def _log_odds(chances: Floats | float) -> Floats:
    cut = np.clip(chances, _SUREST, 1 - _SUREST)
    return np.asarray(np.log(cut) - np.log1p(-cut))


class _Batch:
    """A batch that is being filled; a cluster with a label or a chosen advert is not free."""

    def __init__(self, pool: Pool, rng: np.random.Generator) -> None:
        self.pool, self.rng = pool, rng
        self.is_free = ~pool.is_labelled
        self.order = self._free_rows(line_order(pool.clusters, rng))
        self.chosen: list[ChosenAdvert] = []

    @property
    def is_ranked(self) -> bool:
        """Whether scores tell any two adverts apart that could be chosen."""
        scores = self.pool.probabilities[self.order]
        known = scores[~np.isnan(scores)]
        return len(known) > 0 and bool(known.min() < known.max())

    def add_by_rank(self, values: Floats, number: int, reason: Reason) -> None:
        """Draw adverts, those with the lowest values most likely; ties are in random order."""
        rows = self._free_rows(self.order)
        rows = rows[~np.isnan(values[rows])]
        ranked = self._one_of_each(rows[np.argsort(values[rows], kind="stable")])
        waits = self.rng.exponential(size=len(ranked)) * np.arange(1, len(ranked) + 1) ** SHARPNESS
        self._choose(ranked[np.argsort(waits, kind="stable")[:number]], reason)

    def add_cover(self, budget: int) -> None:
        """Fill up the batch: what has too few labels first, the rest at random over clusters."""
        cells = cells_of(self.pool)[self.order]
        for cell, number in enumerate(self._missing(cells, budget)):
            if number:
                rows = self._free_rows(self.order[cells == cell])
                self._choose(self._one_of_each(rows)[:number], "cover")
        rows = self._one_of_each(self._free_rows(self.order))
        self._choose(rows[: budget - len(self.chosen)], "cover")

    def _missing(self, cells: Ints, budget: int) -> list[int]:
        """Return how many labels each language and modality lacks, ``(L * M,)``.

        Of all labels including this batch, the share that is left for cover is promised to them, in
        proportion to the square roots of how many free clusters they have.
        """
        left = budget - len(self.chosen)
        labels = self.pool.labels_so_far.ravel().astype(np.int64)
        places = np.array([one.place for one in self.chosen], dtype=np.int64)
        labels += np.bincount(cells_of(self.pool)[places], minlength=len(labels))
        pairs = np.unique(cells * len(self.is_free) + self.pool.clusters[self.order])
        roots = np.sqrt(np.bincount(pairs // len(self.is_free), minlength=len(labels)))
        total = left / budget * (labels.sum() + left)
        lacking = np.maximum(total * roots / max(roots.sum(), 1.0) - labels, 0.0)
        draws = min(left, ceil(lacking.sum()))
        if not draws:
            return []
        return np.bincount(draw_on_line(lacking, draws, self.rng)).tolist()

    def _free_rows(self, rows: Ints) -> Ints:
        return rows[self.is_free[self.pool.clusters[rows]]]

    def _one_of_each(self, rows: Ints) -> Ints:
        """Return the first advert of each cluster, in the order given."""
        return rows[np.sort(np.unique(self.pool.clusters[rows], return_index=True)[1])]

    def _choose(self, rows: Ints, reason: Reason) -> None:
        self.is_free[self.pool.clusters[rows]] = False
        self.chosen += [ChosenAdvert(row, reason) for row in rows.tolist()]


def cells_of(pool: Pool) -> Ints:
    """Return the language and modality of each advert as one code, ``(N,)``."""
    return pool.languages * pool.labels_so_far.shape[1] + pool.modalities
