"""Disguises of spelling: letters set apart, typos, and the end of a text cut off."""

from __future__ import annotations

import re

from adverts.evaluation.robustness.attempt import Attempt
from adverts.evaluation.robustness.words import change_words, letters_of
from adverts.inputs.letters.marks import normal
from adverts.inputs.letters.scripts import script_of

SEPARATORS = (" ", ".", "-", "_", "*", "·")
KASHIDA = "\u0640"
_MIN_APART, _MIN_TYPO = 3, 4  # letters; shorter words stay readable to everybody


def spacing(text: str, attempt: Attempt) -> str:
    """Set the letters of a share of the words apart, each word by one sign.

    Words in Arabic script may be stretched by kashidas instead. Words of two letters stay.
    """
    return change_words(text, attempt, lambda word: _apart(word, attempt))


def typos(text: str, attempt: Attempt) -> str:
    """Swap, drop or double one letter inside a share of the words of four letters or more."""
    return change_words(text, attempt, lambda word: _mistyped(word, attempt))


def truncation(text: str, attempt: Attempt) -> str:
    """Cut a share of the words off the end; one always stays, and no mask is cut in two."""
    parts = list(re.finditer(r"\S+", text))
    if len(parts) < 2:
        return text
    kept = max(1, len(parts) - max(1, round(attempt.amount * len(parts))))
    return text[: parts[kept - 1].end()]


def _apart(word: str, attempt: Attempt) -> str:
    letters = letters_of(normal("NFC", word))
    if len(letters) < _MIN_APART:
        return word
    signs = (*SEPARATORS, KASHIDA) if script_of(word) == "Arab" else SEPARATORS
    return attempt.draw.choice(signs).join(letters)


def _mistyped(word: str, attempt: Attempt) -> str:
    letters = letters_of(normal("NFC", word))
    if len(letters) < _MIN_TYPO:
        return word
    i = attempt.draw.randrange(1, len(letters) - 1)
    match attempt.draw.choice(("swap", "drop", "double")):
        case "swap":
            letters[i], letters[i + 1] = letters[i + 1], letters[i]
        case "drop":
            del letters[i]
        case _:
            letters.insert(i, letters[i])
    return "".join(letters)
