"""How much evidence a set of adverts holds, and whether it is enough for a figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adverts.advert import Task
from adverts.evaluation.figures.figures_by_kind import Judged
from adverts.evaluation.statistics.bounds import effective_number

Ints = NDArray[np.int64]
MIN_POSITIVE_CLUSTERS = 100
"""Wanted where nobody asks for another number."""
MIN_CLUSTERS = 10
"""The floor under every figure and bound; all that is wanted of negatives, seldom short."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a set of adverts can decide.

    Attributes:
        adverts: Judged adverts.
        clusters: Distinct clusters among them: the independent observations.
        positives: Adverts of the positive label; None where no label is special.
        positive_clusters: Clusters that hold one; None likewise.
        negative_clusters: Clusters that hold another label; None likewise.
        wanted: Positive clusters that a figure needs; twice as many of any kind where no label is
            special.
        worth: Independent adverts that these are worth, see ``bounds.effective_number``: fewer than
            clusters where some are large. Of the positives, or of the others where that is less;
            None: not known.
    """

    adverts: int
    clusters: int
    positives: int | None
    positive_clusters: int | None
    negative_clusters: int | None
    wanted: int = MIN_POSITIVE_CLUSTERS
    worth: float | None = None

    @property
    def independent(self) -> float:
        """How many independent adverts a figure rests on.

        What the positives are worth, or the others where that is less; all adverts where no label
        is special. Where the worth is not known, clusters are counted.
        """
        if self.worth is not None:
            return self.worth
        if self.positive_clusters is None or self.negative_clusters is None:
            return self.clusters
        return min(self.positive_clusters, self.negative_clusters)

    @property
    def lack(self) -> str | None:
        """Why this is too little for a figure; None where it is enough."""
        if self.positive_clusters is None or self.negative_clusters is None:
            return _lack(self.clusters, "cluster", 2 * self.wanted)
        return _lack(self.positive_clusters, "positive cluster", self.wanted) or _lack(
            self.negative_clusters, "negative cluster", MIN_CLUSTERS
        )


def weigh_evidence(
    judged: Judged, clusters: Sequence[str], rows: Ints, *, wanted: int = MIN_POSITIVE_CLUSTERS
) -> Evidence:
    """Count what the judged adverts among ``rows`` hold; ``wanted`` as in :class:`Evidence`."""
    kept = np.intersect1d(judged.rows, rows)
    names = np.asarray(clusters, dtype=object)[kept]
    positive = _positive_label(judged.task)
    if positive is None:
        worth = effective_number(names)
        return Evidence(len(kept), len(set(names)), None, None, None, wanted, worth)
    is_positive = judged.labels[kept] == positive
    return Evidence(
        adverts=len(kept),
        clusters=len(set(names)),
        positives=int(is_positive.sum()),
        positive_clusters=len(set(names[is_positive])),
        negative_clusters=len(set(names[~is_positive])),
        wanted=wanted,
        worth=min(effective_number(names[held]) for held in (is_positive, ~is_positive)),
    )


def _lack(found: int, noun: str, wanted: int) -> str | None:
    if found >= wanted:
        return None
    return f"{found:,} {noun}" + ("" if found == 1 else "s") + f", wanted {wanted:,}"


def _positive_label(task: Task) -> int | None:
    return task.positive_index if task.kind == "single" else None
