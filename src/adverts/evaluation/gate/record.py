"""What the gate found: one result for each condition, and the verdict that follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from adverts.evaluation.statistics.bootstrap import Estimate

Outcome = Literal["passed", "failed", "insufficient", "abstained", "reported"]
Verdict = Literal["passed", "failed", "could not judge"]


@dataclass(frozen=True, slots=True)
class ConditionResult:
    """What became of one condition on one scope.

    Attributes:
        name: Of the condition, distinct within a gate.
        kind: Kind of the condition, e.g. ``absolute``.
        scope: Task, and slice where it is about one.
        outcome: ``insufficient`` counts as could not judge, ``abstained`` as passed with the slice
            left to people, ``reported`` as told and nothing more.
        wanted: What was asked for, in words.
        found: What was measured, in words.
        measured: The figure or difference; None where there is none.
        smallest_visible: Smallest breach that these adverts could show; None where it does not
            apply.
        message: One line for people: why, and what to do.
    """

    name: str
    kind: str
    scope: str
    outcome: Outcome
    wanted: str
    found: str
    measured: Estimate | None = None
    smallest_visible: float | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class AbstainedSlice:
    """Adverts that the model leaves to people until there is enough evidence."""

    language: str
    script: str
    modality: str


@dataclass(frozen=True, slots=True)
class GateRecord:
    """Everything that a gate decided, and of what.

    Attributes:
        gate: Name of its configuration.
        verdict: Of all conditions together.
        results: One for each condition and scope.
        abstained: Slices that are marked ``abstain`` in the bundle.
        model: Identity of the judged model, see ``Candidate.identity``.
        champion: Identity of the champion; None where none took part.
        data_hash: Of the judged dataset.
        split: Of it.
        adverts: Judged adverts.
        earlier_looks: How often this split of this dataset was looked at before.
        created: Time, ISO 8601, UTC.
        created_by: Release, and commit where it is known.
        gate_sha256: Of all that the gate asks; None in records of before.
        gate_changes: What it asks otherwise than the shipped gate of its name; empty where nothing
            is, None where it is not known.
    """

    gate: str
    verdict: Verdict
    results: tuple[ConditionResult, ...]
    abstained: tuple[AbstainedSlice, ...]
    model: str
    champion: str | None
    data_hash: str
    split: str
    adverts: int
    earlier_looks: int
    created: str
    created_by: str
    gate_sha256: str | None = None
    gate_changes: tuple[str, ...] | None = None

    @property
    def gate_as_asked(self) -> str:
        """Name the gate, and say where it is another one than the one that ships."""
        if not self.gate_changes:
            return self.gate
        return f"{self.gate}, changed ({'; '.join(self.gate_changes)})"
