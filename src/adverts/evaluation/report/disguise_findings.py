"""What disguises cost a model: recall lost, and false alarms gained."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adverts.evaluation.figures.wording import with_interval
from adverts.evaluation.report import page_parts
from adverts.evaluation.report.finding import Finding, lost
from adverts.evaluation.report_content import Report
from adverts.evaluation.robustness.robustness_results import Perturbed
from adverts.evaluation.statistics.bootstrap import Estimate

ALARMS_COUNT = 10
"""How many times a false alarm counts, as in the colours of the tables of disguises."""


def of_disguises(report: Report) -> Iterator[Finding]:
    """Yield at most two findings for each disguise: recall and alarms at its worst strength."""
    tried = report.robustness.perturbed if report.robustness else ()
    learnt = report.robustness.learnt if report.robustness else ()
    by_name: dict[tuple[str, str], list[Perturbed]] = {}
    for one in tried:
        by_name.setdefault((one.kind, one.name), []).append(one)
    for strengths in by_name.values():
        kept = [(lost(1.0, one.recall_kept), one) for one in strengths]
        if found := _worst(kept):
            harm, one = found
            yield Finding(
                "disguise",
                f"Recall kept under {_name(one, learnt)}: {with_interval(one.recall_kept)}.",
                "robustness",
                harm,
            )
        gained = [(_times(one.false_positives_gained, ALARMS_COUNT), one) for one in strengths]
        if found := _worst(gained):
            harm, one = found
            share = with_interval(one.false_positives_gained, sign=True)
            yield Finding(
                "false alarms",
                f"False positives gained under {_name(one, learnt)}: {share} of the others.",
                "robustness",
                harm,
            )


def _worst(found: Sequence[tuple[Estimate, Perturbed]]) -> tuple[Estimate, Perturbed] | None:
    judged = [one for one in found if one[0].low is not None]
    return max(judged, key=lambda one: (one[0].low or 0.0, one[0].value or 0.0), default=None)


def _times(figure: Estimate, times: float) -> Estimate:
    if figure.value is None or figure.low is None or figure.high is None:
        return Estimate(None, reason=figure.reason)
    value, low, high = (min(1.0, times * end) for end in (figure.value, figure.low, figure.high))
    return Estimate(value, low, high)


def _name(one: Perturbed, learnt: Sequence[str]) -> str:
    known = ", which training learnt" if one.name in learnt else ""
    return f"{page_parts.plain(one.name)}, {page_parts.plain(one.strength)}{known}"
