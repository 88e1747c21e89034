"""The claims that each statistical condition makes about a report, one for each scope."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from adverts.config.gate import (
    Absolute,
    CalibrationError,
    InServiceQueue,
    Lift,
    LookAlikeRates,
    Promises,
    Relative,
    RobustnessKept,
    SliceGap,
    Statistical,
)
from adverts.errors import plural
from adverts.evaluation.comparison.compared import ComparedFigure
from adverts.evaluation.decisions.operating_points import OperatingPoint
from adverts.evaluation.figures import wording
from adverts.evaluation.figures.figures_by_kind import LOWER_IS_BETTER
from adverts.evaluation.figures.look_alikes import GroupRate
from adverts.evaluation.figures.slices import CELL
from adverts.evaluation.gate.claims import (
    Claim,
    p_value,
    spread_of,
)
from adverts.evaluation.gate.figure_claims import against_bar, shown_above
from adverts.evaluation.gate.gate_facts import GateFacts
from adverts.evaluation.gate.report_parts import (
    ReportPart,
    asked_parts,
    compared,
    figure_of,
    figure_title,
    task_of,
)
from adverts.evaluation.gate.service_claims import in_service_claims
from adverts.evaluation.gate.skill_claims import calibration_claims, lift_claims
from adverts.evaluation.gate.slice_claims import slice_gap_claims
from adverts.evaluation.report_content import Report
from adverts.evaluation.statistics.bootstrap import Estimate
from adverts.runtime.rules.decision_rules import DecisionRules

_SHARE_OF_FLOOR = 0.001  # a figure near 0 is refuted at any level, but a drop needs the level


def claims_of(name: str, condition: Statistical, report: Report, facts: GateFacts) -> list[Claim]:
    """Return the claims of a condition about a report; none if a dimension lacks two slices.

    There are none either for a condition on the queue in service without a stated prevalence.
    """
    match condition:
        case Absolute():
            found = _absolute(name, condition, report)
        case Relative():
            found = _relative(name, condition, report)
        case SliceGap():
            found = slice_gap_claims(name, condition, report)
        case RobustnessKept():
            found = _robustness(name, condition, report)
        case CalibrationError():
            found = calibration_claims(name, condition, report)
        case Promises():
            found = _promises(name, condition, report, facts)
        case _:
            found = _others(name, condition, report, facts)
    claims = list(found)
    tested = sum(claim.share for claim in claims if claim.p_value is not None)
    return [replace(claim, share=claim.share / (tested or 1.0)) for claim in claims]


def _others(
    name: str, condition: LookAlikeRates | Lift | InServiceQueue, report: Report, facts: GateFacts
) -> Iterator[Claim]:
    if isinstance(condition, Lift):
        return lift_claims(name, condition, report, facts)
    if isinstance(condition, InServiceQueue):
        return in_service_claims(name, condition, report)
    return _look_alikes(name, condition, report)


def _absolute(name: str, asked: Absolute, report: Report) -> Iterator[Claim]:
    title = figure_title(asked.figure, report.evaluation)
    low_is_good = asked.at_least is None
    bar = asked.at_most if asked.at_least is None else asked.at_least
    assert bar is not None, "the configuration gives one of both"
    wanted = f"{title} {'at most' if low_is_good else 'at least'} {wording.number(bar)}"
    for part in asked_parts(report, asked.task, asked.by):
        measured, lack = figure_of(part, asked.figure)
        claim = _bound(name, asked, measured, bar, low_is_good=low_is_good, part=part)
        yield replace(claim, wanted=wanted, lack=lack or claim.lack, part=_abstainable(asked, part))


def _relative(name: str, asked: Relative, report: Report) -> Iterator[Claim]:
    """Yield claims on paired differences, refuted where the drop is more than is tolerated."""
    title = figure_title(asked.figure, report.evaluation)
    sign = -1 if asked.figure in LOWER_IS_BETTER else 1
    wanted = f"{title} not more than {wording.number(asked.tolerated)} worse than the champion"
    task = asked.task or report.evaluation.headline
    for part in asked_parts(report, asked.task, asked.by):
        base = Claim(name, asked, part.scope, wanted, "", part=_abstainable(asked, part))
        both = compared(report, task, part, asked.figure)
        if both is None or both.difference.value is None:
            why = part.evidence.lack or (both.difference.reason if both else None)
            yield replace(base, lack=f"too little evidence: {why or 'it was not compared'}")
            continue
        if asked.at_least is not None:
            yield _floor(base, asked, asked.at_least, both, part)
        error = spread_of(both.samples, independent=both.independent)
        gap = both.difference
        found = f"{wording.with_interval(gap, sign=True)}: {_both(both.candidate, both.champion)}"
        if error is None or gap.low is None:
            yield replace(base, found=found, measured=gap, lack=gap.reason or "it has no interval")
            continue
        margin = sign * both.difference.value + asked.tolerated
        yield replace(
            base,
            found=found,
            measured=gap,
            p_value=p_value(margin, error),
            standard_error=error,
            slack=asked.tolerated,
            must_see=asked.must_see,
            adverts=part.evidence.adverts,
            independent=both.independent,
        )


def _floor(
    base: Claim, asked: Relative, floor: float, both: ComparedFigure, part: ReportPart
) -> Claim:
    """Return the claim that the candidate's own figure is on the good side of ``floor``."""
    low_is_good = asked.figure in LOWER_IS_BETTER
    side = "below" if low_is_good else "above"
    claim = replace(
        base,
        scope=f"{part.scope}, by itself",
        wanted=f"its own figure {side} {wording.number(floor)}, by the end of its interval",
        found=wording.with_interval(both.candidate),
        share=_SHARE_OF_FLOOR,
    )
    return shown_above(
        claim,
        both.candidate,
        -floor if low_is_good else floor,
        independent=both.independent,
        adverts=part.evidence.adverts,
        low_is_good=low_is_good,
    )


def _robustness(name: str, asked: RobustnessKept, report: Report) -> Iterator[Claim]:
    wanted = f"recall kept at least {wording.number(asked.at_least)}"
    suite = report.robustness
    if suite is None:
        yield Claim(name, asked, "all disguises", wanted, "", lack="no disguise was tried")
        return
    judged = [
        one
        for one in suite.perturbed
        if one.applies and (not asked.strengths or one.strength in asked.strengths)
    ]
    if not judged:
        lack = f"no disguise of strength {' or '.join(asked.strengths) or 'any'} applies here"
        yield Claim(name, asked, "all disguises", wanted, "", lack=lack)
    for one in judged:
        scope = f"{suite.task}, {one.name} ({one.kind}, {one.strength})"
        kept = one.worst_recall_kept if asked.worst_of_draws else one.recall_kept
        claim = against_bar(
            Claim(name, asked, scope, wanted, wording.with_interval(kept), kept),
            asked.at_least,
            low_is_good=False,
            independent=one.found_clusters if one.found_worth is None else one.found_worth,
            must_see=asked.must_see,
            adverts=one.adverts,
        )
        yield replace(claim, lack=one.lack or claim.lack)


def _promises(name: str, asked: Promises, report: Report, facts: GateFacts) -> Iterator[Claim]:
    """Yield the claim that each shipped threshold keeps its promise.

    A promise made for the best of fewer models than are compared now cannot be judged. It is a
    different promise, whatever the gate sets for missing evidence.
    """
    task = report.evaluation.headline
    summary = task_of(report, None)
    rules = report.rules.thresholds.thresholds if report.rules else ()
    fewer = promised_for_fewer(report.rules, facts.models_compared)
    for purpose in asked.purposes:
        scope = f"{task}, high-{purpose} threshold"
        wanted = f"a threshold that promises {purpose}, and keeps it"
        base = Claim(name, asked, scope, wanted, "")
        own = [one for one in rules if one.task == task and one.purpose == purpose]
        points = [
            one
            for one in report.operating
            if one.threshold.task == task and one.threshold.purpose == purpose
        ]
        if not points or summary is None:
            why = next((one.lack for one in own if one.lack), None)
            yield replace(base, lack=why or "the model ships no such threshold")
            continue
        for point in points:
            promised = point.threshold.promised
            claim = against_bar(
                replace(base, scope=_of_language(scope, point), measured=_kept(point)),
                promised,
                low_is_good=False,
                independent=point.independent or summary.evidence.independent,
                must_see=asked.must_see,
                adverts=point.adverts,
            )
            claim = replace(claim, wanted=f"{purpose} of {wording.number(promised)} as promised")
            if fewer:
                strict = asked.model_copy(update={"if_insufficient": "fail"})
                lack = f"the promise holds {fewer}; export the bundle again"
                claim = replace(claim, condition=strict, lack=lack)
            yield claim


def promised_for_fewer(rules: DecisionRules | None, compared: int | None) -> str | None:
    """Say for how many models promises hold, if more are compared now; otherwise return None.

    Args:
        rules: Rules with the thresholds that promise; None where the model ships none.
        compared: Models now known to be compared on the validation adverts; None: unknown.
    """
    paid = (rules.thresholds.models_compared or 1) if rules else None
    if paid is None or compared is None or compared <= paid:
        return None
    return (
        f"only for the best of {plural(paid, 'model')}, and {compared:,} are now compared on these "
        "validation adverts"
    )


def _look_alikes(name: str, asked: LookAlikeRates, report: Report) -> Iterator[Claim]:
    wanted = f"upper bound of the false-positive rate at most {wording.number(asked.at_most)}"
    task = report.evaluation.headline
    points = [
        one
        for one in report.operating
        if one.threshold.task == task and one.threshold.purpose == asked.purpose
    ]
    groups = [(point, one) for point in points for one in point.groups if one.kind == "look_alike"]
    if not groups:
        why = f"no high-{asked.purpose} threshold" if not points else "no look-alike is labelled"
        yield Claim(name, asked, f"{task}, look-alikes", wanted, "", lack=why)
    for point, one in groups:
        scope = _of_language(f"{task}, {one.group}", point)
        yield _group(Claim(name, asked, scope, wanted, ""), one, asked.at_most)


def _group(base: Claim, one: GroupRate, bar: float) -> Claim:
    """Return the claim on one group, tested exactly by clusters, since copies are dependent."""
    from scipy.stats import binomtest

    if one.rate is None or one.high is None:
        return replace(base, lack="the group has no advert here")
    found = f"{one.flagged} of {one.adverts} flagged, at most {wording.number(one.high)}"
    measured = Estimate(one.rate, one.low, one.high)
    refuted = binomtest(one.flagged_clusters, one.clusters, bar, alternative="greater").pvalue
    lack = None
    if one.high > bar:
        lack = f"{plural(one.clusters, 'cluster')} of this group are too few to rule out more"
    return replace(
        base,
        found=found,
        measured=measured,
        p_value=float(refuted),
        lack=lack,
        adverts=one.adverts,
    )


def _bound(
    name: str,
    asked: Absolute,
    measured: Estimate | None,
    bar: float,
    *,
    low_is_good: bool,
    part: ReportPart,
) -> Claim:
    found = wording.with_interval(measured) if measured else ""
    return against_bar(
        Claim(name, asked, part.scope, "", found, measured),
        bar,
        low_is_good=low_is_good,
        independent=part.evidence.independent,
        must_see=asked.must_see,
        adverts=part.evidence.adverts,
    )


def _abstainable(asked: Absolute | Relative, part: ReportPart) -> str | None:
    return part.value if asked.by == CELL else None


def _kept(point: OperatingPoint) -> Estimate:
    """Return the figure that a threshold promised, as measured on the judged adverts."""
    if point.threshold.purpose == "recall":
        return point.recall
    return point.precision_at_prevalence or point.precision


def _of_language(scope: str, point: OperatingPoint) -> str:
    language = point.threshold.language
    return scope if language is None else f"{scope}, language {language}"


def _both(candidate: Estimate, champion: Estimate) -> str:
    return f"{wording.number(candidate.value)} against {wording.number(champion.value)}"
