"""The results of comparing two models: figures of both, paired differences, decisions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from adverts.evaluation.figures.judged_adverts import Account
from adverts.evaluation.figures.planned_figures import verdict
from adverts.evaluation.figures.service_figures import InService
from adverts.evaluation.predictions.prediction_file import Predictions
from adverts.evaluation.statistics.bootstrap import Estimate
from adverts.runtime.rules.thresholds import Thresholds

ComparedAnswer = Literal["better", "worse", "no detectable difference", "not enough data"]


@dataclass(frozen=True, slots=True, eq=False)
class ComparedFigure:
    """One figure of both models on the same adverts and resamples.

    Attributes:
        task: Name of the task.
        figure: Name of the figure.
        slice: Name of the slice as ``dimension=value``; empty: all judged adverts.
        candidate: Figure of the judged model.
        champion: Figure of the champion.
        difference: Candidate minus champion, paired.
        answer: What the interval says about the candidate.
        smallest_visible: Smallest difference that this set shows with a power of 0.8 at 5 %
            one-sided; None where it cannot be computed.
        adverts_needed: Judged adverts needed to show the ``relevant`` difference; None where these
            are enough, or it cannot be computed.
        samples: ``(resamples,)`` paired differences, for tests with other levels.
        independent: Independent adverts that the figure rests on, among those that both models
            were scored on, see ``Evidence.independent``.
    """

    task: str
    figure: str
    slice: str
    candidate: Estimate
    champion: Estimate
    difference: Estimate
    answer: ComparedAnswer
    smallest_visible: float | None
    adverts_needed: int | None
    samples: NDArray[np.float64]
    independent: float


@dataclass(frozen=True, slots=True)
class DecisionsCompared:
    """Decisions of both models at their own thresholds, on the same adverts.

    Attributes:
        task: Name of the task.
        label: Name of the label.
        purpose: Purpose of the thresholds.
        only_candidate_right: Clusters in which the candidate alone is right on more adverts.
        only_champion_right: Clusters in which the champion alone is right on more adverts.
        p_value: Two-sided p-value of McNemar's exact test over clusters.
    """

    task: str
    label: str
    purpose: str
    only_candidate_right: int
    only_champion_right: int
    p_value: float


@dataclass(frozen=True, slots=True)
class ChampionComparison:
    """All results of comparing a candidate with its champion.

    Attributes:
        candidate: Name of the judged model.
        champion: Name of the champion, as it may be shown to others.
        relevant: The smallest difference that matters, in the unit of the figures.
        figures: All compared figures, overall and by slice.
        decisions: Decisions at the thresholds; empty where one model has none.
        notes: Further notes for the reader, e.g. that the champion knows these adverts.
        account: Which judged adverts the champion answers; None where they were not counted.
        prevalence: Share of positives in service at which the headline's queue was compared; None
            where no share is given.
        in_service: That queue of the candidate and of the champion; None where it was not compared.
        by_share: Queues of both at ever smaller shares of positives, where no share is given;
            otherwise empty.
    """

    candidate: str
    champion: str
    relevant: float
    figures: tuple[ComparedFigure, ...]
    decisions: tuple[DecisionsCompared, ...]
    notes: tuple[str, ...] = ()
    account: Account | None = None
    prevalence: float | None = None
    in_service: tuple[InService, InService] | None = None
    by_share: tuple[tuple[InService, InService], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Contender:
    """One of the two models.

    Attributes:
        name: Name of the model, as it may be shown to others.
        predictions: Calibrated predictions for the judged adverts.
        thresholds: Thresholds frozen with the model; None where it has none.
    """

    name: str
    predictions: Predictions
    thresholds: Thresholds | None


def answer(figure: str, gap: Estimate, visible: float | None, relevant: float) -> ComparedAnswer:
    """Return what a paired difference says about the candidate.

    Args:
        figure: Name of the figure; for some, lower is better.
        gap: Candidate minus champion.
        visible: The smallest difference that this set shows; None where it cannot be computed.
        relevant: The smallest difference that matters.
    """
    if gap.low is None or gap.high is None or visible is None:
        return "not enough data"
    found = verdict(figure, gap)
    if found != "undecided":
        return found
    return "no detectable difference" if visible <= relevant else "not enough data"
