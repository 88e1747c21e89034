"""Keywords and overrides of a call as the words that Hydra reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from adverts.config.override_words import as_word
from adverts.errors import InputError

Overrides = Sequence[str] | Mapping[str, object]
"""Settings in Hydra's words, such as ``["trainer.epochs=3"]``, or as ``{"trainer.epochs": 3}``."""


def words(
    given: Mapping[str, object], overrides: Overrides, *, keywords: Mapping[str, str] | None = None
) -> list[str]:
    """Return the words of a call: those of its keywords, then its overrides.

    Args:
        given: Maps each key of the configuration to the value of its keyword; None: not given.
        overrides: Further settings.
        keywords: Maps keys to the names of their keywords, where they differ.

    Raises:
        InputError: A keyword and an override set the same key, or an override is no text.
    """
    further = checked(given, overrides, keywords=keywords)
    return [*(as_word(key, one) for key, one in given.items() if one is not None), *further]


def checked(
    given: Mapping[str, object], overrides: Overrides, *, keywords: Mapping[str, str] | None = None
) -> list[str]:
    """Return the words of overrides, none of which sets what a keyword sets; see :func:`words`.

    A choice such as ``model`` and a key inside of it, such as ``model.dropout``, do not clash.

    Raises:
        InputError: A keyword and an override set the same key, or an override is no text.
    """
    typed = _typed(overrides)
    taken = {key for key, value in given.items() if value is not None}
    for word in typed:
        key = word.partition("=")[0].lstrip("+~")
        if key in taken:
            name = (keywords or {}).get(key, key)
            raise InputError(f"{word}: the call sets {name}=; give it as a keyword, {name}=, alone")
    return typed


def _typed(overrides: Overrides) -> list[str]:
    if isinstance(overrides, str):
        raise InputError(f"overrides={overrides!r}: give a list of words, such as [{overrides!r}]")
    if isinstance(overrides, Mapping):
        return [as_word(str(key), value) for key, value in overrides.items()]
    for word in overrides:
        if not isinstance(word, str):
            raise InputError(f"overrides: found a {type(word).__name__}; give text or a mapping")
    return list(overrides)
