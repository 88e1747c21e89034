"""Base class of every section of the schema, and the description of its keys for ``--help``."""

from __future__ import annotations

import inspect
import re
from contextlib import suppress
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, field_validator
from pydantic.fields import FieldInfo


def _is_said(reason: str) -> str:
    """Return a reason; a placeholder, or a sign that says nothing, is none."""
    if reason.strip() and (reason.strip() == "WHY" or not re.search(r"[^\W_]{2}", reason)):
        raise ValueError("say why in your own words; they are kept")
    return reason


Why = Annotated[str, AfterValidator(_is_said)]
"""Why an exception from a rule is made."""


class Config(BaseModel):
    """Base of all sections: immutable, and an unknown key is an error.

    Fields have types, bounds and meaning, but rarely a default. The values are in ``configs/``, so
    the history of that folder shows every change of a choice.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @field_validator("*")
    @classmethod
    def _in_own_folder(cls, value: object) -> object:
        """Return a path with the user's own folder for a ``~`` that no shell has replaced."""
        if isinstance(value, Path) and value.parts[:1] != () and value.parts[0].startswith("~"):
            with suppress(RuntimeError):  # there is no such user
                return value.expanduser()
        if isinstance(value, tuple | list) and any(isinstance(one, Path) for one in value):
            return type(value)(map(cls._in_own_folder, value))
        return value


def describe_keys(schema: type[BaseModel]) -> str:
    """Return one line for each key of a configuration, with its meaning."""
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
