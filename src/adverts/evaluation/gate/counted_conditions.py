"""Conditions that are counted, not estimated: coverage, overlap, parity, size, latency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from adverts.config.gate import (
    BundleParity,
    Countable,
    CountedCondition,
    CoverageCondition,
    Latency,
    Leakage,
    LooksKnown,
    SizeCondition,
)
from adverts.errors import plural
from adverts.evaluation.figures.judged_adverts import Answers
from adverts.evaluation.figures.slices import CELL
from adverts.evaluation.gate.gate_facts import GateFacts, Timed
from adverts.evaluation.gate.gate_record import AbstainedSlice, ConditionOutcome, ConditionResult
from adverts.evaluation.report_content import Report

_ROUNDING = 1e-12
_ADVICE = "judge a model that reads and answers these adverts, such as one for all their parts"


def counted(name: str, condition: CountedCondition, facts: GateFacts) -> ConditionResult:
    """Return the result of a condition that needs no statistical test."""
    match condition:
        case Leakage():
            return _leakage(name, condition, facts)
        case BundleParity():
            return _parity(name, condition, facts)
        case SizeCondition():
            return _size(name, condition, facts)
        case Latency():
            return _latency(name, condition, facts)
        case LooksKnown():
            return _looks(name, condition, facts)


def _leakage(name: str, asked: Leakage, facts: GateFacts) -> ConditionResult:
    made = "adverts that taught or chose the model"
    wanted = f"at most {asked.at_most:.2%} of the judged adverts are linked to {made}"
    found = facts.overlap
    if found is None or found.shared is None or not found.adverts:
        why = (found and found.reason) or "linked adverts were not counted"
        return _untold(name, asked, "judged adverts", wanted, why)
    share = found.shared / found.adverts
    told = f"{found.shared:,} of {found.adverts:,} ({share:.2%})"
    if found.set_aside:
        told += f"; {found.set_aside:,} more are linked, were set aside and are not judged"
    if found.without_tokens:
        told += (
            f"; shared contacts were not compared, and {found.without_tokens:,} adverts contain "
            "one: prepare with a key in $ADVERTS_TOKEN_KEY to compare them"
        )
    advice = (
        "judge adverts that are not linked to those that taught or chose the model: splits that "
        "prepare makes (data.split.kind=made) keep linked adverts together, given ones may not"
    )
    base = ConditionResult(name, asked.kind, "judged adverts", "passed", wanted, told)
    return _decided(base, share <= asked.at_most, advice)


def _parity(name: str, asked: BundleParity, facts: GateFacts) -> ConditionResult:
    wanted = "the bundle proved that it computes what its checkpoint computes"
    proof = facts.parity
    if facts.kind != "bundle":
        why = f"this is a {facts.kind}, which has no parity to prove; judge the bundle"
        return _untold(name, asked, "bundle", wanted, why)
    if proof is None:
        why = "the manifest holds no proof of parity; export the checkpoint again"
        return ConditionResult(name, asked.kind, "bundle", "failed", wanted, "none", message=why)
    told = f"no probability differs by more than {proof.allowed:.2g}, on {proof.adverts:,} adverts"
    holds = proof.adverts > 0
    base = ConditionResult(name, asked.kind, "bundle", "passed", wanted, told)
    return _decided(base, holds, "export the checkpoint again")


def _size(name: str, asked: SizeCondition, facts: GateFacts) -> ConditionResult:
    wanted = f"at most {asked.at_most:g} MB on disk"
    if facts.megabytes is None:
        return _untold(name, asked, "model", wanted, "its files are unknown; judge the bundle")
    told = f"{facts.megabytes:.1f} MB"
    holds = facts.megabytes <= asked.at_most
    base = ConditionResult(name, asked.kind, "model", "passed", wanted, told)
    return _decided(base, holds, "choose a smaller encoder")


def _latency(name: str, asked: Latency, facts: GateFacts) -> ConditionResult:
    """Report both times; they decide nothing, so that equal inputs give equal verdicts."""
    wanted = f"at most {asked.at_most_ratio:g} times the champion's time, timed turn by turn"
    if facts.timed is None:
        why = "there is no champion to time it against, or one of the two has only stored answers"
        return _untold(name, asked, "model", wanted, why)
    slow = "slower than wanted; run it again on a machine that is not busy, and decide for yourself"
    advice = slow if facts.timed.ratio > asked.at_most_ratio else ""
    told = _times(facts.timed)
    return ConditionResult(name, asked.kind, "model", "reported", wanted, told, message=advice)


def _looks(name: str, asked: LooksKnown, facts: GateFacts) -> ConditionResult:
    wanted = "a ledger that records every look at these adverts"
    if facts.looks_lack is not None:
        return _untold(name, asked, "judged adverts", wanted, facts.looks_lack)
    told = f"{facts.earlier_looks:,} looks of other models"
    return ConditionResult(name, asked.kind, "judged adverts", "passed", wanted, told)


def _times(timed: Timed) -> str:
    return (
        f"{timed.ratio:.2f} times ({timed.candidate_ms:.2f} ms against {timed.champion_ms:.2f} ms "
        f"an advert, {timed.rounds} rounds of {timed.adverts:,} adverts)"
    )


def _decided(base: ConditionResult, holds: bool, advice: str) -> ConditionResult:
    return base if holds else replace(base, outcome="failed", message=advice)


def _untold(
    name: str, asked: CountedCondition, scope: str, wanted: str, why: str
) -> ConditionResult:
    outcome = _without_evidence(asked)
    return ConditionResult(name, asked.kind, scope, outcome, wanted, "not known", message=why)


def coverage_results(
    name: str, asked: CoverageCondition, report: Report, abstained: Sequence[AbstainedSlice]
) -> list[ConditionResult]:
    """Return the results of a coverage condition, on all judged adverts and on the positives.

    An advert is answered if the model can read it and its bundle does not abstain. Slices that
    this verdict itself leaves to people have a separate limit.

    Args:
        name: Name of the condition.
        asked: The condition.
        report: The report on the model.
        abstained: Slices that this verdict leaves to people.
    """
    ours, against = report.account, report.comparison
    if ours is None:
        base = ConditionResult(name, asked.kind, "judged adverts", "passed", "adverts answered", "")
        return [
            replace(
                base, outcome=_without_evidence(asked), found="not known", message="not counted"
            )
        ]
    theirs = against.account if against else None
    pairs = [("all judged adverts", ours.judged, theirs.judged if theirs else None)]
    if ours.positives is not None:
        pairs.append(("positives", ours.positives, theirs.positives if theirs else None))
    results = [
        _answered(
            ConditionResult(
                name=name,
                kind=asked.kind,
                scope=f"{ours.task}, {what}",
                outcome="passed",
                wanted=_wanted(asked, against is not None),
                found=_answer_counts(one)
                + (f"; the champion {_answer_counts(other)}" if against else ""),
            ),
            asked,
            [one, other] if against else [one],
        )
        for what, one, other in pairs
    ]
    return [*results, *_left(name, asked, report, abstained)]


def _wanted(asked: CoverageCondition, has_champion: bool) -> str:
    bar = f"at least {asked.at_least:.0%} answered"
    points = f"{100 * asked.tolerated:g} points fewer than by the champion"
    return f"{bar}, at most {points}" if has_champion else bar


def _answered(
    base: ConditionResult, asked: CoverageCondition, both: Sequence[Answers | None]
) -> ConditionResult:
    """Decide one scope; ``both`` holds the answers of the model, then of a champion if any."""
    lacks = [_lack(one, who) for one, who in zip(both, ("model", "champion"), strict=False)]
    lack = next((one for one in lacks if one), None)
    if lack is not None:
        return replace(base, outcome=_without_evidence(asked), message=lack)
    shares = [_share(one) for one in both]
    drop = shares[-1] - shares[0]
    if shares[0] < asked.at_least or drop > asked.tolerated + _ROUNDING:
        return replace(base, outcome="failed", message=_ADVICE)
    return base


def _lack(answers: Answers | None, who: str) -> str | None:
    if answers is None:
        return f"the answers of the {who} were not counted"
    if not answers.adverts:
        return "there is no such advert here"
    if answers.given is None:
        return f"it is not known where the {who} abstains; evaluate the {who} itself again"
    return None


def _share(answers: Answers | None) -> float:
    given = answers.given if answers else None
    assert answers is not None, "asked only where it is known"
    assert given is not None, "asked only where it is known"
    return given / answers.adverts


def _answer_counts(answers: Answers | None) -> str:
    if answers is None:
        return "not known"
    if answers.given is None:
        return f"at most {answers.adverts - answers.unreadable:,} of {answers.adverts:,}"
    share = answers.given / answers.adverts if answers.adverts else 0.0
    return f"{answers.given:,} of {answers.adverts:,} ({share:.1%})"


def _left(
    name: str, asked: CoverageCondition, report: Report, abstained: Sequence[AbstainedSlice]
) -> list[ConditionResult]:
    """Return the result on the slices that this verdict leaves to people; empty without any."""
    task = report.task(None)
    if not abstained or task is None:
        return []
    cells = {f"{one.language}, {one.script}, {one.modality}" for one in abstained}
    left = [one.evidence for one in task.slices if one.dimension == CELL and one.value in cells]
    count, judged = sum(one.adverts for one in left), task.evidence.adverts
    holds = count <= asked.left_at_most * judged
    return [
        ConditionResult(
            name=name,
            kind=asked.kind,
            scope=f"{task.task.name}, left to people by this verdict",
            outcome="passed" if holds else _without_evidence(asked),
            wanted=f"at most {asked.left_at_most:.0%} of the judged adverts",
            found=f"{count:,} of {judged:,} in {plural(len(abstained), 'slice')}",
            message="" if holds else "bring labelled adverts of these slices, and judge it again",
        )
    ]


def _without_evidence(asked: Countable) -> ConditionOutcome:
    return "reported" if asked.if_insufficient == "report" else "insufficient"
