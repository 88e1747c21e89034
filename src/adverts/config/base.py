"""Base of every section of the schema, and what its keys mean for ``--help``."""

from __future__ import annotations

import inspect

from pydantic import BaseModel, ConfigDict
from pydantic.fields import FieldInfo


class Config(BaseModel):
    """Immutable, and closed to misspelt keys.

    Fields carry types, bounds and meaning but no defaults: every value a run used is written in
    ``configs/``, so the history of that folder is the history of our choices.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")


def describe_keys(schema: type[BaseModel]) -> str:
    """Return a line for each key of a configuration, with what it means."""
    width = max(map(len, schema.model_fields))
    lines = (f"  {name:<{width}}  {_meaning(one)}" for name, one in schema.model_fields.items())
    return "\n".join(map(str.rstrip, lines))


def _meaning(field: FieldInfo) -> str:
    if field.description:
        return field.description
    section = field.annotation
    is_section = isinstance(section, type) and issubclass(section, BaseModel)
    first = (inspect.getdoc(section) or "").partition("\n")[0] if is_section else ""
    return first.removesuffix(".")
