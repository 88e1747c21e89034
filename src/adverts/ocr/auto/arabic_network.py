"""Small network that reads Arabic script from the features of RapidOCR's recogniser.

PP-OCR has no letters for Arabic script, but its features distinguish such letters as well as
others. This network maps the features of a line, which the Latin reading has already computed, to
letters of Arabic script and digits of all three kinds. It marks words of Latin script without
reading them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from adverts.files.file_hash import file_sha256
from adverts.ocr.auto.half_spaces import APART, HALF_SPACE, between, chance
from adverts.ocr.ctc import kept
from adverts.ocr.onnx_session import open_session
from adverts.ocr.page.words import Word, is_right_to_left, reversed_but_numbers
from adverts.ocr.rapidocr.engine import Features

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

LATIN = "@"
"""Text that represents a word of Latin script."""
_WEIGHTS = Path(__file__).with_name("arabic_network.onnx")
_HIDDEN = "/network/layers/layers.9/Add_output_0"  # what the letters are computed from
LETTERS = (
    "\0 @0123456789٠١٢٣٤٥٦٧٨٩۴۵۶+£€$₺%٪:.,٬٫/-()!"
    "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىيټپڅچډڑڕړږژښڤکګگڵڼھۆۍێېەیځڌہۇ،؛؟"
)
_ALIKE = ("يی", "كک", "هەہھ", "٫,", "٬")  # look alike in some places of a word
_LEAST_CHANCE = 0.7  # of a half-space between two letters
_ALEFS = frozenset("اآأإ")
_Kind = Literal["letters", "number", "latin"]


@dataclass(frozen=True, slots=True)
class _Letter:
    """Character of a line, the step at which it stands, and how sure the network is of it."""

    text: str
    step: float
    confidence: float


class ArabicNetwork:
    """Reader of lines of Arabic script."""

    def __init__(self, *, threads: int) -> None:
        """Set the number of threads; the weights are opened by the first line."""
        self._threads = threads
        self._session: InferenceSession | None = None

    def __getstate__(self) -> dict[str, object]:
        """Return the state without opened weights, since a copied network opens its own."""
        return self.__dict__ | {"_session": None}

    @property
    def weights_sha256(self) -> str:
        """sha256 of the weights file."""
        return file_sha256(_WEIGHTS)

    def read(self, features: Sequence[Features]) -> list[list[Word]]:
        """Return the words of each line from left to right. A number with spaces is one word."""
        return [_words(*self.said(line)) for line in features]

    def said(self, line: Features) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the probability of each letter at each step, and the network's last inner values.

        Returns:
            Probabilities ``(steps, letters)``, and values ``(width, steps)``.
        """
        if self._session is None:
            self._session = open_session(_WEIGHTS, self._threads, also=_HIDDEN)
        said, hidden = self._session.run(None, {"x": line[None]})
        return np.asarray(said, np.float32)[0], np.asarray(hidden, np.float32)[0, :, 0]


def _words(
    probability: NDArray[np.float32], hidden: NDArray[np.float32] | None = None
) -> list[Word]:
    """Return the words of a line from its letter probabilities ``(steps, letters)``."""
    steps = len(probability)
    best = probability.argmax(axis=1)
    letters = [
        _Letter(LETTERS[best[i]], float(i), _confidence(probability[i], LETTERS[best[i]]))
        for i in np.flatnonzero(kept(best))
    ]
    if hidden is not None:
        letters = _with_half_spaces(letters, probability, hidden)
    text = "".join(letter.text for letter in letters)
    words = []
    for kind, start, stop in _pieces(text):
        seen = text[start:stop]
        word = {"letters": reversed_but_numbers(seen), "number": seen, "latin": LATIN}[kind]
        # A Latin word is one character somewhere inside it, so it extends to its neighbours.
        reach = 1.0 if kind == "latin" else 0.5
        first, last = letters[start].step, letters[stop - 1].step
        left = first + reach * (letters[start - 1].step - first) if start else 0.0
        right = last + reach * (letters[stop].step - last) if stop < len(letters) else steps
        confidence = float(np.mean([letter.confidence for letter in letters[start:stop]]))
        words.append(Word(word, confidence, left / steps, right / steps))
    return words


def _with_half_spaces(
    letters: Sequence[_Letter], probability: NDArray[np.float32], hidden: NDArray[np.float32]
) -> list[_Letter]:
    """Return the letters of a line from left to right, with half-spaces between them."""
    found: list[_Letter] = []
    for letter in letters:
        if found and _may_part(letter.text, found[-1].text):
            left, right = int(found[-1].step), int(letter.step)
            if chance(between(probability, hidden, left, right)) >= _LEAST_CHANCE:
                sure = min(found[-1].confidence, letter.confidence)
                found.append(_Letter(HALF_SPACE, (left + right) / 2, sure))
        found.append(letter)
    return found


def _may_part(letter: str, later: str) -> bool:
    """Return whether a half-space may be seen between two letters, not within lam-alef."""
    both = _is_letter(letter) and _is_letter(later)
    return both and letter not in APART and not (letter == "ل" and later in _ALEFS)


def _is_letter(text: str) -> bool:
    return text.isalpha() and is_right_to_left(text)


def _confidence(row: NDArray[np.float32], letter: str) -> float:
    """Return the probability of a character and those that look like it together."""
    group = next((group for group in _ALIKE if letter in group), letter)
    return float(sum(row[LETTERS.index(one)] for one in group))


def _pieces(text: str) -> list[tuple[_Kind, int, int]]:
    """Return the words and numbers of a line that is given from left to right.

    A space between two groups of digits belongs to their number. Signs without a digit belong to
    the letters next to them, and digits to the Latin word that they touch.
    """
    kinds = [_kind(character) for character in text]
    for i in range(1, len(text) - 1):
        if text[i] == " " and _joins(text[i - 1]) and _joins(text[i + 1]):
            kinds[i] = "number"
    pieces: list[tuple[_Kind, int, int]] = []
    start = 0
    for kind, group in groupby(kinds):
        stop = start + len(list(group))
        if kind is not None:
            digits = any(character.isdigit() for character in text[start:stop])
            own: _Kind = "letters" if kind == "number" and not digits else kind
            touches = bool(pieces) and pieces[-1][2] == start
            if touches and (own == pieces[-1][0] or "latin" in (own, pieces[-1][0])):
                both = own if own == pieces[-1][0] else "latin"
                pieces[-1] = (both, pieces[-1][1], stop)
            else:
                pieces.append((own, start, stop))
        start = stop
    return pieces


def _joins(character: str) -> bool:
    return character.isdigit() or character in "+£€$₺"


def _kind(character: str) -> _Kind | None:
    if character == " ":
        return None
    if character == LATIN:
        return "latin"
    if character == HALF_SPACE:
        return "letters"
    return "letters" if is_right_to_left(character) and not character.isdigit() else "number"
