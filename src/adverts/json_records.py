"""Dataclasses as JSON records of this package: read strictly, so that every fault names a field."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Annotated, Any, TypeVar

from pydantic import Field, TypeAdapter, ValidationError

from adverts.errors import shown
from adverts.files.bounded_reading import MAX_VALUES, parse_json

T = TypeVar("T")
Count = Annotated[int, Field(ge=0)]
"""A whole number from 0."""
_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    if kind not in _ADAPTERS:  # it takes milliseconds to build one
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def parse_record(
    kind: type[T],
    data: str | bytes,
    version: int,
    *,
    may_lack: frozenset[str] = frozenset(),
    max_values: int = MAX_VALUES,
) -> T:
    """Return the record that the bytes hold: no key more, none less, no number that is none.

    Args:
        kind: A dataclass of texts, numbers, literals, tuples, mappings and dataclasses.
        data: A JSON object with the fields of ``kind`` and ``schema_version``.
        version: The only ``schema_version`` that is read.
        may_lack: Fields that an earlier release did not write, such as ``name``, or ``items.name``
            of the objects in a list.
        max_values: Most values that it may hold, see :func:`parse_json`.

    Raises:
        ValueError: It is another record, or none; the message names the field.
    """
    raw = parse_json(data, max_values=max_values)
    if not isinstance(raw, dict):
        raise ValueError(f"wanted an object, found {type(raw).__name__}")
    stated = raw.pop("schema_version", None)
    if type(stated) is not int or stated != version:
        raise ValueError(f"schema_version is {shown(repr(stated))}, this release reads {version}")
    try:
        record: T = _adapter(kind).validate_json(json.dumps(raw, allow_nan=False), strict=True)
    except ValidationError as error:
        value = error.errors(include_url=False)[0]["input"]
        found = type(value).__name__ if isinstance(value, list | dict) else shown(repr(value))
        raise ValueError(f"{first_fault(error)}, found {found}") from error
    unlike = sorted(_unlike(raw, _adapter(kind).dump_python(record, mode="json"), ""))
    if {re.sub(r"\.\d+\.", ".", one) for one in unlike} - may_lack:
        raise ValueError(f"missing or unknown: {', '.join(unlike)}")
    return record


def first_fault(error: ValidationError) -> str:
    """Return the first field that is not as wanted, and why, without what was found there."""
    first = error.errors(include_input=False, include_url=False)[0]
    return f"{'.'.join(map(str, first['loc'])) or 'as a whole'}: {first['msg']}"


def _unlike(raw: Any, whole: Any, path: str) -> Iterator[str]:  # noqa: ANN401 - any JSON value
    """Name the keys that one of two JSON values lacks."""
    if isinstance(raw, dict) and isinstance(whole, dict):
        for name in raw.keys() ^ whole.keys():
            yield f"{path}{name}"
        for name in raw.keys() & whole.keys():
            yield from _unlike(raw[name], whole[name], f"{path}{name}.")
    elif isinstance(raw, list) and isinstance(whole, list):
        for number, (one, other) in enumerate(zip(raw, whole, strict=True)):
            yield from _unlike(one, other, f"{path}{number}.")


def from_plain(kind: type[T], raw: object) -> T:
    """Return the dataclass that a value of JSON describes.

    Raises:
        ValueError: It describes another one; the message names the field.
    """
    found: T = _adapter(kind).validate_python(raw)
    return found
