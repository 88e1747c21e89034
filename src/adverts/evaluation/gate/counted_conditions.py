"""Conditions that are counted, not estimated: overlap, parity, size, latency, looks, losses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from adverts.config.gate import (
    BundleParity,
    Countable,
    CountedCondition,
    Kept,
    Latency,
    Leakage,
    LooksKnown,
    SizeCondition,
)
from adverts.evaluation.gate.gate_facts import Gate, GateFacts, Timed
from adverts.evaluation.gate.gate_record import (
    ConditionOutcome,
    ConditionResult,
    GateRecord,
    GateVerdict,
)
from adverts.evaluation.predictions.lost_adverts import Lost
from adverts.evaluation.statistics.bootstrap import Estimate

EARLIER = "adverts judged earlier"
_OTHERS = "judge on adverts that nobody has looked at"


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
        case Kept():
            return _kept(name, condition, facts)


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


def _kept(name: str, asked: Kept, facts: GateFacts) -> ConditionResult:
    wanted = f"at most {asked.at_most:.2%} of adverts judged earlier are lost without explanation"
    if facts.looks_lack is not None:
        return _untold(name, asked, EARLIER, wanted, facts.looks_lack)
    lost = facts.lost
    told = f"{lost.unexplained:,} of {lost.judged:,} ({lost.share:.2%})"
    told += f"; {lost.erased:,} were erased" if lost.erased else ""
    told += f"; a review labelled {lost.relabelled:,} otherwise" if lost.relabelled else ""
    base = ConditionResult(
        name=name,
        kind=asked.kind,
        scope=EARLIER,
        outcome="passed",
        wanted=wanted,
        found=told if lost.judged else "no earlier look",
        measured=Estimate(lost.share, None, None),
    )
    if lost.moved is not None and lost.moved[1] > asked.at_most * lost.moved[2]:
        code, moved, size = lost.moved
        message = (
            f"{moved:,} of {size:,} adverts that were judged as of the language "
            f"{code or 'unknown'} are of another now, or of none: map data.columns.lang as it was "
            f"then, or leave it unmapped if it was, or {_OTHERS}"
        )
        return replace(base, outcome=without_evidence(asked), message=message)
    if lost.rewritten is not None and lost.rewritten[0] > asked.at_most * lost.rewritten[1]:
        changed, size = lost.rewritten
        message = (
            f"{changed:,} of {size:,} adverts that were judged have other capitals or spaces now: "
            f"bring their texts back as they were, or {_OTHERS}"
        )
        return replace(base, outcome=without_evidence(asked), message=message)
    if lost.share <= asked.at_most:
        return base
    message = f"bring back the adverts and labels that are gone, or {_OTHERS}"
    return replace(base, outcome=without_evidence(asked), message=message)


def what_counts(
    lost: Lost, aside: Lost, easier: Sequence[tuple[int, str, float | None]] = ()
) -> str:
    """Return in words what a pass must also hold with, or without.

    Args:
        lost: Adverts that are gone, and count at their worst.
        aside: Adverts that count at their worst since they are linked to the training now.
        easier: Number of adverts that do not count, what they are, and by how much they raise the
            average precision; None where that does not matter.
    """
    parts = [
        f"with {one.positives:,}{gone} positives as missed and {one.negatives:,} negatives as "
        f"flagged{why}"
        for one, gone, why in (
            (lost, " lost", ""),
            (aside, "", " that were judged and are linked to training or validation since"),
        )
        if one.costs
    ]
    parts += [
        f"without {count:,} {what}"
        + ("" if gain is None else f" raise the average precision by {gain:.3f}")
        for count, what, gain in easier
    ]
    return ", and ".join(parts)


def at_worst(record: GateRecord, worst: GateRecord, gate: Gate, told: str) -> GateRecord:
    """Return a record that passed, with what it would be on the adverts of earlier looks.

    Args:
        record: The record on the adverts that are there.
        worst: The record with lost adverts at their worst, and without those that made it easier.
        gate: The conditions.
        told: What ``worst`` counts otherwise, see :func:`what_counts`.
    """
    bad = {one.name: None for one in worst.results if one.outcome in ("failed", "insufficient")}
    failing = f"{', '.join(bad)} would not pass" if bad else "too few are left to judge"
    message = f"{told}, {failing}; {_OTHERS}"
    results = []
    for one in record.results:
        if not isinstance(gate.conditions.get(one.name), Kept):
            results.append(one)
        elif worst.verdict == "passed":
            results.append(replace(one, found=f"{one.found}; it holds {told}"))
        else:
            results.append(replace(one, outcome="insufficient", message=message))
    results.sort(key=lambda one: one.outcome != "insufficient")
    verdict: GateVerdict = "passed" if worst.verdict == "passed" else "could not judge"
    return replace(record, verdict=verdict, results=tuple(results))


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
    outcome = without_evidence(asked)
    return ConditionResult(name, asked.kind, scope, outcome, wanted, "not known", message=why)


def without_evidence(asked: Countable) -> ConditionOutcome:
    """Return the outcome of a condition that these adverts cannot show."""
    return "reported" if asked.if_insufficient == "report" else "insufficient"


def untold_worst(record: GateRecord, gate: Gate, told: str) -> GateRecord:
    """Return a record that did not pass, with what a pass would also have to hold with.

    Args:
        record: The record on the adverts that are there; its verdict stays.
        gate: The conditions.
        told: What counts otherwise then, see :func:`what_counts`; empty if nothing does.
    """
    message = f"a pass must also hold {told}, which is judged where all else passes; {_OTHERS}"
    results = [
        replace(one, outcome="insufficient", message=message)
        if told and one.outcome == "passed" and isinstance(gate.conditions.get(one.name), Kept)
        else one
        for one in record.results
    ]
    return replace(record, results=tuple(results))
