"""Read the Latin words of a line of Arabic script, and its European numbers, with RapidOCR."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from adverts.ocr.auto.arabic_network import LATIN
from adverts.ocr.page.words import Word, is_eastern, is_right_to_left
from adverts.ocr.protocol import Pixels
from adverts.ocr.rapidocr.engine import RapidOcrEngine, SeenLine

_ROOM = 0.25  # margin of a part that is read again, as a share of the line's height
_EDGE = 0.4  # share of the margin in which the letters next to a word's own still belong to it
_DIGIT_WIDTH, _AROUND = 0.4, 0.3  # most width of a digit and of the gaps, as shares of the height
_SURE = 0.8  # least confidence of Latin letters where the network read Arabic digits
_AFTER = ".,:;!?،؛؟"
_HANDLE = re.compile(r"(?P<name>[\w.]*\w)@")


@dataclass(frozen=True, slots=True)
class _Part:
    """Stretch of a line without right-to-left letters, that is read as one.

    Attributes:
        word: What the network read; ``LATIN`` if any of it is a Latin word.
        is_wide: Whether it is wider than Arabic digits that the network read there.
    """

    word: Word
    is_wide: bool = False


def latin_words(
    latin: RapidOcrEngine, image: Pixels, box: NDArray[np.float32], seen: Sequence[Word]
) -> list[Word]:
    """Return the words of a line without right-to-left letters, read again where that is better.

    Latin words beside each other, and European numbers between them, are read together, so that an
    address is not torn apart. A number alone is replaced if the Latin engine is surer of it.
    Arabic digits are replaced only if they are too wide and the Latin engine is sure of letters.

    Args:
        latin: Engine that reads Latin script.
        image: Page that holds the line.
        box: Corners of the line.
        seen: Words of the line by the network for Arabic script, from left to right.
    """
    along, up = _sides(box)
    parts = _parts(seen, along / max(1.0, up))
    again = [part for part in parts if part.is_wide or not is_eastern(part.word.text)]
    words = [part.word for part in parts if part not in again]
    if again:
        room = _ROOM * up / max(1.0, along)
        boxes = np.stack([_part_box(box, part.word, room) for part in again])
        for part, line in zip(again, latin.see(image, boxes), strict=True):
            words.append(_better(part, line, room))
    return [word for word in words if word.text]


def _parts(seen: Sequence[Word], aspect: float) -> list[_Part]:
    parts: list[_Part] = []
    for kind, group in groupby(seen, key=_kind):
        words = list(group)
        if kind == "latin" and any(word.text == LATIN for word in words):
            confidence = min(word.confidence for word in words)
            whole = Word(LATIN, confidence, words[0].left, words[-1].right)
            parts.append(_Part(whole))
        elif kind == "latin":
            parts += map(_Part, words)
        elif kind == "eastern":
            parts += [_Part(word, _is_wide(word, aspect)) for word in words]
    return parts


def _kind(word: Word) -> str:
    if is_right_to_left(word.text):
        return "letters"
    return "eastern" if is_eastern(word.text) else "latin"


def _is_wide(word: Word, aspect: float) -> bool:
    """Return whether a word is too wide for its digits; ``aspect`` is the line's."""
    return (word.right - word.left) * aspect > _DIGIT_WIDTH * len(word.text) + _AROUND


def _better(part: _Part, line: SeenLine, room: float) -> Word:
    """Return what the Latin engine read of a part, or what the network did."""
    word, confidence = part.word, line.reading.confidence
    if part.is_wide:
        text = _inside(word, line, room)
        letters = sum(letter.isascii() and letter.isalpha() for letter in text)
        is_latin = confidence >= _SURE and letters > max(1, len(word.text))
        return replace(word, text=in_order(text), confidence=confidence) if is_latin else word
    if word.text == LATIN:
        return replace(word, text=in_order(_inside(word, line, room)), confidence=confidence)
    if confidence > word.confidence:
        return replace(word, text=line.reading.text, confidence=confidence)
    return word


def _inside(word: Word, line: SeenLine, room: float) -> str:
    """Return the characters that the Latin engine saw within a word, not in the margin."""
    left, right = max(0.0, word.left - room), min(1.0, word.right + room)
    places = [left + place * (right - left) for place in line.places]
    text = line.reading.text
    inner = [i for i, place in enumerate(places) if word.left <= place <= word.right]
    if not inner:
        return ""
    start, stop, edge = inner[0], inner[-1] + 1, _EDGE * room
    while start and _go_on(text[start - 1 : start + 1]) and places[start - 1] >= word.left - edge:
        start -= 1
    while _go_on(text[stop - 1 : stop + 1]) and places[stop] <= word.right + edge:
        stop += 1
    return text[start:stop].strip()


def _go_on(pair: str) -> bool:
    """Return whether these are two letters, digits or @ beside each other."""
    return len(pair) == 2 and all(letter.isalnum() or letter == "@" for letter in pair)


def in_order(text: str) -> str:
    """Return Latin words of a right-to-left line, given from left to right, in logical order.

    The Unicode bidirectional algorithm sets signs at the ends of a Latin stretch as the line runs:
    what follows the words stands at their left, and the @ before a handle at its right.
    """
    start = len(text) - len(text.lstrip(_AFTER))
    signs, words = text[:start][::-1], text[start:].strip()
    handle = _HANDLE.fullmatch(words)
    return (f"@{handle['name']}" if handle else words) + signs.replace(",", "،")


def _sides(box: NDArray[np.float32]) -> tuple[float, float]:
    return float(np.hypot(*(box[1] - box[0]))), float(np.hypot(*(box[3] - box[0])))


def _part_box(box: NDArray[np.float32], word: Word, room: float) -> NDArray[np.float32]:
    """Return the box of a word within the box of its line, with some margin."""
    along, under = box[1] - box[0], box[2] - box[3]
    left, right = max(0.0, word.left - room), min(1.0, word.right + room)
    corners = (box[0] + along * left, box[0] + along * right)
    return np.stack([*corners, box[3] + under * right, box[3] + under * left]).astype(np.float32)
