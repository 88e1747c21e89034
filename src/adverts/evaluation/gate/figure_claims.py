"""Claims about a figure and a bar: not shown to be beyond it, or shown to be on its good side.

Most claims pass if a breach could have been seen and was not. Claims of the second kind must be
shown: a model that learned nothing, or has a recall near 0, has nothing to breach. They are decided
more strictly than the family-wise level requires.
"""

from __future__ import annotations

from dataclasses import replace

from adverts.errors import plural
from adverts.evaluation.figures import wording
from adverts.evaluation.gate.claims import HALF_WIDTH, Claim, p_value, standard_error
from adverts.evaluation.statistics.bootstrap import Estimate

_POWER = 0.8


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
        beyond=margin < 0,
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
    claim = replace(base, measured=measured, p_value=p_value(margin, error), adverts=adverts)
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
    return replace(claim, lack=f"{what} is not entirely {side}, so the claim is not shown{more}")


def _needed(margin: float, error: float, adverts: int) -> int | None:
    """Return about how many adverts would show the claim; None if these do, or no number would."""
    if margin <= 0:
        return None
    from scipy.stats import norm

    wanted = margin / (HALF_WIDTH + float(norm.ppf(_POWER)))
    return int(adverts * (error / wanted) ** 2) + 1 if wanted < error else None
