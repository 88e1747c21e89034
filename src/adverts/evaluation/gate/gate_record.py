"""What the gate found: results, verdict, and the file whose hash names them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from adverts import json_records
from adverts.errors import InputError, IntegrityError
from adverts.evaluation.report_content import to_plain
from adverts.evaluation.statistics.bootstrap import Estimate
from adverts.json_records import Count

ConditionOutcome = Literal["passed", "failed", "insufficient", "abstained", "reported"]
GateVerdict = Literal["passed", "failed", "could not judge"]
FILE_NAME = "gate.json"
SCHEMA_VERSION = 2
_ADDED = frozenset({"gate_sha256", "gate_changes"})  # since: records of before lack them


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
    outcome: ConditionOutcome
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
    verdict: GateVerdict
    results: tuple[ConditionResult, ...]
    abstained: tuple[AbstainedSlice, ...]
    model: str
    champion: str | None
    data_hash: str
    split: str
    adverts: Count
    earlier_looks: Count
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


def record_bytes(record: GateRecord) -> bytes:
    """Return the record as canonical JSON: keys in order, no number that is none."""
    plain = to_plain(record)
    assert isinstance(plain, dict), "a dataclass is an object"
    text = json.dumps(
        {"schema_version": SCHEMA_VERSION, **plain},
        indent=1,
        sort_keys=True,
        ensure_ascii=False,
        allow_nan=False,
    )
    return (text + "\n").encode()


def read_record(path: Path) -> GateRecord:
    """Read the record that :func:`record_bytes` made.

    Raises:
        InputError: There is no such file.
        IntegrityError: It is no record of a gate, or of another schema version; names the field.
    """
    try:
        data = path.read_bytes()
    except OSError:
        raise InputError(f"{path} cannot be read; give the gate.json of a report") from None
    return parse_record(data)


def parse_record(data: bytes) -> GateRecord:
    """Return the record that these bytes hold; raises as :func:`read_record`."""
    try:
        return json_records.parse_record(GateRecord, data, SCHEMA_VERSION, may_lack=_ADDED)
    except (ValueError, RecursionError) as error:
        raise IntegrityError(f"{FILE_NAME} is no record of a gate ({error})") from error
