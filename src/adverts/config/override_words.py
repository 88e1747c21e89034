"""Overrides as words: ``key=value`` as it is typed, and as Hydra reads it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from adverts.errors import InputError

_SENTENCES = re.compile(
    r"(collected|reason|approved_by|good_faith|replace_champion|accept_changed_gate|who|why)=(?!null$|['\"])(.+)",
    re.DOTALL,
)
_FILES = re.compile(
    r"(labels|previous|sample|judgements)=(?!null$|\[\]$)(\[[^'\"\[\]]+\]|[^'\"\[\]]+)"
)
_ESCAPED = re.compile(r"(\\*)\$\{")  # where OmegaConf counts backslashes
_NAME = re.compile(r"[A-Za-z_][\w-]*", re.ASCII)
_FOLDERS = re.compile(r"[+~]*(hydra\.(?:run|sweep)\.(?:dir|subdir))=")


def as_word(key: str, value: object) -> str:
    """Return the override that sets ``key`` to a value of Python, exactly as it is.

    Raises:
        InputError: The value is of a type that no key takes.
    """
    return f"{key}={_in_hydra(key, value)}"


def _in_hydra(key: str, value: object) -> str:
    value = _plain(value)
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case int() | float():
            return repr(value)
        case str() | Path():
            return literal(str(value))
        case Mapping():
            pairs = [f"{_name(key, name)}: {_in_hydra(key, one)}" for name, one in value.items()]
            return f"{{{', '.join(pairs)}}}"
        case list() | tuple():
            return f"[{', '.join(_in_hydra(key, one) for one in value)}]"
        case _:
            raise InputError(
                f"{key}: found a {type(value).__name__}; give text, a number or a list"
            )


def _plain(value: object) -> object:
    """Return a number of numpy as that of Python; other values as they are."""
    item = getattr(value, "item", None)
    return item() if callable(item) and getattr(value, "shape", None) == () else value


def _name(key: str, name: object) -> str:
    if not isinstance(name, str) or _NAME.fullmatch(name) is None:
        raise InputError(f"{key}: found the name {name!r}; use letters a-z, digits, - and _")
    return name


def typed_words(words: Iterable[str]) -> list[str]:
    """Return overrides with quotes around a sentence or files, where a key takes them."""
    return [_with_quotes(word) for word in words]


def _with_quotes(word: str) -> str:
    """Return a key that takes a sentence or files with quotes around each, if they have none."""
    found = _SENTENCES.fullmatch(word)
    if found is not None:
        return f"{found[1]}={quoted(found[2])}"
    found = _FILES.fullmatch(word)
    if found is None:
        return word
    text = found[2].removeprefix("[").removesuffix("]")
    names = [one.strip() for one in text.split(",")]
    return f"{found[1]}=[{','.join(map(quoted, names))}]"


def literal(text: str) -> str:
    """Return text in quotes that Hydra reads exactly as it is: nothing in it is resolved."""
    return quoted(_ESCAPED.sub(r"\1\1\\${", text))


def quoted(text: str) -> str:
    """Return text in quotes that Hydra reads as it is; only its interpolations are resolved."""
    inner = re.sub(r"(\\*)'", r"\1\1\\'", text)  # a backslash counts only before a quote
    after = inner[len(inner.rstrip("\\")) :]
    return f"'{inner}{after}'"


def refuse_flags(words: Iterable[str]) -> None:
    """Reject the flags of a command line, which composes more than one configuration.

    Raises:
        InputError: One of them is given.
    """
    for word in words:
        if word.startswith("-"):
            raise InputError(f"{word}: flags are for the command line; give key=value here")


def refuse_folders(words: Iterable[str]) -> None:
    """Reject the folder options of Hydra, which the verbs do not use.

    Raises:
        InputError: One of them is given.
    """
    for word in words:
        if (found := _FOLDERS.match(word)) is not None:
            raise InputError(
                f"{found[1]}: not used; a verb names its own folder, such as run_dir=, and each "
                "job of a sweep has one of its own"
            )
