"""YAML with text of others: what is read has bounds, and what is written keeps it as text."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from typing import Any

import yaml

from adverts.errors import shown

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


def as_yaml(settings: Mapping[str, object]) -> str:
    """Return settings as YAML from which every loader reads exactly them again.

    Texts are in double quotes: none is a number, a date or an alias to any loader. What does not
    print is escaped in them, so that no editor shows one text for another.
    """
    text = yaml.dump(
        dict(settings),
        Dumper=_Quoting,
        allow_unicode=True,
        default_flow_style=False,
        sort_keys=False,
        width=sys.maxsize,
    )
    return shown(text, len(text))  # its escapes are those of YAML in double quotes


class _Quoting(yaml.SafeDumper):
    def represent_mapping(
        self,
        tag: str,
        mapping: Any,  # noqa: ANN401 - as the class above has it
        flow_style: bool | None = None,
    ) -> yaml.MappingNode:
        node = super().represent_mapping(tag, mapping, flow_style)
        for key, _ in node.value:
            if re.fullmatch("[a-z_]+", key.value):
                key.style = None  # which is then quoted only where it must be
        return node

    def ignore_aliases(self, data: object) -> bool:
        return True


_Quoting.add_representer(
    str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"')
)
