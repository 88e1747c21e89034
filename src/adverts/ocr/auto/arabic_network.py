"""Small network that reads Arabic script from the features of RapidOCR's recogniser.

PP-OCR has no letters for Arabic script, but its features distinguish such letters as well as
others. This network maps the features of a line, which the Latin reading has already computed, to
letters of Arabic script and digits of all three kinds. It marks words of Latin script without
reading them.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from adverts.files.file_hash import file_sha256
from adverts.ocr.ctc import kept
from adverts.ocr.onnx_session import open_session
from adverts.ocr.page.words import Word, is_right_to_left, reversed_but_numbers
from adverts.ocr.rapidocr.engine import Features

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

LATIN = "@"
"""Text that represents a word of Latin script."""
_WEIGHTS = Path(__file__).with_name("arabic_network.onnx")
LETTERS = (
    "\0 @0123456789٠١٢٣٤٥٦٧٨٩۴۵۶+£€$₺%٪:.,٬٫/-()!"
    "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىيټپڅچډڑڕړږژښڤکګگڵڼھۆۍێېەیځڌہۇ،؛؟"
)
_ALIKE = ("يی", "كک", "هەہھ", "٫,", "٬")  # look alike in some places of a word
_Kind = Literal["letters", "number", "latin"]


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
        if self._session is None:
            self._session = open_session(_WEIGHTS, self._threads)
        lines = []
        for line in features:
            (said,) = self._session.run(None, {"x": line[None]})
            lines.append(_words(np.asarray(said, np.float32)[0]))
        return lines


def _words(probability: NDArray[np.float32]) -> list[Word]:
    """Return the words of a line from its letter probabilities ``(steps, letters)``."""
    steps = len(probability)
    best = probability.argmax(axis=1)
    at = np.flatnonzero(kept(best))
    text = "".join(LETTERS[best[i]] for i in at)
    sure = [_confidence(row, letter) for row, letter in zip(probability[at], text, strict=True)]
    words = []
    for kind, start, stop in _pieces(text):
        seen = text[start:stop]
        word = {"letters": reversed_but_numbers(seen), "number": seen, "latin": LATIN}[kind]
        # A Latin word is one character somewhere inside it, so it extends to its neighbours.
        reach = 1.0 if kind == "latin" else 0.5
        left = at[start] + reach * (at[start - 1] - at[start]) if start else 0.0
        right = at[stop - 1] + reach * (at[stop] - at[stop - 1]) if stop < len(at) else steps
        confidence = float(np.mean(sure[start:stop]))
        words.append(Word(word, confidence, float(left / steps), float(right / steps)))
    return words


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
    return "letters" if is_right_to_left(character) and not character.isdigit() else "number"
