"""Claims that adverts can refute: not shown to be beyond a bar, or shown to be on its good side.

Most claims pass if a breach could have been seen and was not. Claims of the second kind must be
shown: a model that learned nothing, or has a recall near 0, has nothing to breach. They are decided
more strictly than the family-wise level requires.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from adverts.arrays import Floats
from adverts.config.gate import Statistical
from adverts.errors import plural
from adverts.evaluation.figures import wording
from adverts.evaluation.statistics.bootstrap import Estimate
from adverts.evaluation.statistics.significance import errors_to_show, p_value, resampled_error

HALF_WIDTH = 1.959964
"""Half the width of a 95 % interval, in standard errors."""
_POWER = 0.8
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
        errors_above: By how many standard errors the figure is on the good side of the bar; None
            where the claim does not ask for the figure itself to be there.
        is_shown: Whether the claim must be shown, with its whole interval, and not only hold.
        tests: Number of comparisons within this claim, such as all pairs of slices.
        independent: Independent adverts that these are worth; None where it does not matter.
        enough: About how many adverts like these would decide what ``lack`` leaves open; None where
            that is unknown.
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
    errors_above: float | None = None
    is_shown: bool = False
    tests: int = 1
    independent: float | None = None
    enough: int | None = None

    @property
    def few(self) -> str:
        """Say how few independent adverts there are, if they alone set the standard error."""
        if not self._is_bounded_by_worth:
            return ""
        return (
            f"; the positives or the others are equivalent to only {self.independent:,.3g} "
            "independent adverts, since copies are no new evidence"
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
        return self.slack + errors_to_show(level / self.tests, power) * self.standard_error

    def adverts_needed(self, level: float, power: float) -> int | None:
        """Return about how many adverts would show ``must_see``; None if that is unknown."""
        if self.standard_error is None or self.must_see is None or self.must_see <= self.slack:
            return None
        wanted = (self.must_see - self.slack) / errors_to_show(level / self.tests, power)
        exponent = 1 if self._is_bounded_by_worth else 2  # the rule of three falls with the number
        return int(np.ceil(self.adverts * (self.standard_error / wanted) ** exponent))


@dataclass(frozen=True, slots=True)
class QueueBar:
    """The least average precision that is asked for where a share of the adverts is positive.

    A list in random order has the average precision ``share``. The bar is that of the condition,
    and never below the harmonic mean of ``share`` and 1, which is half of the precision gain:
    otherwise a bar of 0.6 would ask nothing where three of four are positive.

    Source: P. Flach and M. Kull, "Precision-Recall-Gain Curves" (2015).

    Attributes:
        asked: Bar of the condition.
        share: Share of positives; None where it is not known or the figure is another.
    """

    asked: float
    share: float | None

    @property
    def value(self) -> float:
        """The bar."""
        share = self.share or 0.0
        return max(self.asked, 2 * share / (1 + share))

    @property
    def words(self) -> str:
        """The bar, and why it is higher than that of the condition, where it is."""
        if self.share is None or self.value == self.asked:
            return wording.number(self.asked)
        return (
            f"{wording.number(self.value)} ({wording.number(self.asked)} says little where random "
            f"ordering has {wording.number(self.share)})"
        )


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


def spread_of(samples: Floats, *, independent: float) -> float | None:
    """Return the standard error of paired resamples; None with fewer than two of them."""
    spread = resampled_error(samples)
    if spread is None or independent < 1:
        return None
    return max(spread, _RULE_OF_THREE / independent)


def against_bar(
    base: Claim,
    bar: float,
    *,
    low_is_good: bool,
    independent: float,
    must_see: float,
    adverts: int,
) -> Claim:
    """Return the claim that the measured figure of ``base`` is on the good side of a bar.

    Args:
        base: Claim with its names and the measured figure.
        bar: Largest allowed figure with ``low_is_good``, otherwise the smallest.
        low_is_good: Whether a low figure is good.
        independent: Independent adverts behind the figure.
        must_see: Breach that the adverts must be able to show.
        adverts: Number of adverts behind the figure.
    """
    measured = base.measured
    found = base.found or (wording.with_interval(measured) if measured else "")
    if measured is None or measured.value is None:
        return replace(base, found=found, lack=(measured and measured.reason) or "not measured")
    error = standard_error(measured, independent=independent)
    if error is None:
        return replace(base, found=found, lack=measured.reason or "it has no interval")
    margin = (bar - measured.value) if low_is_good else (measured.value - bar)
    return replace(
        base,
        found=found,
        p_value=p_value(margin, error),
        standard_error=error,
        must_see=must_see,
        adverts=adverts,
        errors_above=margin / error,
        independent=independent,
    )


def shown_above(
    base: Claim,
    measured: Estimate,
    bar: float,
    *,
    independent: float,
    adverts: int,
    low_is_good: bool = False,
) -> Claim:
    """Return the claim that a figure is above a bar; with ``low_is_good``, minus the figure.

    The claim is refuted if the figure is shown to be below the bar. Otherwise it lacks evidence
    unless two ends are above: that of the interval, and that of a normal interval with the standard
    error. The second guards against a bootstrap that shows too little spread.

    Args:
        base: Claim with its names.
        measured: The figure or difference with its interval.
        bar: Value that the figure must exceed.
        independent: Independent adverts behind the figure.
        adverts: Number of adverts behind the figure.
        low_is_good: Whether a low figure is good.
    """
    error = standard_error(measured, independent=independent)
    sign = -1 if low_is_good else 1
    end = measured.high if low_is_good else measured.low
    if measured.value is None or end is None or error is None:
        return replace(base, measured=measured, lack=measured.reason or "it has no interval")
    margin = sign * measured.value - bar
    claim = replace(
        base,
        measured=measured,
        p_value=p_value(margin, error),
        adverts=adverts,
        errors_above=margin / error,
        is_shown=True,
    )
    if min(sign * end, sign * measured.value - HALF_WIDTH * error) > bar:
        return claim
    side = f"below {wording.number(-bar)}" if low_is_good else f"above {wording.number(bar)}"
    what = "the interval"
    if sign * end > bar:  # a bootstrap of few adverts shows too little spread
        reaches = wording.number(measured.value - sign * HALF_WIDTH * error)
        verb = "ends" if sign < 0 else "begins"
        what = f"the interval for so few adverts, which {verb} at {reaches},"
    few = replace(claim, standard_error=error, independent=independent).few
    needed = None if few else _needed(margin, error, adverts)
    more = f"; about {plural(needed, 'advert')} like these would show it" if needed else few
    lack = f"{what} is not entirely {side}, so the claim is not shown{more}"
    return replace(claim, lack=lack, enough=needed)


def _needed(margin: float, error: float, adverts: int) -> int | None:
    """Return about how many adverts would show the claim; None if these do, or no number would."""
    if margin <= 0:
        return None
    from scipy.stats import norm

    wanted = margin / (HALF_WIDTH + float(norm.ppf(_POWER)))
    return int(adverts * (error / wanted) ** 2) + 1 if wanted < error else None
