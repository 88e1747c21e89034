"""Describe all faults of a configuration at once: the key, the value found, what is legal."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

Location = Sequence[str | int]


def describe_faults(error: ValidationError, schema: type[BaseModel], missing: Iterable[str]) -> str:
    """Return one line for each fault that the schema found.

    Args:
        error: Error that the validation raised.
        schema: The schema that was validated against; it has the legal keys.
        missing: Dotted keys that are not set; their lines come first.
    """
    unset = set(missing)
    lines = [f"{key}: not set; give it as {key}=<value>" for key in sorted(unset)]
    for fault in _innermost(error.errors()):
        key = dotted_key(fault["loc"], schema)
        if key not in unset:
            lines.append(_describe(fault, key, schema))
    return "\n".join(lines)


def describe_missing(missing: Iterable[str]) -> str:
    """Return one line for each key that is not set."""
    return "\n".join(f"{key}: not set; give it as {key}=<value>" for key in sorted(missing))


def describe_unknown_key(key: str, legal: Sequence[str], schema: type[BaseModel]) -> str:
    """Return the line for a dotted ``key`` that a config does not contain.

    The nearest key is the one that has the same name in another place, if there is just one.

    Args:
        key: Key that was set.
        legal: Legal keys in this place, of any kind; they may include the last part of ``key``.
        schema: Schema of the configuration.
    """
    name = key.rpartition(".")[2]
    if name in legal:
        return f"{key}: the chosen config does not contain this key; add it as +{key}=<value>"
    near = [one for one in _every_key(schema) if one.rpartition(".")[2] == name]
    if len(near) != 1:
        near = difflib.get_close_matches(name, legal, n=1, cutoff=0.5)
    hint = f"; nearest key: {near[0]}" if near else ""
    return f"{key}: no such key{hint}; legal keys here: {', '.join(sorted(legal))}"


def of_another_kind(key: str, schema: type[BaseModel]) -> str | None:
    """Return a message that names the kinds which have ``key``; None if no other kind has it."""
    *before, name = key.split(".")
    models = _models_at(before, schema)
    having = [model for model in models if name in model.model_fields]
    kinds = sorted({str(tag) for model in having for tag in _tags(model)})
    if not kinds or len(having) == len(models):
        return None
    section = ".".join(before)
    return f"{key}: belongs to {section}.kind={' or '.join(kinds)}, but another kind is chosen"


def legal_keys(key: str, schema: type[BaseModel]) -> list[str]:
    """Return the keys that are legal in the place of the dotted ``key``."""
    return _legal_keys(key.split("."), schema)


def unknown_part(key: str, schema: type[BaseModel]) -> str:
    """Return the dotted ``key`` up to and including its first part unknown to the schema."""
    parts = key.split(".")
    for end in range(1, len(parts)):
        known = parts[end - 1] in _legal_keys(parts[:end], schema)
        if not known and not named_freely(".".join(parts[:end]), schema):
            return ".".join(parts[:end])
    return key


def named_freely(key: str, schema: type[BaseModel]) -> bool:
    """Return whether the last part of the dotted ``key`` is a name that the config chooses."""
    *before, name, _ = ("", *key.split("."))
    fields = [model.model_fields.get(name) for model in _models_at(before[1:], schema)]
    return any(one is not None and get_origin(one.annotation) is dict for one in fields)


def describe_unknown_name(key: str) -> str:
    """Return the line for a dotted ``key`` whose last part is not a name in the chosen config."""
    group, _, name = key.rpartition(".")
    return (
        f"{group}: the chosen config has no {name!r}; its file in configs/ shows the names, and "
        f"+{key}… adds one"
    )


def _innermost(faults: Sequence[ErrorDetails]) -> list[ErrorDetails]:
    """Return the faults without those of containers that only repeat a fault inside them."""
    places = [fault["loc"] for fault in faults]
    return [
        fault
        for fault in faults
        if not any(
            len(place) > len(fault["loc"]) and place[: len(fault["loc"])] == fault["loc"]
            for place in places
        )
    ]


def _describe(fault: ErrorDetails, key: str, schema: type[BaseModel]) -> str:
    if fault["type"] == "extra_forbidden":
        legal = _legal_keys(fault["loc"], schema)
        return of_another_kind(key, schema) or describe_unknown_key(key, legal, schema)
    if fault["type"] == "missing":
        return f"{key}: not set; give it as {key}=<value>"
    if fault["type"] == "union_tag_invalid":
        context = fault.get("ctx", {})
        tag = str(context.get("discriminator", "kind")).strip("'")
        expected = context.get("expected_tags", "")
        return f"{key}.{tag}: found {context.get('tag')!r}; legal: {expected}"
    found = fault["input"]
    if not key and fault["type"] == "value_error":  # of keys that do not fit together
        return fault["msg"].removeprefix("Value error, ")
    shown = "a group of keys" if isinstance(found, dict) else repr(found)
    message = fault["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    message = message.replace(", unable to parse string as a number", ", such as 0.01")
    if fault["type"] in ("tuple_type", "list_type"):
        message = f"a list in brackets, such as '{key}=[{found}]'"
    if fault["type"] == "string_type":
        message = f"""a text; type '{key}="{found}"', with both kinds of quotes"""
    if fault["type"] == "too_short":
        message = f"at least {fault['ctx']['min_length']} of them"
    return f"{key or 'configuration'}: found {shown}; wanted: {message}"


def dotted_key(location: Location, schema: type[BaseModel]) -> str:
    """Return ``location`` as a dotted key, without the tags of unions."""
    parts: list[str] = []
    models: list[type[BaseModel]] = [schema]
    for step in location:
        tagged = [model for model in models if len(models) > 1 and step in _tags(model)]
        if tagged:
            models = tagged
            continue
        parts.append(str(step))
        models = [inner for model in models for inner in _inner_models(model, step)] or models
    return ".".join(parts)


def _legal_keys(location: Location, schema: type[BaseModel]) -> list[str]:
    models = _models_at(location[:-1], schema)
    return sorted({name for model in models for name in model.model_fields})


def _every_key(schema: type[BaseModel], before: str = "") -> list[str]:
    """Return every dotted key of a configuration, of any kind, the outer ones first."""
    found, inner = [f"{before}{name}" for name in schema.model_fields], []
    for name, field in schema.model_fields.items():
        for model in _models_in(field.annotation):
            inner += _every_key(model, f"{before}{name}.")
    return list(dict.fromkeys([*found, *inner]))


def _models_at(location: Location, schema: type[BaseModel]) -> list[type[BaseModel]]:
    models: list[type[BaseModel]] = [schema]
    for step in location:
        tagged = [model for model in models if len(models) > 1 and step in _tags(model)]
        models = tagged or [m for model in models for m in _inner_models(model, step)] or models
    return models


def _inner_models(model: type[BaseModel], step: str | int) -> list[type[BaseModel]]:
    field = model.model_fields.get(str(step))
    return _models_in(field.annotation) if field else []


def _models_in(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models_in(part)]


def _tags(model: type[BaseModel]) -> tuple[object, ...]:
    kind = model.model_fields.get("kind")
    return get_args(kind.annotation) if kind else ()
