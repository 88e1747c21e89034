"""From what a gate found to where a model is fit for use."""

from __future__ import annotations

from adverts.evaluation.figures.slices import CELL
from adverts.evaluation.gate.record import ConditionResult, GateRecord
from adverts.runtime.rules.coverage import Coverage, CoveredSlice

_BEFORE_CELL = f", {CELL} "  # of a scope, before the value of the slice

Cell = tuple[str, str, str]


def coverage_of(record: GateRecord) -> Coverage:
    """Return what a gate record says of each language, script and modality that it judged itself.

    Supported is a slice of which every condition passed, experimental one of which a condition
    could not tell or was not asked to decide. What is not here has no evidence and is for people.
    """
    slices: dict[Cell, list[ConditionResult]] = {}
    for result in record.results:
        cell = _cell_of(result)
        if cell is not None:
            slices.setdefault(cell, []).append(result)
    left = {(one.language, one.script, one.modality) for one in record.abstained}
    return Coverage(
        tuple(
            _covered(cell, slices.get(cell, []), abstains=cell in left)
            for cell in sorted(left | set(slices))
        )
    )


def _covered(cell: Cell, results: list[ConditionResult], *, abstains: bool) -> CoveredSlice:
    if abstains:
        why = "; ".join(one.message or one.found for one in results if one.outcome == "abstained")
        return CoveredSlice(*cell, "abstain", why or "too little evidence")
    open_ones = [one for one in results if one.outcome != "passed"]
    if open_ones:
        why = "; ".join(one.message or one.found for one in open_ones)
        return CoveredSlice(*cell, "experimental", why)
    met = ", ".join(sorted({one.name for one in results}))
    return CoveredSlice(*cell, "supported", f"meets {met}")


def _cell_of(result: ConditionResult) -> Cell | None:
    value = result.scope.partition(_BEFORE_CELL)[2]
    if not value:
        return None
    language, script, modality = value.rsplit(", ", 2)
    return language, script, modality
