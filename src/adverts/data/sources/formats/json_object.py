"""Reads one JSON object, with a bound on how deep it is nested."""

from __future__ import annotations

import json
from collections.abc import Iterable

from adverts.data.sources.bad_rows import RowFault
from adverts.data.sources.formats.faults import reason_without_quote

_MAX_DEPTH = 20


def read_object(data: bytes) -> dict[str, object] | RowFault:
    """Return the object that some bytes hold, or the fault that makes them unusable."""
    try:
        value = json.loads(data.decode("utf-8").rstrip())
    except (ValueError, RecursionError) as error:
        return RowFault("", reason_without_quote(error))
    if not isinstance(value, dict):
        return RowFault("", f"is a JSON {type(value).__name__}, an object is wanted")
    if data.count(b"[") + data.count(b"{") > _MAX_DEPTH and (depth := _depth(value)) > _MAX_DEPTH:
        return RowFault("", f"nests lists and objects {depth} deep, at most {_MAX_DEPTH} are read")
    return value


def _depth(value: object) -> int:
    """Return how deep lists and objects are nested in a value."""
    depth, layer = 0, [value]
    while layer:
        depth += 1
        layer = [child for one in layer for child in _inside(one)]
    return depth


def _inside(value: object) -> list[object]:
    """Return the lists and objects directly inside a value."""
    match value:
        case dict():
            children: Iterable[object] = value.values()
        case list():
            children = value
        case _:
            children = ()
    return [child for child in children if isinstance(child, dict | list)]
