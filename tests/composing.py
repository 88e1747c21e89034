"""Configurations as the command line composes them, and the task that many tests begin from."""

from __future__ import annotations

from pathlib import Path

from hydra import compose, initialize_config_dir

import adverts.config as schema
from adverts.command import CONFIGS, parse

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
    main, also = (CONFIGS, directory) if name is None else (directory, CONFIGS)
    search = [f"hydra.searchpath=[file://{also}]"] if directory != CONFIGS else []
    with initialize_config_dir(str(main), version_base="1.3"):
        composed = compose(name or verb, overrides=[*overrides, *search])
    return parse(getattr(schema, f"{verb.title()}Config"), composed)
