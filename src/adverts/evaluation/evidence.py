"""How much evidence a set of adverts holds, and whether it is enough for a figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adverts.advert import Task
from adverts.evaluation.figures import Judged

Ints = NDArray[np.int64]
MIN_CLUSTERS = 10


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a set of adverts can decide.

    Attributes:
        adverts: Judged adverts.
        clusters: Distinct clusters among them: the independent observations.
        positives: Adverts of the positive label; None where no label is special.
        positive_clusters: Clusters that hold one; None likewise.
        negative_clusters: Clusters that hold another label; None likewise.
    """

    adverts: int
    clusters: int
    positives: int | None
    positive_clusters: int | None
    negative_clusters: int | None

    @property
    def lack(self) -> str | None:
        """Why this is too little for a figure; None where it is enough."""
        if self.positive_clusters is None or self.negative_clusters is None:
            if self.clusters < 2 * MIN_CLUSTERS:
                return f"{_count(self.clusters, 'cluster')}, wanted {2 * MIN_CLUSTERS}"
            return None
        if self.positive_clusters < MIN_CLUSTERS:
            found = _count(self.positive_clusters, "positive cluster")
            return f"{found}, wanted {MIN_CLUSTERS}"
        if self.negative_clusters < MIN_CLUSTERS:
            found = _count(self.negative_clusters, "negative cluster")
            return f"{found}, wanted {MIN_CLUSTERS}"
        return None


def weigh_evidence(judged: Judged, clusters: Sequence[str], rows: Ints) -> Evidence:
    """Count what the judged adverts among ``rows`` hold."""
    kept = np.intersect1d(judged.rows, rows)
    names = np.asarray(clusters, dtype=object)[kept]
    positive = _positive_label(judged.task)
    if positive is None:
        return Evidence(len(kept), len(set(names)), None, None, None)
    is_positive = judged.labels[kept] == positive
    return Evidence(
        adverts=len(kept),
        clusters=len(set(names)),
        positives=int(is_positive.sum()),
        positive_clusters=len(set(names[is_positive])),
        negative_clusters=len(set(names[~is_positive])),
    )


def _positive_label(task: Task) -> int | None:
    return task.positive_index if task.kind == "single" else None


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
