"""The record of a gate: its results, its verdict, and reading and writing ``gate.json``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from adverts import json_records
from adverts.errors import InputError, IntegrityError
from adverts.evaluation.report_content import to_plain
from adverts.evaluation.statistics.bootstrap import Estimate
from adverts.files.bounded_reading import MAX_BYTES, read_bounded
from adverts.json_records import Count

ConditionOutcome = Literal["passed", "failed", "insufficient", "abstained", "reported"]
GateVerdict = Literal["passed", "failed", "could not judge"]
FILE_NAME, SIGNATURE_NAME = "gate.json", "gate_signature.json"
SCHEMA_VERSION = 2
NO_PREVALENCE = "no operating prevalence is asked for, since "
"""How the difference begins of a gate that does not judge precision in service."""
NOT_SHIPPED = "no gate of the name "
"""How the first difference of a gate begins that has no shipped gate to differ from."""
_ADDED = frozenset(
    {"gate_sha256", "gate_changes", "model_kind", "champion_kind", "asked", "results.enough"}
)  # earlier records lack these


@dataclass(frozen=True, slots=True)
class ConditionResult:
    """Result of one condition on one scope.

    Attributes:
        name: Name of the condition, unique within a gate.
        kind: Kind of the condition, e.g. ``absolute``.
        scope: Task, and slice where the result is about one.
        outcome: ``insufficient`` counts as could not judge, ``abstained`` as passed with the slice
            left to people, ``reported`` as information only.
        wanted: What was required, in words.
        found: What was measured, in words.
        measured: The figure or difference; None where there is none.
        smallest_visible: Smallest breach that these adverts could show; None where it does not
            apply.
        message: One line for people with the reason and what to do.
        enough: About how many judged adverts, in the mixture of these, would decide what could not
            be judged; None where it was judged, or where no number of them is known to suffice.
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
    enough: int | None = None


@dataclass(frozen=True, slots=True)
class AbstainedSlice:
    """Adverts that the model leaves to people until there is enough evidence."""

    language: str
    script: str
    modality: str


@dataclass(frozen=True, slots=True)
class GateRecord:
    """Everything that a gate decided, and what it was decided on.

    Attributes:
        gate: Name of the gate's configuration.
        verdict: Verdict of all conditions together.
        results: One result for each condition and scope, the worst first.
        abstained: Slices that are marked ``abstain`` in the bundle.
        model: Identity of the judged model, see ``Candidate.identity``.
        champion: Identity of the champion; None without a champion.
        data_hash: Hash of the judged dataset.
        split: Judged split of the dataset.
        adverts: Number of judged adverts.
        earlier_looks: How often other models were tried on these adverts before.
        created: Time of the verdict, ISO 8601, UTC.
        created_by: Release, and commit if known.
        gate_sha256: sha256 of everything that the gate requires; None in earlier records.
        gate_changes: Differences from the shipped gate of the same name; empty if there are none,
            None if unknown.
        model_kind: What was judged of the model: ``bundle``, ``checkpoint`` or ``predictions``,
            which were stored before; None in earlier records.
        champion_kind: The same of the champion; None without one, and in earlier records.
        asked: The configuration of the gate, as JSON; None in earlier records.
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
    model_kind: str | None = None
    champion_kind: str | None = None
    asked: dict[str, object] | None = None

    @property
    def no_prevalence(self) -> str | None:
        """Why it was accepted that no prevalence in service is stated; None if it was not."""
        for one in self.gate_changes or ():
            if one.startswith(NO_PREVALENCE):
                return one.removeprefix(NO_PREVALENCE)
        return None

    @property
    def gate_as_asked(self) -> str:
        """Name of the gate, with its differences from the shipped gate of that name."""
        if not self.gate_changes:
            return self.gate
        return f"{self.gate}, {self.how_it_differs} ({'; '.join(self.gate_changes)})"

    @property
    def how_it_differs(self) -> str:
        """What a gate with differences is: a changed one, or one that never shipped."""
        first = self.gate_changes[0] if self.gate_changes else ""
        return "a gate of your own" if first.startswith(NOT_SHIPPED) else "changed"

    @property
    def meaning(self) -> str:
        """What the verdict means for the model, and what to do about it."""
        if self.verdict == "passed":
            return "The model may be proposed for promotion."
        if self.verdict == "failed":
            return "The model may not be used: correct what is named below, and judge it again."
        return (
            "The model may not be used yet. This says nothing for or against it: bring what is "
            "named below, usually more labelled adverts, and judge it again." + self._enough
        )

    @property
    def _enough(self) -> str:
        """Say how many judged adverts would decide what could not be judged; empty if unknown."""
        open_ones = [one.enough for one in self.results if one.outcome == "insufficient"]
        known = [one for one in open_ones if one is not None]
        if not known:
            return ""
        some = "" if len(known) == len(open_ones) else f"{len(known)} of the {len(open_ones)} "
        return (
            f" {'For ' + some + 'open checks, a' if some else 'A'}bout {max(known):,} adverts like "
            f"these would be enough in {self.split}, where {self.adverts:,} are judged now."
        )


def record_bytes(record: GateRecord) -> bytes:
    """Return the record as canonical JSON: keys in order, no NaN or infinity."""
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


def write_record(folder: Path, record: GateRecord) -> None:
    """Write the record to ``gate.json``, readable by its owner alone."""
    path = folder / FILE_NAME
    path.touch(mode=0o600)
    path.write_bytes(record_bytes(record))


def read_record(path: Path) -> GateRecord:
    """Read the record that :func:`record_bytes` made.

    Raises:
        InputError: The file cannot be read.
        IntegrityError: The file is no record of a gate, or has another schema version; the message
            names the field.
    """
    try:
        data = read_bounded(path, most=MAX_BYTES)
    except OSError:
        raise InputError(f"{path} cannot be read; give the gate.json of a report") from None
    return parse_record(data)


def parse_record(data: bytes) -> GateRecord:
    """Return the record in ``data``; raise IntegrityError as :func:`read_record` does."""
    try:
        return json_records.parse_record(GateRecord, data, SCHEMA_VERSION, may_lack=_ADDED)
    except ValueError as error:
        raise IntegrityError(f"{FILE_NAME} is no record of a gate ({error})") from error
