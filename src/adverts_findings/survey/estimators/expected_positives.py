"""Observed against expected positives in each stratum: the alarm that calibration has drifted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scipy.stats import binom

from adverts.evaluation.statistics.bootstrap import LEVEL
from adverts_findings.survey.designs.strata import Stratum
from adverts_findings.survey.estimators.trend import holm


@dataclass(frozen=True, slots=True)
class StratumCheck:
    """The labels of one stratum beside what calibration expects of them.

    Attributes:
        name: Name of the stratum.
        observed: Number of positive labels.
        expected: Number of positive labels that calibration expects.
        p_value: Chance of a number as far off if calibration is right, two-sided, with the number
            of strata paid for.
    """

    name: str
    observed: int
    expected: float
    p_value: float

    def drifted(self, level: float = LEVEL) -> bool:
        """Return whether so many or so few positives contradict the calibration."""
        return self.p_value < 1 - level


def check_expected(
    strata: Sequence[Stratum], labels: Sequence[int], positives: Sequence[int]
) -> list[StratumCheck]:
    """Compare the positives of each stratum with what calibration expects.

    The p-values are those of a binomial, which varies at least as much as draws of any design here.

    Source: Clopper and Pearson, 1934 (both tails doubled); Holm, 1979.

    Args:
        strata: Strata of the frame, with their expected positives.
        labels: Number of labels of each.
        positives: How many of them are positive.

    Raises:
        ValueError: A stratum has more positives than labels.
    """
    raw = []
    for one, n, x in zip(strata, labels, positives, strict=True):
        if not 0 <= x <= n:
            raise ValueError(f"stratum {one.name}: {x} positives among {n} labels")
        share = one.expected_share
        tail = min(float(binom.cdf(x, n, share)), float(binom.sf(x - 1, n, share)))
        raw.append(min(1.0, 2 * tail))
    return [
        StratumCheck(one.name, x, n * one.expected_share, p)
        for one, n, x, p in zip(strata, labels, positives, holm(raw), strict=True)
    ]
