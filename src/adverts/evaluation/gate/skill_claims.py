"""Claims that a model is better than a reference, and that its probabilities are right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from adverts.config.gate import CalibrationError, Lift
from adverts.evaluation.figures import wording
from adverts.evaluation.figures.figures_by_kind import LOWER_IS_BETTER
from adverts.evaluation.figures.planned_figures import BASELINE, MAJORITY
from adverts.evaluation.gate.claims import Claim, against_bar, shown_above
from adverts.evaluation.gate.gate_facts import GateFacts
from adverts.evaluation.report_content import Part, Report, TaskSummary, figure_of
from adverts.evaluation.statistics.bootstrap import Estimate
from adverts.evaluation.statistics.stated_probabilities import (
    CALIBRATION_ERROR,
    ERROR_AT_TOP,
    LOG_LOSS_SKILL,
)

SKILL_SCOPE = ", compared with the base rate"
"""End of the scope of the claim on skill."""
_SCOPES = {ERROR_AT_TOP: ", the likeliest", LOG_LOSS_SKILL: SKILL_SCOPE}
"""What the scope of a claim on a figure says after the task."""


def lift_claims(name: str, asked: Lift, report: Report, facts: GateFacts) -> Iterator[Claim]:
    """Yield the one claim that a figure exceeds that of a reference, on the same resamples.

    The claim is refuted, and the condition fails, if the model is shown to be below the bar. It
    holds if the whole interval is above; anything between is undecided. tf-idf itself is not
    compared with tf-idf; one with other settings than the shipped ones is another model.
    """
    task, summary = asked.task or report.evaluation.headline, report.task(asked.task)
    title = wording.or_plain(asked.figure, report.evaluation.settings.precision)
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
        yield replace(base, lack=_why_nothing(asked, summary, report, facts))


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


def _why_nothing(asked: Lift, summary: TaskSummary | None, report: Report, facts: GateFacts) -> str:
    if summary is None:
        return "no advert has a label of this task"
    if asked.over == MAJORITY or any(one.model == asked.over for one in summary.models):
        legal = ", ".join(dict.fromkeys(one.figure for one in summary.comparisons))
        return f"this task has no figure {asked.figure!r}; it has {legal}"
    reviewed = report.evaluation.reviewed
    answered = {
        model.model for task in (reviewed.tasks if reviewed else ()) for model in task.models
    }
    if facts.no_baseline and BASELINE not in answered:
        return facts.no_baseline
    return "tf-idf does not answer this task with the same labels"


def calibration_claims(name: str, asked: CalibrationError, report: Report) -> Iterator[Claim]:
    """Yield three claims: on the gap of all adverts, on that of the likeliest, and on the skill.

    Each of the first two alone holds for a model without information. A probability of 0 for every
    advert is wrong by no more than the share of positives, but its skill is far below 0.
    """
    bars = ((CALIBRATION_ERROR, asked.must_see), (ERROR_AT_TOP, asked.must_see_at_top))
    for scope, part in report.parts(asked.task, None):
        base = Claim(name, asked, scope, "", "")
        for figure, must_see in bars:
            yield _calibration_gap(base, asked, report, part, figure=figure, must_see=must_see)
        yield _skill(base, report, part)


def _calibration_gap(
    base: Claim,
    asked: CalibrationError,
    report: Report,
    part: Part,
    *,
    figure: str,
    must_see: float,
) -> Claim:
    title = wording.in_sentence(figure, report.evaluation.settings.precision)
    wanted = f"{title} at most {wording.number(asked.at_most)}"
    measured, lack = figure_of(part, figure)
    claim = against_bar(
        replace(base, scope=base.scope + _SCOPES.get(figure, ""), wanted=wanted, measured=measured),
        asked.at_most,
        low_is_good=True,
        independent=part.evidence.independent,
        must_see=must_see,
        adverts=part.evidence.adverts,
    )
    return replace(claim, lack=lack or claim.lack)


def _skill(base: Claim, report: Report, part: Part) -> Claim:
    title = wording.in_sentence(LOG_LOSS_SKILL, report.evaluation.settings.precision)
    measured, lack = figure_of(part, LOG_LOSS_SKILL)
    claim = replace(
        base,
        scope=base.scope + _SCOPES[LOG_LOSS_SKILL],
        wanted=f"{title} above 0, by the lower end of its interval",
        found=wording.with_interval(measured) if measured else "",
        measured=measured,
    )
    if measured is None or lack is not None:
        return replace(claim, lack=lack)
    evidence = part.evidence
    return shown_above(
        claim, measured, 0.0, independent=evidence.independent, adverts=evidence.adverts
    )
