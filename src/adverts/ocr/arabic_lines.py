"""Reading lines of Arabic script: words by Tesseract, numbers and Latin words by others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from adverts.ocr.engine import Boxes, Pixels, Reading
from adverts.ocr.line_attempts import read_line
from adverts.ocr.number_spotter import NumberSpotter, Span
from adverts.ocr.rapidocr_engine import RapidOcrEngine
from adverts.ocr.tesseract_lines import TesseractLines
from adverts.ocr.words import Word, is_right_to_left, joined, mean_confidence

NAME = "tesseract"
_DATA = "Arabic"
_LEAST_SURE = 0.3  # below it, what Tesseract says is noise
_HIDDEN = 0.5  # a word that lies so much inside a span is the span's
_ROOM = 0.25  # around a span that is read again, as a share of the line's height


class ArabicLines:
    """Reads again those lines of a page that are of Arabic script."""

    def __init__(
        self, lines: TesseractLines, spotter: NumberSpotter, latin: RapidOcrEngine
    ) -> None:
        self._lines = lines
        self._spotter = spotter
        self._latin = latin

    def reread(
        self, image: Pixels, boxes: Boxes, readings: list[Reading], unsure: Sequence[int]
    ) -> None:
        """Replace the readings of lines that are of Arabic script.

        Args:
            image: The page.
            boxes: Of all its lines.
            readings: What the Latin engine says of each; replaced in place.
            unsure: Places of the lines that it cannot be trusted with.
        """
        spans = dict(zip(unsure, self._spotter.spot(image, boxes[list(unsure)]), strict=True))
        if not any(_has_arabic(found) for found in spans.values()):
            return
        others = [i for i in range(len(boxes)) if i not in spans]
        if others:
            spans.update(zip(others, self._spotter.spot(image, boxes[others]), strict=True))
        for i, found in sorted(spans.items()):
            if _has_arabic(found) or any(_is_eastern(span.text) for span in found):
                reading = self._read(image, boxes[i], found)
                if reading.text and reading.confidence >= _LEAST_SURE:
                    readings[i] = reading

    def _read(self, image: Pixels, box: NDArray[np.float32], found: Sequence[Span]) -> Reading:
        spans = [span for span in found if span.kind != "arabic"]
        words = self._spans_as_words(image, box, spans)
        if _has_arabic(found):
            read = read_line(self._lines, _DATA, image, box)
            words += [word for word in read if not _inside(word, words)]
        return Reading(joined(words), mean_confidence(words), NAME)

    def _spans_as_words(
        self, image: Pixels, box: NDArray[np.float32], spans: Sequence[Span]
    ) -> list[Word]:
        """Let the Latin engine read what is Latin, and say so where it reads it better."""
        if not spans:
            return []
        parts = np.stack([_part(box, span) for span in spans])
        latin = self._latin.recognise(image, parts)
        words = []
        for span, reading in zip(spans, latin, strict=True):
            text, sure = reading.text, reading.confidence
            if span.kind == "number" and (_is_eastern(span.text) or sure < span.confidence):
                text, sure = span.text, span.confidence
            if text:
                words.append(Word(text, sure, span.left, span.right))
        return words


def _has_arabic(spans: Sequence[Span]) -> bool:
    return any(span.kind == "arabic" for span in spans)


def _is_eastern(text: str) -> bool:
    return any(character.isdigit() and not character.isascii() for character in text)


def _inside(word: Word, spans: Sequence[Word]) -> bool:
    """Return whether most of a word lies in one of the spans."""
    width = max(1e-6, word.right - word.left)
    return any(
        min(word.right, span.right) - max(word.left, span.left) > _HIDDEN * width for span in spans
    )


def _part(box: NDArray[np.float32], span: Span) -> NDArray[np.float32]:
    """Cut a span out of the box of its line, with some room beside it."""
    along = box[1] - box[0]
    room = _ROOM * np.hypot(*(box[3] - box[0])) / max(1.0, float(np.hypot(*along)))
    left, right = max(0.0, span.left - room), min(1.0, span.right + room)
    top = [box[0] + along * share for share in (left, right)]
    bottom = [box[3] + (box[2] - box[3]) * share for share in (right, left)]
    return np.stack([*top, *bottom]).astype(np.float32)
