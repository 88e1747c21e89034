"""Configurations as the command line composes them, and the task that many tests begin from."""

from __future__ import annotations

from pathlib import Path

from calling import schema_of

from adverts.command import CONFIGS
from adverts.compose import compose

TASK = {
    "name": "refer",
    "kind": "single",
    "column": "label",
    "labels": ["no", "yes"],
    "positive": "yes",
    "separator": None,
    "masked": [],
}


def load(verb: str, *overrides: str, directory: Path = CONFIGS, name: str | None = None):
    """Compose and validate ``verb``, with a folder of its own as with ``-cd``, maybe ``-cn``."""
    kind = schema_of(verb)
    folder = None if directory == CONFIGS else directory
    return compose(verb, kind, overrides, config_dir=folder, config_name=name)
