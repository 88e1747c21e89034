"""Judge a report by the conditions of a gate.

Each claim of a statistical condition gets the first of these outcomes that applies:

1. *failed* if the adverts refute the claim. The one-sided p-values of all claims of all
   conditions go through Holm's weighted test together. A model that meets every condition
   therefore fails with a chance of at most 5 %. Each condition has a weight, shared among its
   claims, equally unless a claim has a share of its own.
2. *could not judge* if these adverts could not have shown the breach that matters. The smallest
   breach that they show, with a power of 0.8 and the claim's share of the level, is then larger
   than ``must_see``. Absence of evidence on a small set is no evidence.
3. *could not judge*, for a bar, if the figure itself is beyond it. The breach is too small to
   refute the claim, but the figure does not support it. A drop against the champion has no such
   step: differences of two equal models are below 0 half of the time by chance.
4. *passed* otherwise.

Every earlier look at these adverts with another model is one more draw, and the best of many draws
looks better than it is. After ``k - 1`` looks a figure must be as far above its bar as the best of
``k`` models just at the bar is half of the time, and a claim that must be shown is shown with the
level divided by ``k``. A breach must be visible with a chance to miss it that is divided by ``k``.

The verdict is failed if one condition failed. Otherwise it is could not judge if one condition
could not be judged, unless the gate sets another outcome for it. Otherwise it is passed. Slices may
be left to people as long as one remains to be judged. If a gate has statistical conditions, one of
them must have passed: size and parity alone are not enough.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from adverts.config.gate import (
    Absolute,
    Condition,
    Countable,
    CoverageCondition,
    InServiceQueue,
    Lift,
    Relative,
    SliceGap,
)
from adverts.errors import plural
from adverts.evaluation.figures import wording
from adverts.evaluation.figures.figures_by_kind import LOWER_IS_BETTER
from adverts.evaluation.figures.slices import CELL
from adverts.evaluation.gate.claims import Claim
from adverts.evaluation.gate.counted_conditions import counted
from adverts.evaluation.gate.coverage_condition import coverage_results
from adverts.evaluation.gate.gate_facts import Gate, GateFacts
from adverts.evaluation.gate.gate_record import (
    AbstainedSlice,
    ConditionOutcome,
    ConditionResult,
    GateRecord,
    GateVerdict,
)
from adverts.evaluation.gate.service_claims import not_stated
from adverts.evaluation.gate.statistical_conditions import claims_of
from adverts.evaluation.gate.threshold_claims import weak_promise
from adverts.evaluation.report_content import Report
from adverts.evaluation.statistics.significance import errors_of_best, rejected

_SHOWN = 0.025
"""Chance that an interval of 95 % lies wholly above a bar which the figure just meets."""
_BADNESS: tuple[ConditionOutcome, ...] = (
    "failed",
    "insufficient",
    "abstained",
    "reported",
    "passed",
)


def judge_conditions(report: Report, facts: GateFacts, gate: Gate) -> GateRecord:
    """Return the verdict of a gate, with the worst results first.

    Statistical conditions are not judged on adverts that allow no headline, such as those of the
    split that chose the model.

    Args:
        report: The report on the model.
        facts: Facts that are not in the report.
        gate: The conditions to judge by.
    """
    results = [
        counted(name, condition, facts)
        for name, condition in gate.conditions.items()
        if isinstance(condition, Countable) and not isinstance(condition, CoverageCondition)
    ]
    abstained: tuple[AbstainedSlice, ...] = ()
    if report.origin.refusal is not None:
        results.append(_refused(report.origin.refusal))
    else:
        tested, abstained = _statistical(report, facts, gate)
        results += tested
    if facts.is_own_champion:
        results.append(_own_champion())
    weak = weak_promise(report.rules, report.evaluation.headline, gate.promises)
    for name, condition in gate.conditions.items():
        if isinstance(condition, CoverageCondition):
            results += coverage_results(name, condition, report, abstained, weak)
    results.sort(key=lambda one: _BADNESS.index(one.outcome))
    return GateRecord(
        gate=gate.name,
        verdict=_verdict(results, gate),
        results=tuple(results),
        abstained=abstained,
        model=facts.model,
        champion=facts.champion,
        data_hash=report.origin.data_hash,
        split=report.origin.split,
        adverts=facts.adverts,
        earlier_looks=facts.earlier_looks,
        created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        created_by=_created_by(report),
        gate_sha256=gate.sha256,
        gate_changes=gate.changes,
        model_kind=facts.kind,
        champion_kind=facts.champion_kind,
        asked=gate.asked,
    )


def _created_by(report: Report) -> str:
    commit = report.origin.commit
    return report.origin.created_by + (f", commit {commit}" if commit else "")


def _own_champion() -> ConditionResult:
    return ConditionResult(
        name="another champion",
        kind="evidence",
        scope="all comparisons",
        outcome="insufficient",
        wanted="a champion that is not the judged model itself",
        found="the same model, or another form of it",
        message="name the champion that it is to replace, as champion=models:/NAME@champion, or "
        "take gate=first for a first model",
    )


def _refused(refusal: str) -> ConditionResult:
    return ConditionResult(
        name="held-out adverts",
        kind="evidence",
        scope="all figures",
        outcome="insufficient",
        wanted="adverts that neither taught nor chose the model",
        found=refusal,
        message="judge the split test of the dataset that it was trained on, or new adverts",
    )


def _statistical(
    report: Report, facts: GateFacts, gate: Gate
) -> tuple[list[ConditionResult], tuple[AbstainedSlice, ...]]:
    claims: list[Claim] = []
    results: list[ConditionResult] = []
    for name, condition in gate.conditions.items():
        if isinstance(condition, Countable):
            continue
        found = claims_of(name, condition, report, facts, gate.promises)
        claims += found
        if not found and isinstance(condition, InServiceQueue):
            results.append(not_stated(name, condition, report, gate.no_prevalence))
        elif not found:
            results.append(_all_alike(name, condition, report, facts))
    tested = [claim for claim in claims if claim.p_value is not None]
    weights = [claim.condition.weight * claim.share for claim in tested]
    p_values = [claim.p_value for claim in tested if claim.p_value is not None]
    refuted = rejected(p_values, weights, gate.family_wise_level)
    total = sum(weights)
    levels = {
        id(one): gate.family_wise_level * weight / total
        for one, weight in zip(tested, weights, strict=True)
    }
    bad = {id(one) for one, is_refuted in zip(tested, refuted, strict=True) if is_refuted}
    looks = facts.earlier_looks + 1
    paying = replace(gate, power=1 - (1 - gate.power) / looks)
    decided = [_result(one, id(one) in bad, levels.get(id(one)), paying, facts) for one in claims]
    abstained = _abstained(claims, decided)
    if abstained and len(abstained) == len({claim.part for claim in claims} - {None}):
        return results + [_nothing_left(one) for one in decided], ()
    return results + decided, abstained


def _result(
    claim: Claim, refuted: bool, level: float | None, gate: Gate, facts: GateFacts
) -> ConditionResult:
    """Decide one claim as the docstring of this module describes."""
    visible = None if level is None else claim.visible(level, gate.power)
    lack, enough = (None, None) if refuted else _lack(claim, visible, level, gate, facts)
    outcome: ConditionOutcome = "passed"
    if refuted:
        outcome = "failed"
    elif lack is not None:
        outcome = _untold(claim)
    return ConditionResult(
        name=claim.name,
        kind=claim.condition.kind,
        scope=claim.scope,
        outcome=outcome,
        wanted=claim.wanted,
        found=claim.found or "no figure",
        measured=claim.measured,
        smallest_visible=visible,
        message=_refutation(claim) if refuted else lack or "",
        enough=enough and int(np.ceil(enough / claim.adverts * facts.adverts)),
    )


def _nothing_left(result: ConditionResult) -> ConditionResult:
    """Return a result for the case that every slice would be left to people, so none is judged."""
    if result.outcome != "abstained":
        return result
    message = f"{result.message}; no part has enough evidence, so no part can be judged"
    return replace(result, outcome="insufficient", message=message)


def _untold(claim: Claim) -> ConditionOutcome:
    match claim.condition.if_insufficient:
        case "abstain_slice" if claim.part is not None:
            return "abstained"
        case "report":
            return "reported"
        case _:
            return "insufficient"


def _lack(
    claim: Claim, visible: float | None, level: float | None, gate: Gate, facts: GateFacts
) -> tuple[str | None, int | None]:
    """Return why a claim that was not refuted lacks evidence, and how many adverts would do.

    Both are None if it passes; the second is None, too, where no number is known.
    """
    if claim.lack is not None:
        return claim.lack, claim.enough
    if visible is not None and claim.must_see is not None and visible > claim.must_see:
        assert level is not None, "what is visible has a level"
        needed = claim.adverts_needed(level, gate.power)
        advice = f"; about {plural(needed, 'advert')} like these would be enough" if needed else ""
        found_out = (
            f"only one that is {wording.number(visible)} or more beyond it"
            if visible < 1
            else "none"
        )
        return (
            "too few adverts: a model that is "
            f"{wording.number(claim.must_see)} beyond the bar must be detected, and these adverts "
            f"detect {found_out}{claim.few}{advice}"
        ), needed
    return _beyond(claim, facts), None


def _beyond(claim: Claim, facts: GateFacts) -> str | None:
    """Return why a figure is not far enough on the good side of its bar; None if it is."""
    above = claim.errors_above
    if above is not None and above < 0:
        return (
            "the figure misses the bar, though by no more than chance explains: a better model, or "
            "more adverts, would show which it is"
        )
    looks = facts.earlier_looks + 1
    short_of = errors_of_best(looks, level=_SHOWN if claim.is_shown else 0.5)
    if above is not None and looks > 1 and above < short_of:
        return (
            f"the figure is {above:.1f} standard errors from the bar; after {looks - 1:,} looks of "
            f"other models the best of them is {short_of:.1f} away by chance alone; judge it on "
            "adverts that were not looked at"
        )
    caveat = max(facts.caveats, key=lambda one: one.cost, default=None)
    margin = _margin(claim) if caveat else None
    if caveat and margin is not None and margin < caveat.cost:
        told = f"{wording.number(caveat.cost)} of the average precision here"
        return f"it holds by {wording.number(margin)}, and {told} {caveat.why}"
    return None


def _margin(claim: Claim) -> float | None:
    """Return how far a ranking is on the good side of its bar; None for any other figure."""
    match claim.condition:
        case Absolute(figure=figure, at_most=None) if figure not in LOWER_IS_BETTER:
            pass
        case Relative(figure=figure) if figure not in LOWER_IS_BETTER:
            pass
        case InServiceQueue():
            pass
        case _:
            return None
    if claim.measured is None or claim.measured.value is None or claim.standard_error is None:
        return None
    if claim.errors_above is None:  # a difference to the champion
        return claim.measured.value + claim.slack
    return claim.errors_above * claim.standard_error


def _refutation(claim: Claim) -> str:
    match claim.condition:
        case Relative() | InServiceQueue(at_least=None):
            return "worse than the champion by more than is tolerated; keep the champion"
        case Lift():
            return "it is no better than what it is compared with; do not use it"
        case SliceGap():
            return "one part lags behind; label and train on more of it"
        case Absolute() | InServiceQueue():
            return "below what is wanted; the model is not good enough here"
        case _:
            return "the condition does not hold on these adverts"


def _all_alike(
    name: str, condition: Condition, report: Report, facts: GateFacts
) -> ConditionResult:
    by = getattr(condition, "by", None) or "this dimension"
    scope = f"by {by}"
    if by == CELL and facts.cell is not None:  # a bundle needs to know which one
        scope = f"{report.evaluation.headline}, {by} {facts.cell}"
    return ConditionResult(
        name=name,
        kind=condition.kind,
        scope=scope,
        outcome="reported",
        wanted="two parts or more",
        found=f"all judged adverts are alike in {by}",
        message="there are no parts to compare; the conditions on all adverts apply",
    )


def _abstained(
    claims: Sequence[Claim], results: Sequence[ConditionResult]
) -> tuple[AbstainedSlice, ...]:
    found = {
        claim.part: None
        for claim, result in zip(claims, results, strict=True)
        if result.outcome == "abstained" and claim.part is not None
    }
    return tuple(AbstainedSlice(*part.rsplit(", ", 2)) for part in found)


def _verdict(results: Sequence[ConditionResult], gate: Gate) -> GateVerdict:
    outcomes = {one.outcome for one in results}
    if "failed" in outcomes:
        return "failed"
    judged = {one.name for one in results if one.outcome == "passed"}
    estimated = {name for name, one in gate.conditions.items() if not isinstance(one, Countable)}
    if "insufficient" in outcomes or not judged & (estimated or judged):
        return "could not judge"
    return "passed"
