"""What a rendered page is, and all that is true of it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

LANGUAGES = ("en", "sq", "fr", "tr", "vi", "ar", "fa", "ckb", "ps")
RIGHT_TO_LEFT = frozenset({"ar", "fa", "ckb", "ps"})
STYLES = ("clean", "noisy", "tilted", "low_contrast", "social")
WIDTHS = (640, 1280)
BENCHMARK_SEED = 0
"""Nobody tunes on it: it has its own sentences, fonts and backgrounds."""


@dataclass(frozen=True, slots=True)
class TrueLine:
    """One line of text, or one cell of a row with two.

    Attributes:
        text: In logical order.
        box: Four corners ``(x, y)`` of its ink in pixels, clockwise from the top left.
        row: Counted from 0, top down; the cells of a price list share one.
    """

    text: str
    box: tuple[tuple[float, float], ...]
    row: int


@dataclass(frozen=True, slots=True)
class Page:
    """A picture of a fictional advert.

    Attributes:
        id: ``seed-language-style-number-width``.
        language: One of ``LANGUAGES``.
        style: One of ``STYLES``.
        width: In pixels.
        image: RGB, ``(H, W, 3)``.
        lines: In reading order.
        prices: Each as it is written, with its currency.
        phones: Each as it is written.
    """

    id: str
    language: str
    style: str
    width: int
    image: NDArray[np.uint8]
    lines: tuple[TrueLine, ...]
    prices: tuple[str, ...]
    phones: tuple[str, ...]

    @property
    def text(self) -> str:
        """Rows joined by newlines, cells of one row by spaces, first read first."""
        rows = groupby(self.lines, key=lambda line: line.row)
        return "\n".join(" ".join(line.text for line in row) for _, row in rows)
