"""Conditions that are counted, not estimated: overlap with training, parity, size, latency."""

from __future__ import annotations

from dataclasses import replace

from adverts.evaluation.gate.conditions import (
    BundleParity,
    Counted,
    Latency,
    Leakage,
    LooksKnown,
    Size,
)
from adverts.evaluation.gate.facts import GateFacts, Timed
from adverts.evaluation.gate.record import ConditionResult, Outcome

_UNTOLD: dict[str, Outcome] = {"fail": "insufficient", "report": "reported"}


def counted(name: str, condition: Counted, facts: GateFacts) -> ConditionResult:
    """Return what became of a condition that needs no test."""
    match condition:
        case Leakage():
            return _leakage(name, condition, facts)
        case BundleParity():
            return _parity(name, condition, facts)
        case Size():
            return _size(name, condition, facts)
        case Latency():
            return _latency(name, condition, facts)
        case LooksKnown():
            return _looks(name, condition, facts)


def _leakage(name: str, asked: Leakage, facts: GateFacts) -> ConditionResult:
    wanted = f"at most {asked.at_most:.2%} of the judged adverts are linked to what made the model"
    found = facts.overlap
    if found is None or found.shared is None or not found.adverts:
        why = (found and found.reason) or "nobody counted"
        return _untold(name, asked, "judged adverts", wanted, why)
    share = found.shared / found.adverts
    told = f"{found.shared:,} of {found.adverts:,} ({share:.2%})"
    if found.set_aside:
        told += f"; {found.set_aside:,} more are linked, were set aside and are not judged"
    if found.without_tokens:
        told += (
            f"; shared contacts were not looked for, and {found.without_tokens:,} hold a contact: "
            "prepare with a key in $ADVERTS_TOKEN_KEY to know"
        )
    advice = (
        "judge adverts of which no copy or near-duplicate taught or chose the model: splits that "
        "prepare makes (split.kind=made) keep them together, given ones may not"
    )
    base = ConditionResult(name, asked.kind, "judged adverts", "passed", wanted, told)
    return _decided(base, share <= asked.at_most, advice)


def _parity(name: str, asked: BundleParity, facts: GateFacts) -> ConditionResult:
    wanted = "the bundle proved that it computes what its checkpoint computes"
    proof = facts.parity
    if facts.kind != "bundle":
        why = f"a {facts.kind} is judged, which has no parity to prove; judge the bundle"
        return _untold(name, asked, "bundle", wanted, why)
    if proof is None:
        why = "the manifest holds no proof of parity; export the checkpoint again"
        return ConditionResult(name, asked.kind, "bundle", "failed", wanted, "none", message=why)
    told = f"no probability differs by more than {proof.allowed:.2g}, on {proof.adverts:,} adverts"
    holds = proof.adverts > 0
    base = ConditionResult(name, asked.kind, "bundle", "passed", wanted, told)
    return _decided(base, holds, "export the checkpoint again")


def _size(name: str, asked: Size, facts: GateFacts) -> ConditionResult:
    wanted = f"at most {asked.at_most:g} MB on disk"
    if facts.megabytes is None:
        return _untold(name, asked, "model", wanted, "its files are not here; judge the bundle")
    told = f"{facts.megabytes:.1f} MB"
    holds = facts.megabytes <= asked.at_most
    base = ConditionResult(name, asked.kind, "model", "passed", wanted, told)
    return _decided(base, holds, "choose a smaller encoder")


def _latency(name: str, asked: Latency, facts: GateFacts) -> ConditionResult:
    """Tell how fast both are; a clock decides nothing, or equal inputs had unequal verdicts."""
    wanted = f"at most {asked.at_most_ratio:g} times the champion's time, timed turn by turn"
    if facts.timed is None:
        why = "there was no champion to time it against, or one of them has stored answers only"
        return _untold(name, asked, "model", wanted, why)
    slow = "slower than wanted; run it again on a machine that is not busy, and decide yourself"
    advice = slow if facts.timed.ratio > asked.at_most_ratio else ""
    told = _times(facts.timed)
    return ConditionResult(name, asked.kind, "model", "reported", wanted, told, message=advice)


def _looks(name: str, asked: LooksKnown, facts: GateFacts) -> ConditionResult:
    wanted = "a ledger that tells of every look at these adverts"
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


def _untold(name: str, asked: Counted, scope: str, wanted: str, why: str) -> ConditionResult:
    outcome = _UNTOLD.get(asked.if_insufficient, "insufficient")
    return ConditionResult(name, asked.kind, scope, outcome, wanted, "not known", message=why)
