"""YAML of strangers: what a few bytes of it may grow to."""

from __future__ import annotations

import yaml

_MAX_BYTES, _MAX_DEPTH, _MAX_ALIASES = 1_000_000, 50, 100


class YamlBoundError(ValueError):
    """A text is too long, nested too deep, or repeats itself too often."""


def refuse_yaml_bomb(text: str) -> None:
    """Refuse a text that could grow beyond measure; nothing of it is built.

    Raises:
        YamlBoundError: It is too long, nested too deep, or repeats its own parts.
        yaml.YAMLError: It is no YAML.
    """
    if len(text) > _MAX_BYTES:
        raise YamlBoundError(f"it has {len(text):,} characters, at most {_MAX_BYTES:,} are read")
    depth = aliases = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif isinstance(event, yaml.AliasEvent):
            aliases += 1
        if depth > _MAX_DEPTH:
            raise YamlBoundError(f"it is nested more than {_MAX_DEPTH} deep")
        if aliases > _MAX_ALIASES:
            raise YamlBoundError(f"it repeats its own parts more than {_MAX_ALIASES} times")
