"""What a review desk finds that can look at k adverts a day: per post, and with copies as one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adverts.evaluation.bootstrap import Estimate
from adverts.evaluation.predictions import Predictions

Targets = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Desk:
    """Who reviews.

    Attributes:
        name: For the report.
        languages: BCP-47 of what it reads; empty: everything.
        daily_adverts: Adverts that arrive in a day.
        prevalence: Share of the positive label among them.
        reviews: Adverts that it can look at in a day.
    """

    name: str
    languages: tuple[str, ...]
    daily_adverts: int
    prevalence: float
    reviews: int


@dataclass(frozen=True, slots=True)
class BudgetFigures:
    """What a desk finds with its budget.

    Attributes:
        desk: Who reviews.
        unit: ``post``, or ``cluster``: copies are looked at once.
        adverts: Judged adverts of its languages.
        precision: Share of what is looked at that is positive, at the desk's prevalence.
        recall: Share of the day's positives that are looked at.
        curve: Pairs of reviews a day and recall, for the plot.
        lack: Why there are no figures; None where there are.
    """

    desk: Desk
    unit: str
    adverts: int
    precision: Estimate
    recall: Estimate
    curve: tuple[tuple[float, float], ...] = ()
    lack: str | None = None


def budget_figures(
    predictions: Predictions,
    targets: Targets,
    desks: tuple[Desk, ...],
    *,
    task: str,
    min_positive_clusters: int,
    resamples: int,
    seed: int,
) -> tuple[BudgetFigures, ...]:
    """Return what each desk finds, on the reviewed adverts of its languages.

    Args:
        predictions: Calibrated, of the judged adverts.
        targets: By task ``(N, L)``, rows in the order of the predictions; NaN where not judged.
        desks: Who reviews.
        task: The headline task.
        min_positive_clusters: Fewer than that are too little evidence.
        resamples: Of clusters, for the intervals.
        seed: Decides what is drawn.
    """
    del predictions, targets, desks, task, min_positive_clusters, resamples, seed
    return ()
