"""The claim that no slice of a dimension is too far behind another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import permutations

import numpy as np

from adverts.config.gate import SliceGap
from adverts.evaluation.figures import wording
from adverts.evaluation.figures.figures_by_kind import LOWER_IS_BETTER
from adverts.evaluation.figures.planned_slices import Slice
from adverts.evaluation.gate.claims import Claim, standard_error
from adverts.evaluation.report_content import Report, figure_of
from adverts.evaluation.statistics.bootstrap import Estimate
from adverts.evaluation.statistics.significance import p_value

_NAMED = 8  # slices without a figure that are named one by one


def slice_gap_claims(name: str, asked: SliceGap, report: Report) -> Iterator[Claim]:
    """Yield one claim about all pairs of slices: the likeliest breach, corrected for their number.

    A slice without a figure may be the one that is behind. The claim then lacks evidence however
    equal the other slices are, but they can still refute it.
    """
    title = wording.or_plain(asked.figure, report.evaluation.settings.precision)
    found = (part for _, part in report.parts(asked.task, asked.by))
    parts = [part for part in found if isinstance(part, Slice)]
    if not parts:
        return
    scope = f"{asked.task or report.evaluation.headline}, by {asked.by}"
    wanted = f"{title}: worst {asked.by} at most {wording.number(asked.at_most)} behind the best"
    usable, unusable = _measured(parts, asked.figure)
    base = Claim(name, asked, scope, wanted, f"{len(usable)} of {len(parts)} parts have a figure")
    lack = _lack(unusable)
    if len(usable) < 2:
        few = "fewer than two parts have enough evidence for a figure"
        yield replace(base, lack=f"{few}; {lack}" if lack else few)
        return
    yield replace(_widest(base, asked, usable), lack=lack)


@dataclass(frozen=True, slots=True)
class _Measured:
    """A slice with its figure, where larger is better, and the standard error of the figure."""

    part: Slice
    value: float
    error: float


def _measured(parts: Sequence[Slice], figure: str) -> tuple[list[_Measured], list[Slice]]:
    """Return the slices that have a figure, and those that have none."""
    sign = -1 if figure in LOWER_IS_BETTER else 1
    usable, unusable = [], []
    for part in parts:
        measured, lack = figure_of(part, figure)
        error = None
        if measured is not None and lack is None:
            error = standard_error(measured, independent=part.evidence.independent)
        if measured is None or measured.value is None or error is None:
            unusable.append(part)
        else:
            usable.append(_Measured(part, sign * measured.value, error))
    return usable, unusable


def _widest(base: Claim, asked: SliceGap, usable: Sequence[_Measured]) -> Claim:
    pairs = list(permutations(usable, 2))
    errors = [float(np.hypot(best.error, worst.error)) for best, worst in pairs]
    gaps = [best.value - worst.value for best, worst in pairs]
    tested = [
        (p_value(asked.at_most - gap, error), i)
        for i, (gap, error) in enumerate(zip(gaps, errors, strict=True))
    ]
    lowest, at = min(tested)
    best, worst = pairs[at]
    dimmest = int(np.argmax(errors))  # a breach that this pair cannot show may be missed
    tests = len(pairs)  # either of the two slices may be behind
    told = f"{wording.number(gaps[at])} between {best.part.value} and {worst.part.value}"
    return replace(
        base,
        found=f"{told} ({base.found})",
        measured=Estimate(gaps[at], reason="the likeliest breach of all pairs"),
        p_value=min(1.0, lowest * tests),
        standard_error=errors[dimmest],
        must_see=asked.must_see,
        adverts=sum(one.part.evidence.adverts for one in pairs[dimmest]),
        errors_above=(asked.at_most - gaps[at]) / errors[at],
        tests=tests,
    )


def _lack(unusable: Sequence[Slice]) -> str | None:
    """Name the slices without a figure; None if every slice has one."""
    if not unusable:
        return None
    named = [f"{one.value} ({one.evidence.lack or 'no figure'})" for one in unusable[:_NAMED]]
    rest = len(unusable) - len(named)
    more = f" and {rest} more" if rest else ""
    return (
        f"no figure of {', '.join(named)}{more}: any of them may be behind; label more of them, "
        "or let the gate only report this condition: gate.conditions.NAME.if_insufficient=report"
    )
