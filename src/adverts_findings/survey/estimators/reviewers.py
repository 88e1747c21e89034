"""How often reviewers are right, and estimates that pay for their errors.

Two reviewers who agree are not truth. Their sensitivity and specificity come from items whose truth
is known: planted ones, or a random part of the sample that was adjudicated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaincinv

from adverts.arrays import Bools, Floats
from adverts.evaluation.statistics.bootstrap import LEVEL, Estimate
from adverts_findings.survey.designs.strata import StratumDraws
from adverts_findings.survey.estimators.by_design import ends
from adverts_findings.survey.estimators.confidence_draws import DRAWS, Possible, possible_totals


@dataclass(frozen=True, slots=True)
class Known:
    """How many of a number of items with known truth reviewers labelled rightly.

    Both are whole numbers for planted items, and effective numbers for a weighted subsample.
    """

    right: float
    items: float

    def __post_init__(self) -> None:
        if not 0 <= self.right <= self.items or self.items <= 0:
            raise ValueError(
                f"{self.right:g} right of {self.items:g} known items; want at least one"
            )

    @property
    def share(self) -> float:
        """The share that was labelled rightly."""
        return self.right / self.items

    def wrong_at_most(self, level: float) -> float:
        """Return the upper end of the interval of the share that is labelled wrongly."""
        wrong = self.items - self.right
        return float(betaincinv(wrong + 1, self.right, (1 + level) / 2)) if self.right > 0 else 1.0

    def possible(self, rng: np.random.Generator, draws: int) -> Possible:
        """Return random draws of the lowest and highest share that the items leave possible.

        Their quantiles are the bounds of Clopper and Pearson.
        """
        wrong = self.items - self.right
        low = rng.beta(self.right, wrong + 1, draws) if self.right > 0 else np.zeros(draws)
        high = rng.beta(self.right + 1, wrong, draws) if wrong > 0 else np.ones(draws)
        return Possible(low, high)


@dataclass(frozen=True, slots=True)
class ReviewerError:
    """How reviewers labelled known positives (sensitivity) and known negatives (specificity)."""

    sensitivity: Known
    specificity: Known

    @property
    def informative(self) -> bool:
        """Whether reviewers call positives positive more often than negatives."""
        return self.sensitivity.share + self.specificity.share > 1


def uninformed(reviewers: ReviewerError | None) -> str | None:
    """Return why these reviewers' labels say nothing, or None."""
    if reviewers is None or reviewers.informative:
        return None
    return "cannot say: reviewers call known negatives positive as often as positives"


def from_adjudicated(truth: ArrayLike, said: ArrayLike, weights: ArrayLike) -> ReviewerError:
    """Return reviewers' error from a random part of a sample whose truth was adjudicated.

    Args:
        truth: Adjudicated truth of each advert, ``(n,)``.
        said: What the reviewers had said of it, ``(n,)``.
        weights: Inverse of its probability to be in the part, through all stages, ``(n,)``.

    Raises:
        ValueError: The part holds no positive or no negative.

    Source: Korn and Graubard, 1998, as Bayer, Fay and Graubard, 2022, use it for a survey.
    """
    true, said_so = np.asarray(truth, np.bool_), np.asarray(said, np.bool_)
    weight = np.asarray(weights, np.float64)
    if true.all() or not true.any():
        raise ValueError(
            f"{int(true.sum())} positives and {int((~true).sum())} negatives were adjudicated; "
            "want at least one of each"
        )
    return ReviewerError(_known(true, said_so, weight), _known(~true, ~said_so, weight))


def _known(among: Bools, right: Bools, weights: Floats) -> Known:
    weight, hit = weights[among], right[among].astype(np.float64)
    labels = len(weight)
    share = float(np.average(hit, weights=weight))
    parts = weight * (hit - share) / weight.sum()
    error = float(np.sqrt((parts**2).sum() * labels / max(labels - 1, 1)))
    if share in (0.0, 1.0):
        number = float(weight.sum() ** 2 / (weight**2).sum())
    else:
        number = float(min(labels, share * (1 - share) / error**2))
    return Known(min(share * number, number), number)


def corrected_share(apparent: ArrayLike, false_alarms: ArrayLike, sensitivity: ArrayLike) -> Floats:
    """Return the true share behind an apparent one, within [0, 1].

    Where reviewers are no better than chance, nothing is known: 0, or 1 above both rates.

    Source: Rogan and Gladen, "Estimating prevalence from the results of a screening test", 1978.

    Args:
        apparent: Share that reviewers call positive, any shape.
        false_alarms: Share of negatives that they call positive.
        sensitivity: Share of positives that they call positive.
    """
    seen, false = np.asarray(apparent, np.float64), np.asarray(false_alarms, np.float64)
    true = np.asarray(sensitivity, np.float64)
    gap = true - false
    inside = np.where(gap > 0, (seen - false) / np.where(gap > 0, gap, 1.0), 0.0)
    return np.asarray(np.clip(inside, 0.0, 1.0))


def estimate_total_with_errors(
    strata: Sequence[StratumDraws],
    reviewers: ReviewerError,
    *,
    frame_total: float,
    level: float = LEVEL,
    seed: int = 0,
    draws: int = DRAWS,
) -> Estimate:
    """Return the total corrected for reviewers' errors, with an interval that pays for them.

    The interval meets the lowest possible apparent total with the most false alarms and the highest
    sensitivity that known items leave possible, and the highest with the opposite.

    Source: Bayer, Fay and Graubard, "Confidence intervals for prevalence estimates from complex
    surveys with imperfect assays", Statistics in Medicine, 2022.

    Args:
        strata: Draws of each stratum, positive as reviewers labelled them.
        reviewers: How they labelled known items.
        frame_total: The total if every advert of the frame were positive.
        level: Coverage of the interval.
        seed: Seed of the random draws.
        draws: Number of those.

    Raises:
        ValueError: See :func:`labelled_by_chance`.
    """
    reason = uninformed(reviewers)
    if reason is not None:
        return Estimate(None, reason=reason)
    possible, centre = possible_truth(
        strata, reviewers, frame_total=frame_total, seed=seed, draws=draws
    )
    low, high = ends(possible, level)
    return Estimate(centre, min(low, centre), max(high, centre))


def possible_truth(
    strata: Sequence[StratumDraws],
    reviewers: ReviewerError | None,
    *,
    frame_total: float,
    seed: int = 0,
    draws: int = DRAWS,
) -> tuple[Possible, float]:
    """Return random draws of the lowest and highest true totals, and the corrected total.

    Arguments as in :func:`estimate_total_with_errors`; without reviewers' error labels are true.
    """
    apparent = float(sum(one.estimate for one in strata))
    if reviewers is None:
        return possible_totals(strata, seed=seed, draws=draws), apparent
    drawn = possible_totals(labelled_by_chance(strata), seed=seed, draws=draws)
    value = corrected_share(
        apparent / frame_total, 1 - reviewers.specificity.share, reviewers.sensitivity.share
    )
    return correct(drawn, reviewers, frame_total, seed=seed), float(value) * frame_total


def labelled_by_chance(strata: Sequence[StratumDraws]) -> list[StratumDraws]:
    """Return draws whose labels may be wrong: where all adverts are labelled, chance is left too.

    Raises:
        ValueError: A stratum taken whole gives its total alone, which hides how labels may vary.
    """
    for one in strata:
        if one.certain:
            raise ValueError(
                f"stratum {one.name} is certain, but reviewers err; give its labels with "
                "advert_draws, all of them"
            )
    return [replace(one, finite=None) for one in strata]


def correct(
    possible: Possible, reviewers: ReviewerError, frame_total: float, *, seed: int = 0
) -> Possible:
    """Return draws of the true total behind draws of the apparent one, see above."""
    rng = np.random.default_rng([seed, 1])
    draws = len(possible.low)
    right = reviewers.sensitivity.possible(rng, draws)
    quiet = reviewers.specificity.possible(rng, draws)
    return Possible(
        corrected_share(possible.low / frame_total, 1 - quiet.low, right.high) * frame_total,
        _highest(possible.high / frame_total, 1 - quiet.high, right.low) * frame_total,
    )


def _highest(apparent: Floats, false_alarms: Floats, sensitivity: Floats) -> Floats:
    """Return the highest true share; 1 where reviewers may be no better than chance."""
    blind = sensitivity <= false_alarms
    return np.where(blind, 1.0, corrected_share(apparent, false_alarms, sensitivity))
