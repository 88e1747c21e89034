"""Correct the differences of several runs to one reference for the number of comparisons."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from adverts.errors import plural
from adverts.evaluation.comparison.compared import ComparedFigure, DecisionsCompared
from adverts.evaluation.comparison.compared import answer as answer_of
from adverts.evaluation.comparison.power import POWER, smallest_visible, standard_error
from adverts.evaluation.statistics.bootstrap import LEVEL, Estimate
from adverts.evaluation.statistics.significance import expanded, rejected, simultaneous_errors
from adverts.judging.run_comparison import RunAnswer, RunDecisions, RunFigure

TOO_LITTLE: RunAnswer = "too little evidence"
_EXACT_ALPHA = (1 - LEVEL) / 2


@dataclass(frozen=True, slots=True)
class _Correction:
    """How wide intervals must be for a whole group of differences.

    Attributes:
        errors: Standard errors on each side.
        count: Number of differences in the group.
        scale: Factor of the exact intervals of differences without spread.
    """

    errors: float
    count: int
    scale: float


def corrected_figures(
    pairs: Mapping[str, Sequence[ComparedFigure]],
    reference: str,
    *,
    relevant: float,
    min_independent: float,
) -> list[RunFigure]:
    """Return a row for each figure and run, with intervals that hold together in 95 % of cases.

    The intervals are the difference and a number of standard errors on both sides, by max-T over
    all rows, see ``significance.simultaneous_errors``. Standard errors of few adverts are expanded,
    see ``significance.expanded``. None is narrower than its own 95 % interval.
    A difference that no resample changes keeps its exact interval, widened as by Bonferroni.

    Args:
        pairs: Maps each run to its figures against the reference, all on the same resamples and
            in the same order.
        reference: Name of the reference.
        relevant: The smallest difference that matters.
        min_independent: Independent adverts below which a figure is too little evidence.
    """
    correction = _correction([one for found in pairs.values() for one in found])
    rows = []
    for position, of_reference in enumerate(next(iter(pairs.values()), ())):
        rows.append(_row(reference, of_reference, of_reference.champion))
        for run, found in pairs.items():
            row = found[position]
            rows.append(
                _against(run, row, correction, relevant=relevant, min_independent=min_independent)
            )
    return rows


def _correction(figures: Sequence[ComparedFigure]) -> _Correction:
    found = [one for one in figures if one.difference.low is not None and len(one.samples)]
    count = max(len(found), 1)
    scale = math.log(_EXACT_ALPHA / count) / math.log(_EXACT_ALPHA)
    if not found:
        return _Correction(NormalDist().inv_cdf((1 + LEVEL) / 2), count, scale)
    points = np.array([one.difference.value for one in found], dtype=np.float64)
    samples = np.stack([one.samples for one in found], axis=1)
    return _Correction(simultaneous_errors(points, samples, LEVEL), count, scale)


def _against(
    run: str,
    one: ComparedFigure,
    correction: _Correction,
    *,
    relevant: float,
    min_independent: float,
) -> RunFigure:
    gap, error = _widened(one, correction)
    visible = one.smallest_visible
    if visible and error is not None:  # 0 between two models that say the same
        beyond = (correction.errors + NormalDist().inv_cdf(POWER)) * error
        visible = max(beyond, smallest_visible(error, one.independent), visible)
    said = answer_of(one.figure, gap, visible, relevant)
    answer: RunAnswer = TOO_LITTLE if said == "not enough data" else said
    reason = ""
    if one.independent < min_independent and visible != 0.0:
        answer = TOO_LITTLE
        reason = (
            f"{plural(round(one.independent), 'independent advert')}, wanted {min_independent:g}"
        )
    elif answer == TOO_LITTLE and visible is not None:
        reason = f"these adverts show {visible:.3f} or more"
    elif answer in ("better", "worse") and _is_within(gap, relevant):
        reason = f"by less than {relevant:g}"
    reason = "; ".join(dict.fromkeys(word for word in (reason, gap.reason) if word))
    return _row(run, one, one.candidate, gap=gap, answer=answer, reason=reason, visible=visible)


def _is_within(gap: Estimate, relevant: float) -> bool:
    return gap.low is not None and gap.high is not None and max(-gap.low, gap.high) < relevant


def _widened(one: ComparedFigure, correction: _Correction) -> tuple[Estimate, float | None]:
    """Return a difference with its corrected interval, and its standard error."""
    gap = one.difference
    if gap.value is None or gap.low is None or gap.high is None:
        return gap, None
    if one.independent < 2:
        return Estimate(gap.value, reason="fewer than two independent adverts"), None
    found = standard_error(one.samples)
    error = None if found is None else expanded(found, one.independent, LEVEL)
    reach = correction.errors * (error or 0.0)
    below, above = gap.value - gap.low, gap.high - gap.value
    if not error:
        below, above = below * correction.scale, above * correction.scale
    low, high = gap.value - max(reach, below), gap.value + max(reach, above)
    return Estimate(gap.value, low, high, gap.reason), error


def _row(
    run: str,
    one: ComparedFigure,
    value: Estimate,
    *,
    gap: Estimate | None = None,
    answer: RunAnswer | None = None,
    reason: str = "",
    visible: float | None = None,
) -> RunFigure:
    return RunFigure(
        task=one.task,
        figure=one.figure,
        slice=one.slice,
        run=run,
        value=value.value,
        low=value.low,
        high=value.high,
        difference=gap.value if gap else None,
        difference_low=gap.low if gap else None,
        difference_high=gap.high if gap else None,
        answer=answer,
        reason=reason or (value.reason or "" if gap is None else ""),
        smallest_visible=visible,
        independent=one.independent,
    )


def corrected_decisions(pairs: Mapping[str, Sequence[DecisionsCompared]]) -> list[RunDecisions]:
    """Return the decisions of each run against the reference, with Holm's correction over all.

    A test that shows nothing is too little evidence: it never shows that two runs decide alike.
    """
    asked = [(run, one) for run, found in pairs.items() for one in found]
    p_values = [one.p_value for _, one in asked]
    shown = rejected(p_values, [1.0] * len(asked), 1 - LEVEL)
    return [
        _decided(run, one, is_shown=is_shown)
        for (run, one), is_shown in zip(asked, shown, strict=True)
    ]


def _decided(run: str, one: DecisionsCompared, *, is_shown: bool) -> RunDecisions:
    wins = one.only_candidate_right > one.only_champion_right
    answer: RunAnswer = ("better" if wins else "worse") if is_shown else TOO_LITTLE
    return RunDecisions(
        run=run,
        task=one.task,
        label=one.label,
        purpose=one.purpose,
        only_run_right=one.only_candidate_right,
        only_reference_right=one.only_champion_right,
        p_value=one.p_value,
        answer=answer,
    )


def chosen(
    figures: Sequence[ComparedFigure], names: Collection[str], headline: str
) -> tuple[ComparedFigure, ...]:
    """Return the figures with these names on all adverts, those of the headline task first."""
    found = [one for one in figures if not one.slice and one.figure in names]
    return tuple(sorted(found, key=lambda one: one.task != headline))
