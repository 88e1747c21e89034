"""Reject untrusted YAML that is too long or would expand to too many values."""

from __future__ import annotations

import yaml

MAX_BYTES = 1_000_000
_MAX_DEPTH, _MAX_VALUES = 50, 200_000


class YamlBoundError(ValueError):
    """A text is too long, nested too deep, or repeats its own parts too often."""


def refuse_yaml_bomb(text: str) -> None:
    """Raise an error for YAML that could expand without limit; no value is built from it.

    Raises:
        YamlBoundError: The text is too long, nested too deep, or holds too many values once its
            aliases are expanded.
        yaml.YAMLError: The text is not YAML.
    """
    if len(text) > MAX_BYTES:
        raise YamlBoundError(f"it has more than {MAX_BYTES:,} characters")
    held: dict[str, int] = {}  # maps each anchor to its number of values
    open_lists: list[tuple[str | None, int]] = [(None, 0)]
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        match event:
            case yaml.CollectionStartEvent():
                open_lists.append((event.anchor, 1))
                _refuse(len(open_lists), 0)
                continue
            case yaml.CollectionEndEvent():
                anchor, values = open_lists.pop()
            case yaml.ScalarEvent():
                anchor, values = event.anchor, 1
            case yaml.AliasEvent():
                anchor, values = None, held.get(event.anchor or "", 1)
            case _:
                continue
        if anchor is not None:
            held[anchor] = values
        outer, before = open_lists[-1]
        open_lists[-1] = (outer, before + values)
        _refuse(len(open_lists), before + values)


def _refuse(depth: int, values: int) -> None:
    if depth > _MAX_DEPTH:
        raise YamlBoundError(f"it is nested more than {_MAX_DEPTH} deep")
    if values > _MAX_VALUES:
        raise YamlBoundError(f"it holds more than {_MAX_VALUES:,} values, repeated ones counted")
