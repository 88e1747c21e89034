"""Whether a record can be what a gate decides, by its own figures and the gate's bars."""

from __future__ import annotations

from collections.abc import Iterator

from adverts.config.gate import (
    Absolute,
    CalibrationError,
    Condition,
    GateConfig,
    InServiceQueue,
    Kept,
    Lift,
    RobustnessKept,
    SliceGap,
)
from adverts.evaluation.gate.gate_record import ConditionResult, GateRecord
from adverts.evaluation.gate.skill_claims import SKILL_SCOPE


def contradictions(record: GateRecord, gate: GateConfig, sha256: str) -> Iterator[str]:
    """Yield what no judgement by a gate writes: results that are missing or beyond their bar.

    A record that somebody edited may still hold the figures that failed. Who edits these, too, is
    stopped by a signature alone.

    Args:
        record: The record.
        gate: The gate: the shipped one of its name if it was not changed.
        sha256: Of all that this gate asks.
    """
    if record.gate_sha256 != sha256:
        yield f"the gate {record.gate} of this release asks for other things"
    silent = record.no_prevalence is not None
    told = {one.name for one in record.results}
    missing = [name for name in gate.conditions if name not in told]
    if missing:
        yield f"there is no result of {', '.join(missing)}"
    for one in record.results:
        condition = gate.conditions.get(one.name)
        if condition is None:
            continue
        if one.outcome == "reported" and not _may_be_reported(condition, silent):
            yield f"{one.name} ({one.scope}) is reported, and this gate never only reports it"
        if one.outcome == "passed" and not _is_on_good_side(one, condition):
            yield f"{one.name} ({one.scope}) passed with {one.found or 'no figure'}, {one.wanted}"


def _may_be_reported(condition: Condition, silent: bool) -> bool:
    """Return whether a condition may end without a decision, for lack of evidence or of parts.

    Args:
        condition: The condition.
        silent: Whether it was accepted that no operating prevalence is stated.
    """
    is_compared_in_parts = getattr(condition, "by", None) is not None
    excused = isinstance(condition, Lift)  # it is tf-idf itself
    excused |= silent and isinstance(condition, InServiceQueue)
    return condition.if_insufficient != "fail" or is_compared_in_parts or excused


def _is_on_good_side(result: ConditionResult, condition: Condition) -> bool:
    """Return whether the figure of a result that passed is on the good side of its bar."""
    measured = result.measured
    value = None if measured is None else measured.value
    match condition:
        case (
            Absolute(at_least=float(bar))
            | RobustnessKept(at_least=bar)
            | InServiceQueue(at_least=float(bar))
        ):
            return value is not None and value >= bar
        case Absolute(at_most=float(bar)) | SliceGap(at_most=bar) | Kept(at_most=bar):
            return value is not None and value <= bar
        case CalibrationError(at_most=bar):
            is_skill = result.scope.endswith(SKILL_SCOPE)
            return value is not None and (value > 0 if is_skill else value <= bar)
        case Lift(above=bar):
            low = None if measured is None else measured.low
            return low is not None and low > bar
        case _:
            return True
