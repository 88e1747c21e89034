"""The estimate assisted by scores: narrower, under an assumption that is part of its name.

Above the lowest stratum the labels correct what the scores predict (difference estimator), which
is valid whatever the scores are worth. Of the lowest stratum it assumes that calibration is right
within a factor: its total is at most the predicted one times the factor. The labels of the lowest
stratum do not make the estimate; they can refute the assumption.

Source: Särndal, Swensson and Wretman, *Model Assisted Survey Sampling*, 1992, section 6.3
(difference estimator); Angelopoulos, Duchi and Zrnic, "PPI++: Efficient prediction-powered
inference", 2023 (the coefficient); Zrnic and Candès, "Cross-prediction-powered inference", 2024
(coefficients from the other folds).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import binom

from adverts.arrays import Floats, Ints
from adverts.evaluation.statistics.bootstrap import LEVEL, Estimate
from adverts_findings.survey.designs.strata import StratumDraws
from adverts_findings.survey.estimators.by_design import ends
from adverts_findings.survey.estimators.confidence_draws import DRAWS, Possible, possible_totals
from adverts_findings.survey.estimators.reviewers import (
    ReviewerError,
    correct,
    corrected_share,
    labelled_by_chance,
)

FOLDS = 5
FACTOR = 3.0
"""How many times its calibrated total the lowest stratum may hold, unless a plan says otherwise."""


@dataclass(frozen=True, slots=True, eq=False)
class ScoredLabels:
    """The labels of a simple random sample of one stratum, with the scores of all its adverts.

    Attributes:
        name: Name of the stratum.
        positive: What people said of each advert drawn, 0 or 1, ``(n,)``.
        predicted: Calibrated probability of each advert drawn, ``(n,)``.
        adverts: Number of adverts of the stratum in the frame.
        frame_mean: Mean of the probabilities of all of them.
        frame_lowest: The lowest of them.
        frame_highest: The highest of them.
    """

    name: str
    positive: Floats
    predicted: Floats
    adverts: int
    frame_mean: float
    frame_lowest: float
    frame_highest: float

    def __post_init__(self) -> None:
        if not 0 < len(self.positive) == len(self.predicted) <= self.adverts:
            raise ValueError(
                f"stratum {self.name}: {len(self.positive)} labels and {len(self.predicted)} "
                f"scores of {self.adverts} adverts; want one label or more, each with a score"
            )


@dataclass(frozen=True, slots=True)
class Lowest:
    """The lowest stratum, and what is assumed of it.

    Attributes:
        predicted: Its total by calibration.
        adverts: Number of its adverts in the frame.
        labels: Number of labels drawn in it.
        positives: How many of them are positive.
        factor: Its total is assumed to be at most so many times the predicted one, at least 1.
    """

    predicted: float
    adverts: int
    labels: int
    positives: int
    factor: float = FACTOR

    def __post_init__(self) -> None:
        if self.factor < 1:
            raise ValueError(f"the factor of the assumption is {self.factor:g}, want at least 1")

    @property
    def highest(self) -> float:
        """The highest total that is assumed possible."""
        return min(self.predicted * self.factor, float(self.adverts))

    @property
    def assumption(self) -> str:
        """The assumption, as a sentence."""
        return (
            f"Assumed: the lowest stratum holds at most {_rounded(self.highest)} positives, "
            f"{self.factor:g} times the {_rounded(self.predicted)} of calibration."
        )

    def refuted(self, level: float = LEVEL, *, false_alarms: float = 0.0) -> str | None:
        """Return why the labels of the lowest stratum refute the assumption, or None.

        They do where so many positives would have come by chance in less than half of ``1 - level``
        of all samples. A few labels without a positive cannot refute it.

        Args:
            level: Coverage of the interval.
            false_alarms: Highest share of negatives that reviewers may call positive.
        """
        share = min(1.0, self.highest / max(self.adverts, 1) + false_alarms)
        if float(binom.sf(self.positives - 1, self.labels, share)) >= (1 - level) / 2:
            return None
        return (
            f"cannot say: {self.positives} positives among {self.labels} labels of the lowest "
            f"stratum contradict the assumption of at most {_rounded(self.highest)} among "
            f"{self.adverts:,} adverts"
        )


def _rounded(positives: float) -> str:
    return f"{positives:,.0f}" if positives >= 10 else f"{positives:.2g}"


def estimate_assisted_total(
    above: Sequence[ScoredLabels],
    lowest: Lowest,
    *,
    reviewers: ReviewerError | None = None,
    level: float = LEVEL,
    seed: int = 0,
    draws: int = DRAWS,
) -> Estimate:
    """Return the assisted total with its interval, or why it cannot be given.

    Args:
        above: Labels and scores of the strata above the lowest.
        lowest: The lowest stratum and what is assumed of it.
        reviewers: How reviewers labelled known items; None where labels are taken as true.
        level: Coverage of the interval where the assumption holds.
        seed: Seed of folds and random draws.
        draws: Number of random draws.
    """
    alarms = 0.0 if reviewers is None else reviewers.specificity.wrong_at_most(level)
    refuted = lowest.refuted(level, false_alarms=alarms)
    if refuted is not None:
        return Estimate(None, reason=refuted)
    frame = float(sum(one.adverts for one in above))
    differences, shift = difference_draws(above, seed=seed)
    apparent = shift + sum(one.estimate for one in differences)
    if reviewers is not None:
        differences = labelled_by_chance(differences)
    drawn = possible_totals(differences, seed=seed, draws=draws)
    possible = Possible(
        np.clip(drawn.low + shift, 0.0, frame), np.clip(drawn.high + shift, 0.0, frame)
    )
    if reviewers is not None:
        possible = correct(possible, reviewers, frame, seed=seed)
        apparent = frame * float(
            corrected_share(
                apparent / frame, 1 - reviewers.specificity.share, reviewers.sensitivity.share
            )
        )
    low, high = ends(possible, level)
    value = min(max(apparent, 0.0), frame) + lowest.predicted
    return Estimate(value, min(low, value), max(high + lowest.highest, value), lowest.assumption)


def difference_draws(
    above: Sequence[ScoredLabels], *, seed: int = 0
) -> tuple[list[StratumDraws], float]:
    """Return the draws of label minus coefficient times prediction, and what to add to their total.

    What is added is coefficient times the known sum of all predictions. Each label's coefficient
    comes from the other folds, so that no label has a part in choosing its own.
    """
    folds = [_folds(len(one.positive), i, seed) for i, one in enumerate(above)]
    slopes = [_coefficient(above, folds, fold) for fold in range(FOLDS)]
    found, shift = [], 0.0
    for one, fold in zip(above, folds, strict=True):
        whole = len(fold) == one.adverts  # then nothing is left to predict
        slope = np.zeros(len(fold)) if whole else np.array(slopes)[fold]
        values = one.adverts * (one.positive - slope * one.predicted)
        shift += float(slope.mean()) * one.adverts * one.frame_mean
        found.append(
            StratumDraws(
                one.name,
                values,
                one.adverts * (1 - float(slope.min()) * one.frame_lowest),
                smallest=-one.adverts * float(slope.max()) * one.frame_highest,
                finite=one.adverts,
            )
        )
    return found, shift


def _folds(labels: int, stratum: int, seed: int) -> Ints:
    order = np.random.default_rng([seed, 2, stratum]).permutation(labels)
    return np.asarray(order % FOLDS, dtype=np.int64)


def _coefficient(above: Sequence[ScoredLabels], folds: Sequence[Ints], fold: int) -> float:
    """Return the coefficient of least variance, from the labels of all folds but one.

    Strata count as they do in the variance of the total. It is within [0, 1], and 0 where the
    predictions do not vary.

    Source: PPI++ (power tuning), for a frame whose predictions are all known.
    """
    shared = spread = 0.0
    for one, of in zip(above, folds, strict=True):
        y, f = one.positive[of != fold], one.predicted[of != fold]
        if len(y) < 2:
            continue
        weight = one.adverts**2 / len(y)
        shared += weight * float(((y - y.mean()) * (f - f.mean())).sum()) / (len(y) - 1)
        spread += weight * float(f.var(ddof=1))
    flat = spread <= 1e-12 * sum(one.adverts**2 for one in above)
    return 0.0 if flat else min(max(shared / spread, 0.0), 1.0)
