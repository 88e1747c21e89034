"""Add tone marks from Tesseract to Vietnamese lines that RapidOCR read.

PP-OCRv6 reads Vietnamese except for vowels with tone marks, for which it has no letters. It writes
them without the mark, or not at all.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher

import numpy as np
from numpy.typing import NDArray

from adverts.inputs.letters.marks import normal
from adverts.ocr.page.words import Word, mean_confidence
from adverts.ocr.protocol import Boxes, LineReading, Pixels
from adverts.ocr.tesseract.line_attempts import read_line
from adverts.ocr.tesseract.lines import TesseractLines

NAME = "tesseract"
_DATA = "vie"
_OWN_LETTERS = frozenset("ơưƠƯ")  # no other language that is read has them
_CROATIAN_TOO, _FRENCH_TOO = frozenset("đĐ"), frozenset("ăâêôĂÂÊÔ")
_TONED = frozenset(map(chr, range(0x1EA0, 0x1EFA))) | _OWN_LETTERS
_SHARED = frozenset("àáãâèéêìíòóôõùúýăđ")
_FOREIGN = frozenset("çëœæßñåøöüïîûşğıčćšž")
_FEWEST_SHARED, _FEWEST_TONED, _MOST_PROBES = 3, 2, 2
_LEAST_SURE = 0.4
_LETTERS = re.compile(r"([^\W\d_]+)")


class VietnameseLines:
    """Reader that reads the lines of a Vietnamese page again."""

    def __init__(self, lines: TesseractLines) -> None:
        self._lines = lines

    def is_language_of(self, image: Pixels, boxes: Boxes, readings: Sequence[LineReading]) -> bool:
        """Return whether a page is Vietnamese.

        If a page has no letters that only Vietnamese has, but marks that it shares, Tesseract reads
        a few of its lines. It must then add tone marks to what was read.
        """
        if is_vietnamese(readings):
            return True
        return any(self._adds_tones(image, boxes[i], readings[i].text) for i in _probes(readings))

    def _adds_tones(self, image: Pixels, box: NDArray[np.float32], plain: str) -> bool:
        words = read_line(self._lines, _DATA, image, box)
        if mean_confidence(words) < _LEAST_SURE:
            return False
        text = with_marks(plain, " ".join(word.text for word in sorted(words, key=_left)))
        return sum(letter in _TONED for letter in text) >= _FEWEST_TONED

    def reread(self, image: Pixels, boxes: Boxes, readings: list[LineReading]) -> None:
        """Add tone marks to the readings of a page, in place."""
        for i, reading in enumerate(readings):
            if not any(character.isalpha() for character in reading.text):
                continue
            words = read_line(self._lines, _DATA, image, boxes[i])
            if mean_confidence(words) < _LEAST_SURE:
                continue
            line = " ".join(word.text for word in sorted(words, key=_left))
            text = with_marks(reading.text, line)
            if text != reading.text:
                readings[i] = replace(reading, text=text, engine=NAME)


def is_vietnamese(readings: Sequence[LineReading]) -> bool:
    """Return whether the lines of a page, read without tone marks, look Vietnamese."""
    letters = {character for reading in readings for character in reading.text}
    return bool(letters & _OWN_LETTERS or (letters & _CROATIAN_TOO and letters & _FRENCH_TOO))


def _probes(readings: Sequence[LineReading]) -> list[int]:
    """Return the lines with most letters that Vietnamese shares, unless foreign ones prevail."""
    letters = [character for reading in readings for character in reading.text.lower()]
    shared = sum(letter in _SHARED for letter in letters)
    if shared < _FEWEST_SHARED or sum(letter in _FOREIGN for letter in letters) >= shared:
        return []
    marked = [sum(letter in _SHARED for letter in reading.text.lower()) for reading in readings]
    order = sorted(range(len(readings)), key=lambda i: -marked[i])
    return [i for i in order[:_MOST_PROBES] if marked[i]]


def _left(word: Word) -> float:
    return word.left


def with_marks(plain: str, marked: str) -> str:
    """Return ``plain`` with the words of ``marked`` where they differ only in marks.

    Args:
        plain: Line as read by an engine without tone marks.
        marked: Same line as read by an engine with tone marks, which makes more other errors.
    """
    parts = _LETTERS.split(normal("NFC", plain))  # words are at odd indices
    ours, theirs = (
        parts[1::2],
        _LETTERS.findall(normal("NFC", marked)),
    )
    matcher = SequenceMatcher(
        None, [_bare(word) for word in ours], [_bare(word) for word in theirs], autojunk=False
    )
    for _, i, j, k, m in reversed(matcher.get_opcodes()):
        if j - i == m - k:
            for place, word in zip(range(i, j), theirs[k:m], strict=True):
                if _is_thinned(ours[place], word):
                    parts[2 * place + 1] = word
        elif i < j and _is_thinned("".join(ours[i:j]), "".join(theirs[k:m])):
            parts[2 * i + 1 : 2 * j] = [" ".join(theirs[k:m])]
    return "".join(parts)


def _is_thinned(plain: str, marked: str) -> bool:
    """Return whether ``plain`` is ``marked`` without marks, or without some marked letters."""
    rest = iter(marked)
    for letter in plain:
        for other in rest:
            if _bare(other) == _bare(letter):
                break
            if _bare(other) == other.lower():
                return False  # a letter without a mark is never skipped
        else:
            return False
    return all(_bare(other) != other.lower() for other in rest)


def _bare(word: str) -> str:
    """Return a word in lower case without marks."""
    split = normal("NFD", word.replace("đ", "d").replace("Đ", "D"))
    return "".join(c for c in split if not unicodedata.combining(c)).lower()
