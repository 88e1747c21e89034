"""The record of a gate as a file: the same record gives the same bytes, so that a hash names it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import get_args

from adverts.errors import InputError, IntegrityError
from adverts.evaluation.gate.record import (
    AbstainedSlice,
    ConditionResult,
    GateRecord,
    Outcome,
    Verdict,
)
from adverts.evaluation.report_content import to_plain
from adverts.evaluation.statistics.bootstrap import Estimate

FILE_NAME = "gate.json"
SCHEMA_VERSION = 2
_ADDED = frozenset({"gate_sha256", "gate_changes"})  # since: records of before lack them


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
            verdict=_one_of(raw, "verdict", get_args(Verdict)),  # type: ignore[arg-type]
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
        outcome=_one_of(raw, "outcome", get_args(Outcome)),  # type: ignore[arg-type]
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
