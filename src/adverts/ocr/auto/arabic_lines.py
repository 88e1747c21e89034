"""Read lines of Arabic script with a network and Tesseract, and their Latin words with RapidOCR."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from adverts.ocr.auto.arabic_network import LATIN, ArabicNetwork
from adverts.ocr.page.words import Word, is_right_to_left, joined, mean_confidence
from adverts.ocr.protocol import Boxes, LineReading, Pixels
from adverts.ocr.rapidocr.engine import Features, RapidOcrEngine
from adverts.ocr.tesseract.line_attempts import read_line
from adverts.ocr.tesseract.lines import TesseractLines

Language = Literal["ar", "fa", "ckb", "ps"]

_SORANI = frozenset("ڕڵۆێەڤ")
_PASHTO = frozenset("ټډړږښڼېۍځڅ")
_PERSIAN = frozenset("پچژگی")
_ARABIC = frozenset("ةيىكأإؤ")
_PERSIAN_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹")
_ARABIC_DIGITS = str.maketrans("۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩")
_TO_ARABIC = str.maketrans("کەھہ", "كههه")
_TO_PERSIAN = str.maketrans("يىكھہ", "ییکهه")
_TO_SORANI = str.maketrans("يىكہ", "ییکە")
_FINAL_YEH = re.compile(r"ی(?!\w)")
_INNER_YEH = re.compile(r"ي(?=\w)")
_LOOSE_HEH = re.compile(r"ە(?=\w)")
NAME = "arabic network"
_DATA = "Arabic"
_SURE = 0.9  # words below it are compared with Tesseract's
_LEAD = 0.08  # our network's confidence above Tesseract's for words both read equally well
_STRAY = 0.5  # least confidence of a single digit
_SAME = 0.6  # share of Tesseract's word inside ours for them to be the same word
_LENGTHS_APART = 2  # in characters; words that differ by more are not the same word
_FEWEST = 1.5  # least letters of a line of Arabic script, weighted by confidence
_AGAINST_LATIN = 0.5  # weight of the letters that the Latin engine reads, which may not exist
_ROOM = 0.25  # margin of a part that is read again, as a share of the line's height


def language_of(lines: Sequence[str]) -> Language:
    """Return the language of a page from its letters; Arabic if they do not show it."""
    text = "".join(lines)
    found = {
        letters: sum(text.count(letter) for letter in letters)
        for letters in (_SORANI, _PASHTO, _PERSIAN, _ARABIC)
    }
    # Letters similar to those of other languages may be misread; a page has many of its own.
    many = max(2, len(text) // 25)
    if found[_SORANI] >= many and found[_SORANI] >= found[_PASHTO]:
        return "ckb"
    if found[_PASHTO] >= many:
        return "ps"
    return "fa" if found[_PERSIAN] > found[_ARABIC] else "ar"


def spelled(text: str, language: Language) -> str:
    """Return a line in which look-alike letters and digits are those of its language."""
    match language:
        case "ar":
            text = _FINAL_YEH.sub("ى", text.translate(_TO_ARABIC).translate(_ARABIC_DIGITS))
            return text.replace("ی", "ي")
        case "ckb":
            return text.translate(_TO_SORANI).translate(_ARABIC_DIGITS)
        case "fa":
            loose = _LOOSE_HEH.sub("ه\u200c", text)  # it does not join the next letter
            return loose.replace("ە", "ه").translate(_TO_PERSIAN).translate(_PERSIAN_DIGITS)
        case "ps":
            inner = _INNER_YEH.sub("ی", text.translate(str.maketrans("ىكەہ", "یکهه")))
            return inner.translate(_PERSIAN_DIGITS)


class ArabicLines:
    """Reader that reads the lines of Arabic script on a page again."""

    def __init__(
        self, lines: TesseractLines | None, *, network: ArabicNetwork, latin: RapidOcrEngine
    ) -> None:
        """Set the readers.

        Args:
            lines: Tesseract with the data ``Arabic``, or None if it is missing.
            network: Network that reads Arabic script.
            latin: Engine for Latin words and numbers within such lines.
        """
        self._lines = lines
        self._network = network
        self._latin = latin

    def reread(
        self,
        image: Pixels,
        boxes: Boxes,
        readings: list[LineReading],
        *,
        features: Sequence[Features],
        unsure: Sequence[int],
    ) -> None:
        """Replace the readings of lines that are in Arabic script.

        Args:
            image: Page that holds the lines.
            boxes: Boxes of all lines.
            readings: Readings of all lines by the Latin engine, which are replaced in place.
            features: Features of all lines in the Latin engine.
            unsure: Indices of the lines that the Latin engine may have misread.
        """
        seen = dict(zip(unsure, self._network.read([features[i] for i in unsure]), strict=True))
        arabic = {i for i, words in seen.items() if _is_arabic(words, readings[i])}
        if not arabic:
            return
        others = [i for i in range(len(boxes)) if i not in seen]
        seen.update(zip(others, self._network.read([features[i] for i in others]), strict=True))
        read = {
            i: self._read(image, boxes[i], words)
            for i, words in seen.items()
            if i in arabic or _is_arabic(words, readings[i]) or _is_number(words, readings[i])
        }
        language = language_of([reading.text for reading in read.values()])
        for i, reading in read.items():
            readings[i] = replace(reading, text=spelled(reading.text, language))

    def _read(self, image: Pixels, box: NDArray[np.float32], seen: Sequence[Word]) -> LineReading:
        values = self._read_again(image, box, [w for w in seen if not is_right_to_left(w.text)])
        words = [word for word in seen if is_right_to_left(word.text)]
        if words:
            values = [value for value in values if not _is_stray(value)]
        if self._lines and any(word.confidence < _SURE for word in words):
            words = _checked(words, read_line(self._lines, _DATA, image, box))
        everything = [*words, *values]
        return LineReading(joined(everything), mean_confidence(everything), NAME)

    def _read_again(
        self, image: Pixels, box: NDArray[np.float32], values: Sequence[Word]
    ) -> list[Word]:
        """Return words where the Latin engine read the Latin ones, and numbers if it is surer."""
        latin = [word for word in values if not _is_eastern(word.text)]
        if not latin:
            return list(values)
        parts = np.stack([_part(box, word) for word in latin])
        read = self._latin.recognise(image, parts)
        words = [word for word in values if _is_eastern(word.text)]
        for word, reading in zip(latin, read, strict=True):
            if word.text == LATIN or reading.confidence > word.confidence:
                words.append(Word(reading.text, reading.confidence, word.left, word.right))
            else:
                words.append(word)
        return [word for word in words if word.text]


def _is_arabic(words: Sequence[Word], latin: LineReading) -> bool:
    """Return whether a line is more likely to have Arabic letters than Latin ones.

    Other print also makes our network read a few false letters.
    """
    ours = sum(
        word.confidence * _letters(word.text) for word in words if is_right_to_left(word.text)
    )
    theirs = latin.confidence * _letters(latin.text)
    return ours >= _FEWEST and ours > _AGAINST_LATIN * theirs


def _is_number(words: Sequence[Word], latin: LineReading) -> bool:
    """Return whether a line is more likely to have Arabic digits than Latin letters."""
    ours = sum(word.confidence * _eastern_digits(word.text) for word in words)
    return ours > latin.confidence * _letters(latin.text)


def _letters(text: str) -> int:
    return sum(character.isalpha() for character in text)


def _is_eastern(text: str) -> bool:
    return _eastern_digits(text) > 0


def _eastern_digits(text: str) -> int:
    return sum(character.isdigit() and not character.isascii() for character in text)


def _is_stray(value: Word) -> bool:
    """Return whether a value is one unsure character, probably a misread letter."""
    return len(value.text) == 1 and value.confidence < _STRAY


def _checked(ours: Sequence[Word], theirs: Sequence[Word]) -> list[Word]:
    """Return our words, with unsure ones replaced by Tesseract's word at the same place."""
    return [_better(word, theirs) if word.confidence < _SURE else word for word in ours]


def _better(word: Word, theirs: Sequence[Word]) -> Word:
    here = [other for other in theirs if _is_inside(other, word)]
    if len(here) != 1 or abs(len(here[0].text) - len(word.text)) > _LENGTHS_APART:
        return word
    surer = here[0].confidence + _LEAD > word.confidence
    return replace(word, text=here[0].text, confidence=here[0].confidence) if surer else word


def _is_inside(word: Word, other: Word) -> bool:
    """Return whether most of a word lies inside another word."""
    shared = min(word.right, other.right) - max(word.left, other.left)
    return shared > _SAME * (word.right - word.left)


def _part(box: NDArray[np.float32], word: Word) -> NDArray[np.float32]:
    """Return the box of a word within the box of its line, with some margin."""
    along, under = box[1] - box[0], box[2] - box[3]
    room = _ROOM * float(np.hypot(*(box[3] - box[0]))) / max(1.0, float(np.hypot(*along)))
    left, right = max(0.0, word.left - room), min(1.0, word.right + room)
    corners = (box[0] + along * left, box[0] + along * right)
    return np.stack([*corners, box[3] + under * right, box[3] + under * left]).astype(np.float32)
