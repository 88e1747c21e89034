"""A small network of ours that reads Arabic script from what RapidOCR's network sees in a line.

PP-OCR has no letters for Arabic script, but the features inside its recogniser tell such letters
apart as well as others. This network maps the features of a line, which the Latin reading has
computed already, to letters of Arabic script and digits of all three kinds. It marks words of
Latin script without reading them.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from adverts.file_hash import file_sha256
from adverts.ocr.onnx_session import open_session
from adverts.ocr.words import Word, is_right_to_left, reversed_but_numbers

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

Features = NDArray[np.float32]
"""What RapidOCR's recogniser sees of one line, ``(384, 3, steps)``, a step for each 4 pixels."""
LATIN = "@"
"""What a word of Latin script is written as."""
_WEIGHTS = Path(__file__).with_name("arabic_network.onnx")
LETTERS = (
    "\0 @0123456789٠١٢٣٤٥٦٧٨٩۴۵۶+£€$₺%٪:.,٬٫/-()!"
    "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىيټپڅچډڑڕړږژښڤکګگڵڼھۆۍێېەیځڌہۇ،؛؟"
)
_ALIKE = ("يی", "كک", "هەہھ", "٫,", "٬")  # drawn alike, in some places of a word
_Kind = Literal["letters", "number", "latin"]


class ArabicNetwork:
    """Reads lines of Arabic script."""

    def __init__(self, *, threads: int) -> None:
        """Keep a setting; the weights are opened by the first line."""
        self._threads = threads
        self._session: InferenceSession | None = None

    def __getstate__(self) -> dict[str, object]:
        """Leave the opened weights behind: a process that gets a copy opens its own."""
        return self.__dict__ | {"_session": None}

    @property
    def weights_sha256(self) -> str:
        """Hash of the weights."""
        return file_sha256(_WEIGHTS)

    def read(self, features: Sequence[Features]) -> list[list[Word]]:
        """Return the words of each line, from left to right; numbers with spaces are one word."""
        if self._session is None:
            self._session = open_session(_WEIGHTS, self._threads)
        lines = []
        for line in features:
            (said,) = self._session.run(None, {"x": line[None]})
            lines.append(_words(np.asarray(said, np.float32)[0]))
        return lines


def _words(probability: NDArray[np.float32]) -> list[Word]:
    """Join the characters of a line, ``(steps, letters)``, to words."""
    steps = len(probability)
    best = probability.argmax(axis=1)
    kept = best != 0
    kept[1:] &= best[1:] != best[:-1]
    at = np.flatnonzero(kept)
    text = "".join(LETTERS[best[i]] for i in at)
    sure = [_confidence(row, letter) for row, letter in zip(probability[at], text, strict=True)]
    words = []
    for kind, start, stop in _pieces(text):
        word = text[start:stop] if kind != "letters" else reversed_but_numbers(text[start:stop])
        left = (at[start - 1] + at[start]) / 2 if start else 0.0
        right = (at[stop - 1] + at[stop]) / 2 if stop < len(at) else float(steps)
        confidence = float(np.mean(sure[start:stop]))
        words.append(Word(word, confidence, left / steps, right / steps))
    return words


def _confidence(row: NDArray[np.float32], letter: str) -> float:
    """Return how sure a character is, whichever of those that look like it it is."""
    group = next((group for group in _ALIKE if letter in group), letter)
    return float(sum(row[LETTERS.index(one)] for one in group))


def _pieces(text: str) -> list[tuple[_Kind, int, int]]:
    """Cut a line, as it stands from left to right, into words and numbers.

    A space between two numbers belongs to them, as in a phone number; signs without a digit
    belong to the word beside them.
    """
    kinds: list[_Kind | None] = [_kind(character) for character in text]
    for i in range(1, len(text) - 1):
        if text[i] == " " and kinds[i - 1] == kinds[i + 1] == "number":
            kinds[i] = "number"
    start = 0
    runs: list[tuple[_Kind | None, int, int]] = []
    for kind, group in groupby(kinds):
        stop = start + len(list(group))
        runs.append((kind, start, stop))
        start = stop
    pieces: list[tuple[_Kind, int, int]] = []
    for kind, start, stop in runs:
        if kind is None:
            continue
        is_sign = kind == "number" and not any(c.isdigit() for c in text[start:stop])
        if is_sign:
            kind = "letters"
        if pieces and pieces[-1][2] == start and kind == pieces[-1][0] == "letters":
            pieces[-1] = ("letters", pieces[-1][1], stop)
        else:
            pieces.append((kind, start, stop))
    return pieces


def _kind(character: str) -> _Kind | None:
    if character == " ":
        return None
    if character == LATIN:
        return "latin"
    return "letters" if is_right_to_left(character) and not character.isdigit() else "number"
