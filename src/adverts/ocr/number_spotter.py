"""A small network of ours that sees where in a line numbers stand, and reads them.

It tells apart words of Arabic script, words of Latin script, and numbers, whose digits it reads
whether they are 0-9, Arabic-Indic or Persian: neither PP-OCR nor Tesseract can be trusted with
the latter two. ``experiments/`` holds how it was trained.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from adverts.file_hash import file_sha256
from adverts.ocr.engine import Boxes, Pixels
from adverts.ocr.line_crops import batches, line_crop
from adverts.ocr.onnx_session import network_input, open_session

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

Kind = Literal["arabic", "latin", "number"]

_WEIGHTS = Path(__file__).with_name("number_spotter.onnx")
_ARABIC, _LATIN, _SPACE = "#", "@", " "
_LETTERS = f"\0{_SPACE}{_ARABIC}{_LATIN}0123456789٠١٢٣٤٥٦٧٨٩۴۵۶+£€$₺%٪:.,٬٫/-()"
_HEIGHT_PX = 32
_STEP_PX = 4  # width of one step of the output
_BESIDE = 0.1  # room left and right of a line, as a share of its height


@dataclass(frozen=True, slots=True)
class Span:
    """A word, or a number with its signs and the spaces between its groups.

    Attributes:
        kind: What it is.
        text: The number from left to right; empty for words.
        confidence: In [0, 1], of the least sure of its characters.
        left: Where it begins, as a share of the box's width from the left.
        right: Where it ends.
    """

    kind: Kind
    text: str
    confidence: float
    left: float
    right: float


class NumberSpotter:
    """Sees words and numbers in lines of a page."""

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

    def spot(self, image: Pixels, boxes: Boxes) -> list[list[Span]]:
        """Return the spans of each box, from left to right."""
        if self._session is None:
            self._session = open_session(_WEIGHTS, self._threads)
        crops = [line_crop(image, box, height_px=_HEIGHT_PX, beside=_BESIDE) for box in boxes]
        found: list[list[Span]] = [[] for _ in crops]
        for batch in batches([crop.shape[1] for crop in crops]):
            width = -(-max(crops[i].shape[1] for i in batch) // _STEP_PX) * _STEP_PX
            x = np.zeros((len(batch), 3, _HEIGHT_PX, width), np.float32)
            for row, i in zip(x, batch, strict=True):
                row[:, :, : crops[i].shape[1]] = network_input(crops[i])[::-1]
            (said,) = self._session.run(None, {"x": x})
            for i, row in zip(batch, np.asarray(said, np.float32), strict=True):
                found[i] = _spans(row, crops[i].shape[1])
        return found


def _spans(probability: NDArray[np.float32], width: int) -> list[Span]:
    """Join the characters of a line, ``(steps, letters)``, to words and numbers."""
    steps = -(-width // _STEP_PX)
    probability = probability[:steps]
    best, sure = probability.argmax(axis=1), probability.max(axis=1)
    kept = best != 0
    kept[1:] &= best[1:] != best[:-1]
    at = np.flatnonzero(kept)
    text = "".join(_LETTERS[best[i]] for i in at)
    ends = [*at[1:], steps]
    spans = []
    for kind, start, stop in _pieces(text):
        last = ends[stop - 1]
        while last > at[stop - 1] + 1 and best[last - 1] == 0:
            last -= 1
        # A box's share: the crop has room of ``_BESIDE`` heights on both sides of it.
        room = _BESIDE * _HEIGHT_PX
        left, right = ((x * _STEP_PX - room) / max(1.0, width - 2 * room) for x in (at[start], last))
        words = kind != "number"
        confidence = float(sure[at[start:stop]].min())
        spans.append(Span(kind, "" if words else text[start:stop], confidence, left, right))
    return spans


def _pieces(text: str) -> list[tuple[Kind, int, int]]:
    """Cut into words and numbers; a space between two numbers belongs to them."""
    kinds: list[Kind | None] = [_kind(character) for character in text]
    for i in range(1, len(text) - 1):
        if text[i] == _SPACE and kinds[i - 1] == kinds[i + 1] == "number":
            kinds[i] = "number"
    pieces: list[tuple[Kind, int, int]] = []
    start = 0
    for kind, group in groupby(kinds):
        stop = start + len(list(group))
        has_digit = any(character.isdigit() for character in text[start:stop])
        if kind is not None and (kind != "number" or has_digit):
            pieces.append((kind, start, stop))
        start = stop
    return pieces


def _kind(character: str) -> Kind | None:
    match character:
        case "#":
            return "arabic"
        case "@":
            return "latin"
        case " ":
            return None
        case _:
            return "number"
