"""How right a reading of a page is: letters, words, prices, phones, and lines nobody saw."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from ocr_pages.distance import edit_distance

Quad: TypeAlias = Sequence[tuple[float, float]]
"""Four corners ``(x, y)`` in pixels, in turn."""

_CONTROLS = dict.fromkeys(map(ord, "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e"))
_CONTROLS |= dict.fromkeys(range(0x2066, 0x206A))
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹٬٫", "01234567890123456789,.")
_ALIKE = _DIGITS | str.maketrans("يىكەہ‘’‚`´“”„«»‐‑‒–—−", "ییکهه'''''\"\"\"\"\"------")
_SPACE = "[ \u00a0\u2009\u202f]*"
_SYMBOLS = "£€$"
_COVERED = 0.5


@dataclass(frozen=True, slots=True)
class Errors:
    """Mistakes among so many; errors of several pages are added.

    Attributes:
        wrong: Edits, or values that were not found.
        total: Characters, words or values of the truth.
    """

    wrong: int
    total: int

    def __add__(self, other: Errors) -> Errors:
        return Errors(self.wrong + other.wrong, self.total + other.total)

    @property
    def rate(self) -> float:
        """Mistakes over total; NaN where there was nothing to be read."""
        return self.wrong / self.total if self.total else float("nan")


def character_errors(true: str, read: str) -> Errors:
    """Compare letter by letter: NFC, a run of whitespace as one space, no bidi controls."""
    true, read = _plain(true), _plain(read)
    return Errors(edit_distance(true, read), len(true))


def lookalike_errors(true: str, read: str) -> Errors:
    """The same with letters that look alike made one, digits ASCII, quotes and dashes plain."""
    return character_errors(true.translate(_ALIKE), read.translate(_ALIKE))


def word_errors(true: str, read: str) -> Errors:
    """Compare word by word, split at whitespace; 1.0 and more where nothing is right."""
    words = _plain(true).split()
    return Errors(edit_distance(words, _plain(read).split()), len(words))


def value_errors(values: Sequence[str], read: str) -> Errors:
    """Count the prices or phones that a page's text does not hold exactly.

    Digits of any script are ASCII, spaces inside a value and bidi controls do not count. A value
    is not found inside a longer number, nor across the end of a row. A currency's symbol may
    stand before or behind its amount, since right-to-left pages show it at either side.
    """
    text = _digits(read)
    return Errors(sum(not _holds(text, value) for value in values), len(values))


def lost_lines(true: Sequence[Quad], found: Sequence[Quad], *, width: int, height: int) -> Errors:
    """Count true lines less than half of whose area is covered.

    Args:
        true: One quadrilateral a line.
        found: Boxes that have text.
        width: Of the page in pixels.
        height: Of the page in pixels.
    """
    cover = _filled(found, width, height)
    shares = [cover[_filled([line], width, height)].mean() for line in true]
    return Errors(sum(share < _COVERED for share in shares), len(true))


def _plain(text: str) -> str:
    clean = unicodedata.normalize("NFC", text.translate(_CONTROLS))
    return " ".join(clean.split())


def _digits(text: str) -> str:
    return unicodedata.normalize("NFC", text.translate(_CONTROLS).translate(_DIGITS))


def _holds(text: str, value: str) -> bool:
    wanted = "".join(_digits(value).split())
    orders = {wanted}
    if wanted[0] in _SYMBOLS:
        orders.add(wanted[1:] + wanted[0])
    if wanted[-1] in _SYMBOLS:
        orders.add(wanted[-1] + wanted[:-1])
    return any(_pattern(order).search(text) for order in orders)


def _pattern(wanted: str) -> re.Pattern[str]:
    """Spaces may stand anywhere; a digit, or a separator and a digit, may not go on."""
    spaced = _SPACE.join(map(re.escape, wanted))
    return re.compile(rf"(?<!\d)(?<!\d[.,]){spaced}(?![.,]?\d)")


def _filled(quads: Sequence[Quad], width: int, height: int) -> NDArray[np.bool_]:
    mask = Image.new("1", (width, height))
    draw = ImageDraw.Draw(mask)
    for quad in quads:
        draw.polygon([(float(x), float(y)) for x, y in quad], fill=1)
    return np.asarray(mask, np.bool_)
