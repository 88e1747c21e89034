"""SROIE receipts with their true text; the pictures stay in the folder that they are read from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_TOTAL = re.compile(r"\bTOTAL\b", re.IGNORECASE)
_NOT_THE_TOTAL = re.compile(r"SUB|QTY|QUANTITY|ITEM|DISC|SAV|EXC", re.IGNORECASE)
_TAX = re.compile(r"TAX|GST", re.IGNORECASE)
_WITH_TAX = re.compile(r"INCL", re.IGNORECASE)
_AMOUNT = re.compile(r"(?<![\d.,])\d{1,3}(?:,?\d{3})*\.\d{2}(?![\d%]|\.\d)")
_LINES_BEHIND = 2


@dataclass(frozen=True, slots=True)
class Receipt:
    """One scanned receipt.

    Attributes:
        id: As its file states it.
        image: RGB, ``(H, W, 3)``.
        lines: True lines, in capitals whatever the print shows; in the order of their file.
        totals: The amount to be paid, without its currency; empty where no line states it.
    """

    id: str
    image: NDArray[np.uint8]
    lines: tuple[str, ...]
    totals: tuple[str, ...]

    @property
    def text(self) -> str:
        """Lines joined by newlines."""
        return "\n".join(self.lines)


def receipts(folder: Path, count: int) -> Iterator[Receipt]:
    """Yield so many receipts, evenly over the rows of ``folder/receipts.jsonl``.

    Every one where ``count`` is more; none where there is no such file.
    """
    listed = folder / "receipts.jsonl"
    if not listed.is_file():
        return
    rows = [json.loads(row) for row in listed.read_text(encoding="utf-8").splitlines()]
    count = min(count, len(rows))
    for i in range(count):
        row = rows[i * len(rows) // count]
        with Image.open(folder / row["image"]) as picture:
            image = np.asarray(picture.convert("RGB"))
        lines = tuple(row["reference_text"].splitlines())
        yield Receipt(row["id"], image, lines, total_of(lines))


def total_of(lines: Sequence[str]) -> tuple[str, ...]:
    """Return the largest amount on a line that says TOTAL or on the two behind it, if any."""
    amounts = [
        amount
        for i, line in enumerate(lines)
        if _says_total(line)
        for amount in _AMOUNT.findall("\n".join(lines[i : i + 1 + _LINES_BEHIND]))
    ]
    return (max(amounts, key=lambda amount: float(amount.replace(",", ""))),) if amounts else ()


def _says_total(line: str) -> bool:
    if not _TOTAL.search(line) or _NOT_THE_TOTAL.search(line):
        return False
    return bool(_WITH_TAX.search(line) or not _TAX.search(line))
