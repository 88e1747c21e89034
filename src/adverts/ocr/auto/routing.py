"""Which lines the Latin engine cannot be trusted with."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from adverts.ocr.engine import Reading
from adverts.ocr.page.line_crops import aspect

_SURE = 0.8
_TURKISH, _FEWEST_TURKISH = frozenset("ışğİŞĞ"), 2
_LETTERS_PER_HEIGHT = 0.6  # a line has so many characters at least for each height of its box


def is_unsure(reading: Reading, box: NDArray[np.float32]) -> bool:
    """Return whether a line may be of a script that RapidOCR has no letters for.

    It is unsure of such a line, says little for the length of its box, or takes it for Chinese.
    """
    few = len(reading.text) < _LETTERS_PER_HEIGHT * aspect(box)
    return reading.confidence < _SURE or few or any(map(_is_chinese, reading.text))


def is_turkish(readings: Sequence[Reading]) -> bool:
    """Return whether the lines of a page show letters that of the languages read Turkish has."""
    letters = [character for reading in readings for character in reading.text]
    return sum(letter in _TURKISH for letter in letters) >= _FEWEST_TURKISH


def _is_chinese(character: str) -> bool:
    return unicodedata.name(character, "").startswith(("CJK", "HIRAGANA", "KATAKANA", "HANGUL"))
