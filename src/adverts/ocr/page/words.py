"""Put the words of one line, given by their positions, into logical order."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby


@dataclass(frozen=True, slots=True)
class Word:
    """Reading of one word by an engine.

    Attributes:
        text: Characters of the word in logical order.
        confidence: Confidence in [0, 1].
        left: Left end of the word, as a share of the line's width from the left.
        right: Right end of the word, as a share of the line's width from the left.
    """

    text: str
    confidence: float
    left: float
    right: float


def is_right_to_left(text: str) -> bool:
    """Return whether a text holds a letter that is written from right to left."""
    return any(unicodedata.bidirectional(character) in ("R", "AL") for character in text)


def stretches(words: Sequence[Word]) -> list[tuple[bool, list[Word]]]:
    """Return the words of a right-to-left line, in reading order, grouped by direction.

    Words without a right-to-left letter are Latin words and numbers. Neighbouring ones, such as the
    groups of a phone number, are read from left to right. But Arabic or Persian digits beside Latin
    words are read as the line runs, as the Unicode bidirectional algorithm sets Arabic digits.

    Returns:
        Whether each group is read from right to left, and its words in reading order.
    """
    from_right = sorted(words, key=lambda word: -(word.left + word.right))
    groups: list[tuple[bool, list[Word]]] = []
    for rtl, group in groupby(from_right, key=lambda word: is_right_to_left(word.text)):
        here = list(group)
        if rtl:
            groups.append((True, here))
        elif any(_has_letter(word.text) for word in here):
            runs = groupby(here, key=lambda word: is_eastern(word.text))
            groups += [(False, list(run)[::-1]) for _, run in runs]
        else:
            groups.append((False, here[::-1]))
    return groups


def is_eastern(text: str) -> bool:
    """Return whether a text has a digit that is not ASCII."""
    return any(character.isdigit() and not character.isascii() for character in text)


def _has_letter(text: str) -> bool:
    return any(character.isalpha() for character in text)


def mean_confidence(words: Sequence[Word]) -> float:
    """Return the mean confidence over all characters; 0.0 if there are none."""
    total = sum(len(word.text) for word in words)
    return sum(word.confidence * len(word.text) for word in words) / total if total else 0.0


def joined(words: Sequence[Word]) -> str:
    """Return the text of a right-to-left line in logical order."""
    return " ".join(word.text for _, group in stretches(words) for word in group)


def reversed_but_numbers(seen: str) -> str:
    """Return a right-to-left word, given from left to right, in logical order."""
    return _NUMBER.sub(lambda number: number[0][::-1], seen[::-1])


_NUMBER = re.compile(r"\d[\d.,:/]*\d")  # read from left to right, also within a word
