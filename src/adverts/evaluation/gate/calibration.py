"""Claims that stated probabilities can be believed, also where positives are rare."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from adverts.evaluation.figures import wording
from adverts.evaluation.gate.claims import Claim
from adverts.evaluation.gate.claims_on_figures import against_bar, shown_above
from adverts.evaluation.gate.conditions import CalibrationError
from adverts.evaluation.gate.report_parts import Part, asked_parts, figure_of, figure_title
from adverts.evaluation.report_content import Report
from adverts.evaluation.statistics.bootstrap import Estimate
from adverts.evaluation.statistics.stated import CALIBRATION_ERROR, ERROR_AT_TOP, LOG_LOSS_SKILL


def calibration_claims(name: str, asked: CalibrationError, report: Report) -> Iterator[Claim]:
    """Yield three claims: the gap of all adverts, that of the likeliest, and some skill.

    Any of the first two alone holds for a model that says nothing: 0 for every advert is off by no
    more than the share of positives. The skill is then far below 0.
    """
    bars = ((CALIBRATION_ERROR, asked.must_see), (ERROR_AT_TOP, asked.must_see_at_top))
    for part in asked_parts(report, asked.task, None):
        for figure, must_see in bars:
            yield _gap(name, asked, report, part, figure=figure, must_see=must_see)
        yield _skill(name, asked, report, part)


def _gap(
    name: str, asked: CalibrationError, report: Report, part: Part, *, figure: str, must_see: float
) -> Claim:
    measured, lack = figure_of(part, figure)
    title = figure_title(figure, report.evaluation)
    claim = against_bar(
        Claim(name, asked, _scope(part, figure), "", _found(measured), measured),
        asked.at_most,
        low_is_good=True,
        independent=part.evidence.independent,
        must_see=must_see,
        adverts=part.evidence.adverts,
    )
    wanted = f"{title} at most {wording.number(asked.at_most)}"
    return replace(claim, wanted=wanted, lack=lack or claim.lack)


def _skill(name: str, asked: CalibrationError, report: Report, part: Part) -> Claim:
    measured, lack = figure_of(part, LOG_LOSS_SKILL)
    title = figure_title(LOG_LOSS_SKILL, report.evaluation)
    wanted = f"{title} above 0, by the lower end of its interval"
    base = Claim(name, asked, _scope(part, LOG_LOSS_SKILL), wanted, _found(measured), measured)
    if measured is None or lack is not None:
        return replace(base, lack=lack)
    evidence = part.evidence
    return shown_above(
        base, measured, 0.0, independent=evidence.independent, adverts=evidence.adverts
    )


def _scope(part: Part, figure: str) -> str:
    what = {ERROR_AT_TOP: ", the likeliest", LOG_LOSS_SKILL: ", beside the base rate"}
    return part.scope + what.get(figure, "")


def _found(measured: Estimate | None) -> str:
    return wording.with_interval(measured) if measured else ""
