"""Schema of a gate: which conditions a model must meet, and what happens where nobody can tell."""

from __future__ import annotations

from pydantic import Field

from adverts.config.base import Config


class GateConfig(Config):
    """Conditions by name; without one, nothing is judged."""

    name: str
    needs_champion: bool = Field(description="refuse to judge without a champion")
