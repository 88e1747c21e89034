"""The claims that each statistical condition makes about a report, one for each scope."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from adverts.config.gate import (
    Absolute,
    CalibrationError,
    InServiceQueue,
    LeastPromises,
    Lift,
    LookAlikeRates,
    Promises,
    Relative,
    RobustnessKept,
    SliceGap,
    Statistical,
)
from adverts.evaluation.comparison.compared import ComparedFigure
from adverts.evaluation.figures import wording
from adverts.evaluation.figures.figures_by_kind import (
    AVERAGE_PRECISION,
    AVERAGE_PRECISION_AT_PREVALENCE,
    LOWER_IS_BETTER,
)
from adverts.evaluation.figures.planned_slices import Slice
from adverts.evaluation.figures.slices import CELL
from adverts.evaluation.gate.claims import Claim, QueueBar, against_bar, shown_above, spread_of
from adverts.evaluation.gate.gate_facts import GateFacts
from adverts.evaluation.gate.service_claims import in_service_claims
from adverts.evaluation.gate.skill_claims import calibration_claims, lift_claims
from adverts.evaluation.gate.slice_claims import slice_gap_claims
from adverts.evaluation.gate.threshold_claims import look_alike_claims, promise_claims
from adverts.evaluation.report_content import Part, Report, figure_of
from adverts.evaluation.statistics.bootstrap import Estimate
from adverts.evaluation.statistics.significance import p_value

_SHARE_OF_FLOOR = 0.001  # a figure near 0 is refuted at any level, but a drop needs the level


def claims_of(
    name: str,
    condition: Statistical,
    report: Report,
    facts: GateFacts,
    promises: LeastPromises | None,
) -> list[Claim]:
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
            found = promise_claims(name, condition, report, facts, promises)
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
    return look_alike_claims(name, condition, report)


def _absolute(name: str, asked: Absolute, report: Report) -> Iterator[Claim]:
    title = wording.or_plain(asked.figure, report.evaluation.settings.precision)
    low_is_good = asked.at_least is None
    bar = asked.at_most if asked.at_least is None else asked.at_least
    assert bar is not None, "the configuration gives one of both"
    for scope, part in report.parts(asked.task, asked.by):
        measured, lack = figure_of(part, asked.figure)
        here = QueueBar(bar, None if low_is_good else _random_ordering(asked, report, part))
        wanted = f"{title} {'at most' if low_is_good else 'at least'} {here.words}"
        claim = against_bar(
            Claim(name, asked, scope, wanted, "", measured, part=_cell(part)),
            here.value,
            low_is_good=low_is_good,
            independent=part.evidence.independent,
            must_see=asked.must_see,
            adverts=part.evidence.adverts,
        )
        yield replace(claim, lack=lack or claim.lack)


def _random_ordering(asked: Absolute, report: Report, part: Part) -> float | None:
    """Return the average precision of a list in random order; None for another figure."""
    evidence = part.evidence
    if asked.figure == AVERAGE_PRECISION and evidence.positives is not None and evidence.adverts:
        return evidence.positives / evidence.adverts
    task = report.task(asked.task)
    if asked.figure == AVERAGE_PRECISION_AT_PREVALENCE and task is not None:
        stated = report.evaluation.settings.prevalence
        return task.slice_prevalence if isinstance(part, Slice) else stated
    return None


def _relative(name: str, asked: Relative, report: Report) -> Iterator[Claim]:
    """Yield claims on paired differences, refuted where the drop is more than is tolerated."""
    title = wording.or_plain(asked.figure, report.evaluation.settings.precision)
    sign = -1 if asked.figure in LOWER_IS_BETTER else 1
    wanted = f"{title} not more than {wording.number(asked.tolerated)} worse than the champion"
    for scope, part in report.parts(asked.task, asked.by):
        base = Claim(name, asked, scope, wanted, "", part=_cell(part))
        both = report.compared(asked.task, part, asked.figure)
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


def _floor(base: Claim, asked: Relative, floor: float, both: ComparedFigure, part: Part) -> Claim:
    """Return the claim that the candidate's own figure is on the good side of ``floor``."""
    low_is_good = asked.figure in LOWER_IS_BETTER
    side = "below" if low_is_good else "above"
    claim = replace(
        base,
        scope=f"{base.scope}, by itself",
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


def _cell(part: Part) -> str | None:
    """Return language, script and modality of a slice by them; None for any other part."""
    return part.value if isinstance(part, Slice) and part.dimension == CELL else None


def _both(candidate: Estimate, champion: Estimate) -> str:
    return f"{wording.number(candidate.value)} against {wording.number(champion.value)}"
