"""The contract with services, as JSON Schemas (2020-12) that other languages can check."""

from __future__ import annotations

from importlib import resources
from typing import Literal, get_args

SchemaName = Literal["request", "response"]
SCHEMA_NAMES: tuple[SchemaName, ...] = get_args(SchemaName)


def schema_text(name: SchemaName) -> str:
    """Return the JSON Schema of a request or of a response, as it ships."""
    place = resources.files("adverts.runtime") / "schemas" / f"{name}.schema.json"
    return place.read_text(encoding="utf-8")
