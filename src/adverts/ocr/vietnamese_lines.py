"""Reading Vietnamese lines: letters with tone marks by Tesseract, all else as it was read."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from adverts.ocr.engine import Boxes, Pixels, Reading
from adverts.ocr.line_attempts import read_line
from adverts.ocr.tesseract_lines import TesseractLines
from adverts.ocr.words import mean_confidence

NAME = "tesseract"
_DATA = "vie"
_OWN_LETTERS = frozenset("ơưƠƯ")  # no other language of the nine has them
_SHARED_LETTERS = frozenset("đăâêôĐĂÂÊÔ")
_LEAST_SURE = 0.4


class VietnameseLines:
    """Reads again the lines of a Vietnamese page."""

    def __init__(self, lines: TesseractLines) -> None:
        self._lines = lines

    def reread(self, image: Pixels, boxes: Boxes, readings: list[Reading]) -> None:
        """Replace words of the readings by those with tone marks, in place."""
        for i, reading in enumerate(readings):
            if not any(character.isalpha() for character in reading.text):
                continue
            words = read_line(self._lines, _DATA, image, boxes[i])
            sure = mean_confidence(words)
            if sure >= _LEAST_SURE:
                words.sort(key=lambda word: word.left)
                text = merged(reading.text.split(), [word.text for word in words])
                readings[i] = replace(reading, text=text, engine=NAME)


def is_vietnamese(readings: Sequence[Reading]) -> bool:
    """Return whether the lines of a page, read without tone marks, look Vietnamese."""
    letters = {character for reading in readings for character in reading.text}
    return bool(letters & _OWN_LETTERS) or len(letters & _SHARED_LETTERS) >= 2


def merged(plain: Sequence[str], marked: Sequence[str]) -> str:
    """Return a line read twice: marked words where they differ in marks alone, else plain ones.

    Args:
        plain: Words of an engine that is right but for tone marks, whose vowels it may skip.
        marked: Words of an engine that knows the marks.
    """
    matcher = SequenceMatcher(None, [_bare(word) for word in plain], [_bare(w) for w in marked], autojunk=False)
    words: list[str] = []
    for _, i, j, k, m in matcher.get_opcodes():
        words += _chosen(plain[i:j], marked[k:m])
    return " ".join(words)


def _chosen(plain: Sequence[str], marked: Sequence[str]) -> Sequence[str]:
    if any(character.isdigit() for word in plain for character in word):
        return plain
    if len(plain) == len(marked):
        return [_better(*pair) for pair in zip(plain, marked, strict=True)]
    return marked if _is_thinned("".join(plain), "".join(marked)) else plain


def _better(plain: str, marked: str) -> str:
    return marked if _is_thinned(plain, marked) else plain


def _is_thinned(plain: str, marked: str) -> bool:
    """Return whether ``plain`` is ``marked`` without its marks or its marked letters."""
    rest = iter(_bare(marked))
    return all(character in rest for character in _bare(plain))


def _bare(word: str) -> str:
    split = unicodedata.normalize("NFD", word.replace("đ", "d").replace("Đ", "D"))
    return "".join(c for c in split if not unicodedata.combining(c)).lower()
