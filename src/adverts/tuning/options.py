"""Read an option of a config group, such as ``augment=disguises``, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files

import yaml

Values = dict[str, object]


def options(group: str) -> list[str]:
    """Return the names of the options of a group such as ``model/ngrams``; empty for no group."""
    folder = files("adverts.configs").joinpath(group)
    if not folder.is_dir():
        return []
    names = (entry.name for entry in folder.iterdir())
    return sorted(
        name.removesuffix(".yaml")
        for name in names
        if name.endswith(".yaml") and not name.startswith("_")
    )


def read_option(group: str, option: str) -> Values:
    """Return the values of an option, with those of the files in its ``defaults``."""
    text = files("adverts.configs").joinpath(f"{group}/{option}.yaml").read_text("utf-8")
    own: Values = yaml.safe_load(text)
    entries = own.pop("defaults", ["_self_"])
    assert isinstance(entries, list), (group, option)
    merged: Values = {}
    for entry in entries:
        if entry == "_self_":
            merged = _joined(merged, own)
        elif isinstance(entry, str):
            merged = _joined(merged, read_option(group, entry))
        else:
            merged = _joined(merged, _included(group, entry))
    return merged


def _included(group: str, entry: Mapping[str, str]) -> Values:
    """Return the values of an entry such as ``ngrams: hashed`` or ``ngrams@_here_: hashed``."""
    [(name, option)] = entry.items()
    inner, _, place = name.partition("@")
    values = read_option(f"{group}/{inner}", option)
    return values if place == "_here_" else {inner: values}


def _joined(values: Values, others: Mapping[str, object]) -> Values:
    joined = dict(values)
    for name, value in others.items():
        before = joined.get(name)
        if isinstance(before, dict) and isinstance(value, dict):
            value = _joined(before, value)
        joined[name] = value
    return joined
