"""The estimate by design: a total and its interval, valid whatever the scores are worth."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from adverts.evaluation.statistics.bootstrap import LEVEL, Estimate
from adverts_findings.survey.designs.strata import StratumDraws
from adverts_findings.survey.estimators.confidence_draws import DRAWS, Possible, possible_totals

MOST_OF_ONE_DRAW = 0.05
"""A total cannot be given where one unseen positive could add more than this share of the frame."""
FEWEST_LABELS = 30
"""Below this number of labels nothing is said of a frame or group: 3 / 30 is a tenth of it."""


def estimate_total(
    strata: Sequence[StratumDraws],
    *,
    frame_total: float,
    level: float = LEVEL,
    seed: int = 0,
    draws: int = DRAWS,
) -> Estimate:
    """Return the total of all strata with its interval by design.

    Without a positive the lower end is 0 and the upper end a bound of about 3.7 times the largest
    weight of a label (3 times it if all error is on one side). The upper end is at most the frame.

    Source: :mod:`confidence_draws`. Coverage: ``experiments/0026-estimates``.

    Args:
        strata: Draws of each stratum.
        frame_total: The total if every advert of the frame were positive.
        level: Coverage of the interval, in (0, 1).
        seed: Seed of the random draws that add the strata.
        draws: Number of those.

    Raises:
        ValueError: The level is not in (0, 1), or the frame total is not above 0.
    """
    _check(level, frame_total)
    value = sum(one.estimate for one in strata)
    low, high = ends(possible_totals(strata, seed=seed, draws=draws), level)
    return Estimate(float(value), max(0.0, min(low, value)), min(max(high, value), frame_total))


def unsayable(strata: Sequence[StratumDraws], frame_total: float) -> str | None:
    """Return why a total cannot be given, or None; known before anyone has labelled anything.

    One advert that was not drawn could then change the figure too much, as a total of views does
    whose most seen adverts were not taken whole. Numbers of adverts can always be given: each
    counts 1, and their interval is as wide as few labels make it.
    """
    most = max(
        (one.largest / len(one.values) for one in strata if len(one.values)),
        default=0.0,
    )
    if most <= MOST_OF_ONE_DRAW * frame_total:
        return None
    return (
        f"cannot say: one positive that was not drawn could add {most / frame_total:.0%} of the "
        f"frame, want at most {MOST_OF_ONE_DRAW:.0%}; take the largest whole or draw more"
    )


def too_few_labels(labels: int, adverts: float) -> str | None:
    """Return why nothing is said of a frame or group with this number of labels, or None.

    Args:
        labels: Adverts of it that were labelled, each counted once.
        adverts: All its adverts; where each was labelled, few are enough.
    """
    if labels >= min(FEWEST_LABELS, adverts):
        return None
    return f"cannot say: {labels} labels of {adverts:,.0f} adverts, want at least {FEWEST_LABELS}"


def ends(possible: Possible, level: float) -> tuple[float, float]:
    """Return the ends of the interval that draws of the lowest and highest totals give."""
    tail = (1 - level) / 2
    low = np.quantile(possible.low, tail, method="lower")
    high = np.quantile(possible.high, 1 - tail, method="higher")
    return float(low), float(high)


def _check(level: float, frame_total: float) -> None:
    if not 0 < level < 1:
        raise ValueError(f"the level of an interval must be in (0, 1), got {level:g}")
    if not frame_total > 0:
        raise ValueError(f"the frame's total must be above 0, got {frame_total:g}")
