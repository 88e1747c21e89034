"""Read lines of Arabic script with a network and Tesseract, and their Latin words with RapidOCR."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from adverts.ocr.auto.arabic_network import ArabicNetwork
from adverts.ocr.auto.half_spaces import HALF_SPACE
from adverts.ocr.auto.latin_parts import latin_words
from adverts.ocr.auto.spelling import digits_of, spelled
from adverts.ocr.page.words import Word, is_right_to_left, joined, mean_confidence
from adverts.ocr.protocol import Boxes, LineReading, Pixels
from adverts.ocr.rapidocr.engine import Features, RapidOcrEngine
from adverts.ocr.repair.line_language import page_language
from adverts.ocr.tesseract.line_attempts import read_line
from adverts.ocr.tesseract.lines import TesseractLines

NAME = "arabic network"
_DATA = "Arabic"
_SURE = 0.9  # words below it are compared with Tesseract's
_LEAD = 0.08  # our network's confidence above Tesseract's for words both read equally well
_STRAY = 0.5  # least confidence of a single digit
_SAME = 0.6  # share of Tesseract's word inside ours for them to be the same word
_LENGTHS_APART = 2  # in characters; words that differ by more are not the same word
_FEWEST = 1.5  # least letters of a line of Arabic script, weighted by confidence
_AGAINST_LATIN = 0.5  # weight of the letters that the Latin engine reads, which may not exist


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
        texts = [reading.text for reading in read.values()]
        language = page_language(texts)
        digits = digits_of(texts, language)
        for i, reading in read.items():
            readings[i] = replace(reading, text=spelled(reading.text, language, digits))

    def _read(self, image: Pixels, box: NDArray[np.float32], seen: Sequence[Word]) -> LineReading:
        values = latin_words(self._latin, image, box, seen)
        words = [word for word in seen if is_right_to_left(word.text)]
        if words:
            values = [value for value in values if not _is_stray(value)]
        if self._lines and any(word.confidence < _SURE for word in words):
            words = _checked(words, read_line(self._lines, _DATA, image, box))
        everything = [*words, *values]
        return LineReading(joined(everything), mean_confidence(everything), NAME)


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
    plain = word.text.replace(HALF_SPACE, "")
    if len(here) != 1 or abs(len(here[0].text) - len(plain)) > _LENGTHS_APART:
        return word
    if here[0].text == plain:
        return word  # Tesseract writes no half-spaces
    surer = here[0].confidence + _LEAD > word.confidence
    return replace(word, text=here[0].text, confidence=here[0].confidence) if surer else word


def _is_inside(word: Word, other: Word) -> bool:
    """Return whether most of a word lies inside another word."""
    shared = min(word.right, other.right) - max(word.left, other.left)
    return shared > _SAME * (word.right - word.left)
