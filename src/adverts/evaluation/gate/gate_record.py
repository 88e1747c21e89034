"""What the gate found: results, verdict, and the file whose hash names them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal, get_args

from adverts.errors import InputError, IntegrityError
from adverts.evaluation.report_content import to_plain
from adverts.evaluation.statistics.bootstrap import Estimate

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
        known = {"schema_version", *_names(GateRecord)}
        raw = _object(json.loads(data), "record", known, may_lack=_ADDED)
        if raw["schema_version"] != SCHEMA_VERSION:
            raise ValueError(
                f"schema_version is {raw['schema_version']!r}, this release reads {SCHEMA_VERSION}"
            )
        return GateRecord(
            gate=_text(raw, "gate"),
            verdict=_one_of(raw, "verdict", get_args(GateVerdict)),  # type: ignore[arg-type]
            results=tuple(_result(one) for one in _list(raw, "results")),
            abstained=tuple(_abstained(one) for one in _list(raw, "abstained")),
            model=_text(raw, "model"),
            champion=_optional_text(raw, "champion"),
            data_hash=_text(raw, "data_hash"),
            split=_text(raw, "split"),
            adverts=_count(raw, "adverts"),
            earlier_looks=_count(raw, "earlier_looks"),
            created=_text(raw, "created"),
            created_by=_text(raw, "created_by"),
            gate_sha256=_optional_text({"gate_sha256": None, **raw}, "gate_sha256"),
            gate_changes=_texts_or_none({"gate_changes": None, **raw}, "gate_changes"),
        )
    except (ValueError, RecursionError) as error:
        raise IntegrityError(f"{FILE_NAME} is no record of a gate ({error})") from error


def _result(value: object) -> ConditionResult:
    raw = _object(value, "results", _names(ConditionResult))
    return ConditionResult(
        name=_text(raw, "name"),
        kind=_text(raw, "kind"),
        scope=_text(raw, "scope"),
        outcome=_one_of(raw, "outcome", get_args(ConditionOutcome)),  # type: ignore[arg-type]
        wanted=_text(raw, "wanted"),
        found=_text(raw, "found"),
        measured=None if raw["measured"] is None else _estimate(raw["measured"]),
        smallest_visible=_optional_number(raw, "smallest_visible"),
        message=_text(raw, "message"),
    )


def _estimate(value: object) -> Estimate:
    raw = _object(value, "measured", _names(Estimate))
    return Estimate(
        _optional_number(raw, "value"),
        _optional_number(raw, "low"),
        _optional_number(raw, "high"),
        _optional_text(raw, "reason"),
    )


def _abstained(value: object) -> AbstainedSlice:
    raw = _object(value, "abstained", _names(AbstainedSlice))
    return AbstainedSlice(_text(raw, "language"), _text(raw, "script"), _text(raw, "modality"))


def _names(kind: type) -> set[str]:
    return {one.name for one in fields(kind)}


def _object(
    value: object, name: str, wanted: set[str], *, may_lack: frozenset[str] = frozenset()
) -> Mapping[str, object]:
    if not isinstance(value, dict) or set(value) | may_lack != wanted:
        unlike = (set(value) | may_lack) ^ wanted if isinstance(value, dict) else set()
        found = sorted(unlike) if isinstance(value, dict) else type(value).__name__
        raise ValueError(f"{name}: missing or unknown: {found}")
    return value


def _list(raw: Mapping[str, object], name: str) -> list[object]:
    value = raw[name]
    if not isinstance(value, list):
        raise ValueError(f"{name}: wanted a list, found {type(value).__name__}")
    return value


def _text(raw: Mapping[str, object], name: str) -> str:
    value = raw[name]
    if not isinstance(value, str):
        raise ValueError(f"{name}: wanted a text, found {type(value).__name__}")
    return value


def _optional_text(raw: Mapping[str, object], name: str) -> str | None:
    return None if raw[name] is None else _text(raw, name)


def _texts_or_none(raw: Mapping[str, object], name: str) -> tuple[str, ...] | None:
    if raw[name] is None:
        return None
    found = [one for one in _list(raw, name) if isinstance(one, str)]
    if len(found) != len(_list(raw, name)):
        raise ValueError(f"{name}: wanted texts")
    return tuple(found)


def _one_of(raw: Mapping[str, object], name: str, legal: tuple[str, ...]) -> str:
    value = _text(raw, name)
    if value not in legal:
        raise ValueError(f"{name} is {value!r}; legal: {', '.join(legal)}")
    return value


def _count(raw: Mapping[str, object], name: str) -> int:
    value = raw[name]
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{name} is {value!r}; wanted a whole number from 0")
    return value


def _optional_number(raw: Mapping[str, object], name: str) -> float | None:
    value = raw[name]
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        raise ValueError(f"{name} is {value!r}; wanted a number")
    return float(value)
