"""Reading Vietnamese lines: letters with tone marks by Tesseract, all else as it was read.

PP-OCRv6 reads Vietnamese but for the vowels with tone marks, which it has no letters for: it
writes them without the mark, or not at all.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from adverts.ocr.engine import Boxes, Pixels, Reading
from adverts.ocr.tesseract.line_attempts import read_line
from adverts.ocr.tesseract.lines import TesseractLines
from adverts.ocr.words import mean_confidence

NAME = "tesseract"
_DATA = "vie"
_OWN_LETTERS = frozenset("ơưƠƯ")  # no other language that is read here has them
_CROATIAN_TOO, _FRENCH_TOO = frozenset("đĐ"), frozenset("ăâêôĂÂÊÔ")
_LEAST_SURE = 0.4
_LETTERS = re.compile(r"([^\W\d_]+)")


class VietnameseLines:
    """Reads again the lines of a Vietnamese page."""

    def __init__(self, lines: TesseractLines) -> None:
        self._lines = lines

    def reread(self, image: Pixels, boxes: Boxes, readings: list[Reading]) -> None:
        """Put tone marks into the readings of a page, in place."""
        for i, reading in enumerate(readings):
            if not any(character.isalpha() for character in reading.text):
                continue
            words = read_line(self._lines, _DATA, image, boxes[i])
            if mean_confidence(words) < _LEAST_SURE:
                continue
            line = " ".join(word.text for word in sorted(words, key=lambda word: word.left))
            text = with_marks(reading.text, line)
            if text != reading.text:
                readings[i] = replace(reading, text=text, engine=NAME)


def is_vietnamese(readings: Sequence[Reading]) -> bool:
    """Return whether the lines of a page, read without tone marks, look Vietnamese."""
    letters = {character for reading in readings for character in reading.text}
    return bool(letters & _OWN_LETTERS or (letters & _CROATIAN_TOO and letters & _FRENCH_TOO))


def with_marks(plain: str, marked: str) -> str:
    """Return ``plain`` with the words of ``marked`` where they differ in marks alone.

    Args:
        plain: A line as an engine reads it that knows no tone marks.
        marked: The same line as one reads it that does, but errs more elsewhere.
    """
    parts = _LETTERS.split(unicodedata.normalize("NFC", plain))  # words at odd places
    ours, theirs = parts[1::2], _LETTERS.findall(unicodedata.normalize("NFC", marked))
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
    """Return a word in small letters without marks."""
    split = unicodedata.normalize("NFD", word.replace("đ", "d").replace("Đ", "D"))
    return "".join(c for c in split if not unicodedata.combining(c)).lower()
