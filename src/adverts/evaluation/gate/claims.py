"""Claims that adverts can refute, the evidence against them, and Holm's test of many claims."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adverts.config.gate import Statistical
from adverts.evaluation.statistics.bootstrap import Estimate

HALF_WIDTH = 1.959964
"""Half the width of a 95 % interval, in standard errors."""
_RULE_OF_THREE = 1.8  # 3 / 1.645: 3/n is the upper 95 % bound of a share with no case among n


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement that a condition makes, with what the adverts show about it.

    Attributes:
        name: Name of the condition.
        condition: The condition that makes the claim.
        scope: Task, and slice where the claim is about one.
        wanted: What is required, in words.
        found: What was measured, in words.
        measured: The figure or difference; None where there is none.
        p_value: Chance of so bad a figure if the condition were just met; None: not testable.
        lack: Why the claim cannot be decided; None where it can.
        standard_error: Standard error of ``measured``; None where no normal test is made.
        slack: Tolerated distance from the bar; the test begins beyond it.
        must_see: Breach of the bar that the adverts must be able to show.
        adverts: Number of adverts that the claim rests on.
        part: Value of the slice, if it is of language, script and modality; otherwise None.
        share: Weight of the claim among the claims of its condition.
        beyond: Whether the figure itself is on the wrong side of the bar.
        tests: Number of comparisons within this claim, such as all pairs of slices.
        independent: Independent adverts that these are worth; None where it does not matter.
    """

    name: str
    condition: Statistical
    scope: str
    wanted: str
    found: str
    measured: Estimate | None = None
    p_value: float | None = None
    lack: str | None = None
    standard_error: float | None = None
    slack: float = 0.0
    must_see: float | None = None
    adverts: int = 0
    part: str | None = None
    share: float = 1.0
    beyond: bool = False
    tests: int = 1
    independent: float | None = None

    @property
    def few(self) -> str:
        """Say how few independent adverts there are, if they alone set the standard error."""
        if not self._is_bounded_by_worth:
            return ""
        return (
            f"; the positives or the others are worth only {self.independent:,.3g} independent "
            "adverts, since copies are no new evidence"
        )

    @property
    def _is_bounded_by_worth(self) -> bool:
        """Whether the standard error is no larger than the minimum set by ``independent``."""
        if self.independent is None or self.standard_error is None:
            return False
        return self.standard_error <= _RULE_OF_THREE / self.independent

    def visible(self, level: float, power: float) -> float | None:
        """Return the smallest breach of the bar that these adverts show at ``level``.

        Return None where the claim is not tested by a standard error.
        """
        if self.standard_error is None:
            return None
        return self.slack + _reach(level / self.tests, power) * self.standard_error

    def adverts_needed(self, level: float, power: float) -> int | None:
        """Return about how many adverts would show ``must_see``; None if that is unknown."""
        if self.standard_error is None or self.must_see is None or self.must_see <= self.slack:
            return None
        wanted = (self.must_see - self.slack) / _reach(level / self.tests, power)
        exponent = 1 if self._is_bounded_by_worth else 2  # the rule of three falls with the number
        return int(np.ceil(self.adverts * (self.standard_error / wanted) ** exponent))


def standard_error(measured: Estimate, *, independent: float) -> float | None:
    """Return the standard error that a 95 % interval implies; None without an interval.

    Args:
        measured: A figure with its interval.
        independent: Independent adverts behind the figure, see ``Evidence.independent``. They set
            a lower limit for the standard error; with less than one, the result is None.
    """
    if measured.low is None or measured.high is None or independent < 1:
        return None
    spread = (measured.high - measured.low) / (2 * HALF_WIDTH)
    return max(spread, _RULE_OF_THREE / independent)


def spread_of(samples: NDArray[np.float64], *, independent: float) -> float | None:
    """Return the standard error of paired resamples; None with fewer than two of them."""
    defined = samples[~np.isnan(samples)]
    if len(defined) < 2 or independent < 1:
        return None
    return max(float(defined.std(ddof=1)), _RULE_OF_THREE / independent)


def p_value(margin: float, error: float) -> float:
    """Return the chance of a figure this bad if the true value is just good enough.

    Args:
        margin: Distance of the figure from the bar; below 0 on the bad side.
        error: Standard error of the figure, above 0.
    """
    from scipy.stats import norm

    return float(norm.cdf(margin / error))


def _reach(level: float, power: float) -> float:
    """Return how many standard errors a breach must go beyond what is tolerated to be shown."""
    from scipy.stats import norm

    return float(norm.ppf(1 - level) + norm.ppf(power))


def rejected(p_values: Sequence[float], weights: Sequence[float], level: float) -> list[bool]:
    """Return which hypotheses are rejected, with at most ``level`` chance of a false rejection.

    This holds however the p-values depend on each other. Without hypotheses the list is empty.

    Args:
        p_values: One p-value for each hypothesis.
        weights: One weight above 0 for each hypothesis; more weight makes rejection easier. They
            need not sum to 1.
        level: Family-wise error rate.

    Raises:
        ValueError: Lengths differ, a weight is not above 0, or a p-value lies outside [0, 1].

    Source: Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal
    of Statistics 6, 1979, section 4 (weights).
    """
    p = np.asarray(p_values, dtype=np.float64)
    w = np.asarray(weights, dtype=np.float64)
    if p.shape != w.shape:
        raise ValueError(f"{len(p)} p-values and {len(w)} weights; wanted one weight for each")
    if not ((p >= 0) & (p <= 1)).all() or not (w > 0).all():
        raise ValueError("p-values must lie in [0, 1] and weights above 0")
    found = np.zeros(len(p), dtype=bool)
    left = float(w.sum())
    for i in np.argsort(p / w, kind="stable"):
        if p[i] > level * w[i] / left:
            break
        found[i] = True
        left -= float(w[i])
    return found.tolist()
