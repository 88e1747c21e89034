"""Claims that a model is better than a reference, and that its probabilities are right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from adverts.config.gate import CalibrationError, Lift
from adverts.evaluation.figures import wording
from adverts.evaluation.figures.figures_by_kind import LOWER_IS_BETTER
from adverts.evaluation.figures.task_summary import BASELINE, MAJORITY, TaskSummary
from adverts.evaluation.gate.claims import Claim
from adverts.evaluation.gate.figure_claims import against_bar, shown_above
from adverts.evaluation.gate.gate_facts import GateFacts
from adverts.evaluation.gate.report_parts import (
    ReportPart,
    asked_parts,
    figure_of,
    figure_title,
    task_of,
)
from adverts.evaluation.report_content import Report
from adverts.evaluation.statistics.bootstrap import Estimate
from adverts.evaluation.statistics.stated_probabilities import (
    CALIBRATION_ERROR,
    ERROR_AT_TOP,
    LOG_LOSS_SKILL,
)


def lift_claims(name: str, asked: Lift, report: Report, facts: GateFacts) -> Iterator[Claim]:
    """Yield the one claim that a figure exceeds that of a reference, on the same resamples.

    The claim is refuted, and the condition fails, if the model is shown to be below the bar. It
    holds if the whole interval is above; anything between is undecided. tf-idf itself is not
    compared with tf-idf.
    """
    task, summary = asked.task or report.evaluation.headline, task_of(report, asked.task)
    title = figure_title(asked.figure, report.evaluation)
    wanted = f"{title} {_bar(asked)}, by the lower end of its interval"
    base = Claim(name, asked, f"{task}, over {wording.the(asked.over)}", wanted, "")
    gap = _gap(summary, asked) if summary else None
    if gap is not None and summary is not None:
        yield shown_above(
            replace(base, found=_found(gap, summary, asked)),
            gap,
            asked.above,
            independent=summary.evidence.independent,
            adverts=summary.evidence.adverts,
            low_is_good=asked.figure in LOWER_IS_BETTER,
        )
    elif asked.over == BASELINE and facts.is_tfidf:
        told = "for tf-idf, only the lift over the majority class is judged"
        condition = asked.model_copy(update={"if_insufficient": "report"})
        yield replace(base, condition=condition, found="the model is tf-idf itself", lack=told)
    else:
        yield replace(base, lack=_why_nothing(asked, summary, facts))


def _gap(summary: TaskSummary, asked: Lift) -> Estimate | None:
    wanted = (asked.figure, asked.over)
    found = (one for one in summary.comparisons if (one.figure, one.reference) == wanted)
    return next((one.difference for one in found), None)


def _found(gap: Estimate, summary: TaskSummary, asked: Lift) -> str:
    names = [next(iter(summary.models), None)]
    names += [one for one in summary.models if one.model == asked.over]
    said = [one.figures[asked.figure].value for one in names if one and asked.figure in one.figures]
    told = wording.with_interval(gap, sign=True)
    return f"{told}: {' against '.join(map(wording.number, said))}" if len(said) == 2 else told


def _bar(asked: Lift) -> str:
    if asked.above < 0:
        return f"not more than {wording.number(-asked.above)} worse than {wording.the(asked.over)}"
    more = f"more than {wording.number(asked.above)} " if asked.above else ""
    return f"{more}better than {wording.the(asked.over)}"


def _why_nothing(asked: Lift, summary: TaskSummary | None, facts: GateFacts) -> str:
    if summary is None:
        return "no advert has a label of this task"
    if asked.over == MAJORITY or any(one.model == asked.over for one in summary.models):
        legal = ", ".join(dict.fromkeys(one.figure for one in summary.comparisons))
        return f"this task has no figure {asked.figure!r}; it has {legal}"
    return facts.no_baseline or "tf-idf does not answer this task with the same labels"


def calibration_claims(name: str, asked: CalibrationError, report: Report) -> Iterator[Claim]:
    """Yield three claims: on the gap of all adverts, on that of the likeliest, and on the skill.

    Each of the first two alone holds for a model without information. A probability of 0 for every
    advert is wrong by no more than the share of positives, but its skill is far below 0.
    """
    bars = ((CALIBRATION_ERROR, asked.must_see), (ERROR_AT_TOP, asked.must_see_at_top))
    for part in asked_parts(report, asked.task, None):
        for figure, must_see in bars:
            yield _calibration_gap(name, asked, report, part, figure=figure, must_see=must_see)
        yield _skill(name, asked, report, part)


def _calibration_gap(
    name: str,
    asked: CalibrationError,
    report: Report,
    part: ReportPart,
    *,
    figure: str,
    must_see: float,
) -> Claim:
    measured, lack = figure_of(part, figure)
    title = figure_title(figure, report.evaluation)
    claim = against_bar(
        Claim(name, asked, _scope(part, figure), "", _calibration_found(measured), measured),
        asked.at_most,
        low_is_good=True,
        independent=part.evidence.independent,
        must_see=must_see,
        adverts=part.evidence.adverts,
    )
    wanted = f"{title} at most {wording.number(asked.at_most)}"
    return replace(claim, wanted=wanted, lack=lack or claim.lack)


def _skill(name: str, asked: CalibrationError, report: Report, part: ReportPart) -> Claim:
    measured, lack = figure_of(part, LOG_LOSS_SKILL)
    title = figure_title(LOG_LOSS_SKILL, report.evaluation)
    wanted = f"{title} above 0, by the lower end of its interval"
    base = Claim(
        name, asked, _scope(part, LOG_LOSS_SKILL), wanted, _calibration_found(measured), measured
    )
    if measured is None or lack is not None:
        return replace(base, lack=lack)
    evidence = part.evidence
    return shown_above(
        base, measured, 0.0, independent=evidence.independent, adverts=evidence.adverts
    )


def _scope(part: ReportPart, figure: str) -> str:
    what = {ERROR_AT_TOP: ", the likeliest", LOG_LOSS_SKILL: ", compared with the base rate"}
    return part.scope + what.get(figure, "")


def _calibration_found(measured: Estimate | None) -> str:
    return wording.with_interval(measured) if measured else ""
