"""Base of every section of the schema."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Config(BaseModel):
    """Immutable, and closed to misspelt keys.

    Fields carry types, bounds and meaning but no defaults: every value a run used is written in
    ``configs/``, so the history of that folder is the history of our choices.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
