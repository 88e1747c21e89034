"""What Hydra rejected, told in the form of the schema's own messages."""

from __future__ import annotations

import difflib
import re
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path

from pydantic import BaseModel

from adverts.config.fault_messages import (
    describe_unknown_key,
    describe_unknown_name,
    legal_keys,
    named_freely,
    of_another_kind,
    unknown_part,
)
from adverts.errors import first_line

_EXPERIMENT = "experiment"

Words = Sequence[str]


def describe_rejection(
    error: Exception, verb: str, schema: type[BaseModel], words: Sequence[str]
) -> str:
    """Return a message about what Hydra rejected.

    Args:
        error: Error of Hydra or OmegaConf.
        verb: Name of the verb, which is also that of its configuration.
        schema: Schema of the configuration.
        words: Overrides as they were typed.
    """
    text = str(error).strip()
    if unknown := re.match(r"Could not override '([^']+)'", text):
        lacking = getattr(error.__cause__, "full_key", None)
        if isinstance(lacking, str) and named_freely(lacking, schema):
            return describe_unknown_name(lacking)
        part = unknown_part(unknown[1], schema)
        return (
            _to_be_added(part, words)
            or of_another_kind(part, schema)
            or describe_unknown_key(part, legal_keys(part, schema), schema)
        )
    if message := _unread_value(text):
        return message
    if choice := re.search(
        r"Could not find '([^'/]+)/([^']+)'\s+Available options[^:]*:(.*?)Config", text, re.S
    ):
        return _describe_option(choice[1], choice[2], choice[3].split())
    if name := re.match(r"Cannot find primary config '([^']+)'", text):
        return _describe_config_name(name[1], verb, text)
    key = getattr(error, "full_key", None)
    return f"{key}: {first_line(error)}" if key else first_line(error)


def _unread_value(text: str) -> str:
    """Return a message about a value that Hydra cannot read as one; empty for another error."""
    if unread := re.match(r"LexerNoViableAltException: (.*)", text):
        return f"{unread[1]}: cannot be read; {_quoting(unread[1])}"
    if several := re.match(r"Ambiguous value for argument '([^']+)'", text):
        return (
            f"{several[1]}: several values; type decimals with a point, such as 0.1, a list in "
            "brackets, and add -m to run a job for each value"
        )
    return ""


def _describe_option(group: str, found: str, options: Sequence[str]) -> str:
    """Return a message about an option that a group of configurations does not have."""
    if group == "data" and (Path(found).suffix or Path(found).is_file()):
        return (
            f"data: found the file {found!r}, wanted the name of settings that say what it holds; "
            f"adverts init {shlex.quote(found)} writes them"
        )
    there = Path("conf") / group / f"{found}.yaml"
    hint = f"; to use {there}, add -cd conf" if there.is_file() else ""
    return describe_choice(group, found, [one for one in options if one[0] != "_"]) + hint


def every_rejection(
    error: Exception,
    verb: str,
    schema: type[BaseModel],
    words: Words,
    check: Callable[[Words], Exception | None],
) -> list[str]:
    """Return one line for each fault of a configuration; Hydra itself stops at the first one.

    Each refused word is removed and the rest composed again, until Hydra accepts it.

    Args:
        error: The first error.
        verb: Name of the verb.
        schema: Schema of the configuration.
        words: Overrides as they were typed.
        check: Composes the given words; returns the error of Hydra, or None if it accepts them.
    """
    faults = [describe_rejection(error, verb, schema, words)]
    left = words
    while (kept := _without_refused(str(error), left)) != list(left):
        left = kept
        next_one = check(left)
        if next_one is None:
            break
        error = next_one
        faults.append(describe_rejection(error, verb, schema, left))
    return faults


def describe_choice(key: str, found: str, legal: Sequence[str]) -> str:
    """Return a message about a value that is not one of the legal ones, with the nearest."""
    near = difflib.get_close_matches(found, legal, n=1)
    hint = f"; nearest: {near[0]}" if near else ""
    return f"{key}: found {found!r}{hint}; legal: {', '.join(legal)}"


def _without_refused(text: str, words: Words) -> list[str]:
    """Return the words without those that the error message of Hydra rejects."""
    refused = re.match(r"\s*Could not override '([^']+)'", text) or re.search(
        r"Could not find '([^'/]+)/[^']+'", text
    )
    if refused is None:
        return list(words)
    return [word for word in words if word.partition("=")[0].lstrip("+~") != refused[1]]


def _to_be_added(key: str, words: Words) -> str | None:
    """Return a message that a preset must be added with a plus; None if ``key`` is another key."""
    typed = next((word for word in words if word.startswith(f"{_EXPERIMENT}=")), None)
    return f"{key}: must be added with a plus: +{typed}" if key == _EXPERIMENT and typed else None


def _quoting(word: str) -> str:
    """Return how to type a value with characters that Hydra accepts only in quotes."""
    key, _, value = word.partition("=")
    if not key.isascii():
        return "a name with such letters can only stand in a configuration file, see -cd"
    if value.startswith("[") and value.endswith("]"):
        items = ",".join(f'"{one.strip()}"' for one in value[1:-1].split(","))
        return f"type '{key}=[{items}]', with both kinds of quotes"
    return f"""type '{key}="{value}"', with both kinds of quotes"""


def _describe_config_name(name: str, verb: str, text: str) -> str:
    """Return a message with the legal names for ``-cn``: the verb and files in searched folders."""
    folders = [Path(folder) for folder in re.findall(r"path=file://(.+)", text)]
    legal = sorted({verb, *(file.stem for folder in folders for file in folder.glob("*.yaml"))})
    return describe_choice("-cn", name, legal)
