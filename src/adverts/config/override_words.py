"""Overrides as words: ``key=value`` as it is typed, and as Hydra reads it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from adverts.errors import InputError

_SENTENCES = re.compile(
    r"(collected|reason|approved_by|good_faith|replace_champion|accept_changed_gate"
    r"|accept_no_prevalence|who|why)=(?!null$|['\"])(.+)",
    re.DOTALL,
)
_FILES = re.compile(
    r"(labels|previous|sample|judgements)=(?!null$|\[\]$)(\[[^'\"\[\]]+\]|[^'\"\[\]]+)"
)
_ESCAPED = re.compile(r"(\\*)\$\{")  # where OmegaConf counts backslashes
_NAME = re.compile(r"[A-Za-z_][\w-]*", re.ASCII)
_FOLDERS = re.compile(r"[+~]*(hydra\.(?:run|sweep)\.(?:dir|subdir))=")
_OF_HYDRA = re.compile(r"[+~]*(hydra(?![\w-])[^=]*|[^=]*@[^=]*)")
_LEGAL_OF_HYDRA = (
    *("hydra/launcher=basic", "hydra/sweeper=basic", "hydra.mode=RUN", "hydra.mode=MULTIRUN"),
    *("hydra.verbose=true", "hydra.verbose=false"),
)
_QUOTED = re.compile(r"""(?s:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")""")
_READ_FROM_INPUT = re.compile(r"(find|reveal)=(?!(?:-|'-'|\"-\"|null)$)")
_HOME = re.compile(r"(?<==)~(?=/)|(?<=[\[,])~(?=/)")


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
            return quoted(str(value))
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
    """Return overrides as they were meant: nothing in them is looked up anywhere.

    A sentence or files get quotes where a key takes them, ``~/`` becomes the user's own folder, and
    what would be an interpolation in quotes is text. The keys of a split are set
    whether or not the file of the dataset has them: each kind of split has its own.

    Raises:
        InputError: A word holds an interpolation without quotes.
    """
    typed = [_as_text(_with_quotes(word)) for word in words]
    return [f"++{word}" if word.startswith("data.split.") else word for word in typed]


def without_interpolations(text: str) -> str:
    """Return text that OmegaConf resolves to ``text`` itself."""
    return _ESCAPED.sub(r"\1\1\\${", text)


def _as_text(word: str) -> str:
    if word.startswith("-"):
        return word
    if (found := _READ_FROM_INPUT.match(word)) is not None:  # the value is not repeated
        raise InputError(
            f"{found[1]}: a value is read from standard input alone, so that no history keeps it; "
            f"type {found[1]}=-, and the value there"
        )
    done, end = [], 0
    for found in (*_QUOTED.finditer(word), None):
        plain = word[end : found and found.start()]
        if "${" in plain:
            key, _, value = word.partition("=")
            raise InputError(
                f"{key}: ${{ begins an interpolation, which only the files of adverts may hold; "
                f"to mean these characters, type '{key}=\"{value}\"', with both kinds of quotes"
            )
        done.append(_HOME.sub(lambda _: str(Path.home()), plain))
        if found is not None:
            done.append(without_interpolations(found[0]))
            end = found.end()
    return "".join(done)


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


def quoted(text: str) -> str:
    """Return text in quotes, which a verb reads as it is."""
    inner = re.sub(r"(\\*)'", r"\1\1\\'", text)  # a backslash counts only before a quote
    after = inner[len(inner.rstrip("\\")) :]
    return f"'{inner}{after}'"


def refuse_flags(words: Iterable[str]) -> None:
    """Reject the flags of a command line, which composes more than one configuration.

    Raises:
        InputError: One of them is given, or a word that sets no key.
    """
    for word in words:
        if word.startswith("-"):
            raise InputError(f"{word}: flags are for the command line; give key=value here")
        refuse_bare(word)


def refuse_bare(word: str) -> None:
    """Reject a word that sets no key.

    Raises:
        InputError: It has no ``=``.
    """
    if "=" not in word and not word.startswith("~"):
        raise InputError(
            f"{word}: sets nothing; settings are typed as key=value, and --help shows the keys"
        )


def refuse_keys_of_hydra(words: Iterable[str]) -> None:
    """Reject what would change Hydra itself, or where the options of a group go.

    Its folders are not used, and its callbacks, launchers and sweepers name functions to call.

    Raises:
        InputError: One of the words does.
    """
    for word in words:
        if (found := _FOLDERS.match(word)) is not None:
            raise InputError(
                f"{found[1]}: not used; a verb names its own folder, such as run_dir=, and each "
                "job of a sweep has one of its own"
            )
        if _OF_HYDRA.match(word) is not None and word not in _LEGAL_OF_HYDRA:
            raise InputError(
                f"{word.partition('=')[0]}: not a key of adverts; of Hydra itself, these are "
                f"legal: {', '.join(_LEGAL_OF_HYDRA)}"
            )
