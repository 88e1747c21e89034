"""Statements that adverts can refute, how strongly they do, and Holm's test of many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adverts.config.gate import Statistical
from adverts.evaluation.statistics.bootstrap import Estimate

HALF_WIDTH = 1.959964
"""Of a 95 % interval, in standard errors."""
_RULE_OF_THREE = 1.8  # 3 / 1.645: 3/n is the upper 95 % bound of a share with no case among n


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement, with what the adverts say of it.

    Attributes:
        name: Of the condition.
        condition: What is asked.
        scope: Task, and slice where it is about one.
        wanted: What is asked for, in words.
        found: What was measured, in words.
        measured: The figure or difference; None where there is none.
        p_value: Chance of so bad a figure if the condition were just met; None: not testable.
        lack: Why it cannot be told; None where it can.
        standard_error: Of what was measured; None where no normal test is made.
        slack: How far from the bar to where the test begins: what is tolerated.
        must_see: Breach of the bar that the adverts must be able to show.
        adverts: That it rests on.
        part: Value of the slice, where it is of language, script and modality; else None.
        share: Weight within its condition, beside its other claims.
        beyond: The figure itself stands on the wrong side of the bar.
        tests: Comparisons that hide in this one claim, such as all pairs of slices.
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
        """Say how little the adverts are worth, where that alone decides how sure a figure is."""
        if not self._is_bounded_by_worth:
            return ""
        return (
            f"; positives or others are worth only {self.independent:,.3g} independent adverts, "
            "where copies are no new evidence"
        )

    @property
    def _is_bounded_by_worth(self) -> bool:
        """Is the standard error the one of a figure that no resample changes, or a smaller one?"""
        if self.independent is None or self.standard_error is None:
            return False
        return self.standard_error <= _RULE_OF_THREE / self.independent

    def visible(self, level: float, power: float) -> float | None:
        """Return the smallest breach of the bar that these adverts show at ``level``.

        None where the claim is tested otherwise than by a standard error.
        """
        if self.standard_error is None:
            return None
        return self.slack + _reach(level / self.tests, power) * self.standard_error

    def adverts_needed(self, level: float, power: float) -> int | None:
        """Return about how many adverts would show ``must_see``; None where it cannot be told."""
        if self.standard_error is None or self.must_see is None or self.must_see <= self.slack:
            return None
        wanted = (self.must_see - self.slack) / _reach(level / self.tests, power)
        exponent = 1 if self._is_bounded_by_worth else 2  # the rule of three falls with the number
        return int(np.ceil(self.adverts * (self.standard_error / wanted) ** exponent))


def standard_error(measured: Estimate, *, independent: float) -> float | None:
    """Return the standard error that a 95 % interval shows; None where there is none.

    Args:
        measured: A figure with its interval.
        independent: Independent adverts that it rests on, see ``Evidence.independent``; it is never
            taken as more certain than these allow.
    """
    if measured.low is None or measured.high is None or independent < 1:
        return None
    spread = (measured.high - measured.low) / (2 * HALF_WIDTH)
    return max(spread, _RULE_OF_THREE / independent)


def spread_of(samples: NDArray[np.float64], *, independent: float) -> float | None:
    """Return the standard error that paired resamples show; None with fewer than two of them."""
    defined = samples[~np.isnan(samples)]
    if len(defined) < 2 or independent < 1:
        return None
    return max(float(defined.std(ddof=1)), _RULE_OF_THREE / independent)


def p_value(margin: float, error: float) -> float:
    """Return the chance of a figure this bad where the truth is just good enough.

    Args:
        margin: How far the figure is on the good side; below 0: on the bad side.
        error: Its standard error, above 0.
    """
    from scipy.stats import norm

    return float(norm.cdf(margin / error))


def _reach(level: float, power: float) -> float:
    """Return how many standard errors lie between the border and a breach that is shown."""
    from scipy.stats import norm

    return float(norm.ppf(1 - level) + norm.ppf(power))


def rejected(p_values: Sequence[float], weights: Sequence[float], level: float) -> list[bool]:
    """Tell which hypotheses are rejected, with at most ``level`` chance of any false rejection.

    It holds however the p-values depend on each other. No hypothesis: an empty list.

    Args:
        p_values: One for each hypothesis.
        weights: Above 0; a hypothesis of more weight is rejected sooner. They need not sum to 1.
        level: Family-wise.

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
