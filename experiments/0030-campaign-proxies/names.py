"""Take names out of texts, in every spelling that is found, and search for what is left of them.

A name is masked wherever its letters and digits follow each other, with signs or spaces between,
with repeated letters, with look-alikes (``0`` for ``o``), or with a digit written as a word. Signs
that stand beside it go with it, and so do letters and a digit that stand before it in one word.
The search afterwards shares no code with the mask: it counts how many letters must change to turn
a stretch of the text into the name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

ALIKE = ("o0", "il1!|", "e3", "a4@", "s5$", "t7", "b8", "g9", "z2")
"""Characters that are written for one another."""
NUMBER_WORDS = {
    "0": "nol|kosong",
    "1": "satu",
    "2": "dua",
    "3": "tiga",
    "4": "empat",
    "5": "lima",
    "6": "enam",
    "7": "tujuh",
    "8": "delapan",
    "9": "sembilan",
}
"""Indonesian words for digits."""
_BETWEEN = r"[\W_]{0,4}"
_BEFORE = r"(?:[a-z]{1,4}\d)?"
_SIGN = r"[^\w\s.,!?;:'\"()]"
_SIGNS_BEFORE = rf"(?:{_SIGN}[^\w,!?;:'\"()]{{0,8}})?"
_SIGNS_AFTER = rf"(?:[^\w,!?;:'\"()]{{0,8}}{_SIGN})?"
_SEPARATOR = re.compile(r"[\W_]+")


def name_pattern(name: str) -> re.Pattern[str]:
    """Return a pattern of all spellings of a name of letters and digits.

    Signs beside the name are part of what is found, with what stands between them and the name.

    Raises:
        ValueError: The name is empty or holds other characters.
    """
    if not name.isalnum():
        raise ValueError(f"a name has letters and digits, this one has {len(name)} characters")
    spelled = [_spellings(sign) for sign in name]
    core = _BETWEEN.join(f"(?:{one})+" for one in spelled)
    return re.compile(rf"{_SIGNS_BEFORE}{_BEFORE}{core}{_SIGNS_AFTER}", re.IGNORECASE)


def _spellings(sign: str) -> str:
    alike = next((group for group in ALIKE if sign in group), sign)
    words = [_spaced(word) for word in NUMBER_WORDS.get(sign, "").split("|") if word]
    return "|".join([*words, f"[{re.escape(alike)}]"])


def _spaced(word: str) -> str:
    return _BETWEEN.join(word)


def mask_names(text: str, patterns: Sequence[re.Pattern[str]]) -> str:
    """Return a folded text with a space in place of each name; the longest names go first."""
    for pattern in patterns:
        text = pattern.sub(" ", text)
    return " ".join(text.split())


def squeezed(text: str) -> str:
    """Return the letters and digits of a text alone."""
    return _SEPARATOR.sub("", text)


def least_changes(text: str, name: str) -> int:
    """Return how many letters must change to turn a stretch of a text into a name.

    Source: P. H. Sellers, "The theory and computation of evolutionary distances" (1980).
    """
    row = list(range(len(name) + 1))
    best = row[-1]
    for sign in text:
        before, row[0] = row[0], 0
        for place, wanted in enumerate(name, 1):
            before, row[place] = (
                row[place],
                min(row[place] + 1, row[place - 1] + 1, before + (sign != wanted)),
            )
        best = min(best, row[-1])
    return best


def leftovers(texts: Iterable[str], name: str, *, most_changes: int) -> list[int]:
    """Return the places of the texts that still hold a name with few changes."""
    return [
        place
        for place, text in enumerate(texts)
        if least_changes(squeezed(text), name) <= most_changes
    ]
