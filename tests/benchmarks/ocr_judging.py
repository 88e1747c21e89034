"""What is true of each page of the OCR benchmark, and how right a reader was about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import reduce
from pathlib import Path

import numpy as np
from ocr_pages import Page, pages
from ocr_pages.receipts import Receipt, receipts
from ocr_pages.scores import (
    Errors,
    character_errors,
    lookalike_errors,
    lost_lines,
    value_errors,
    word_errors,
)
from ocr_readers import Seen

RECEIPT = "receipt"
NOTHING = Errors(0, 0)


@dataclass(frozen=True, slots=True)
class Truth:
    """What is true of a page; a receipt has no boxes, and its text is in capitals.

    ``third`` marks the fixed third of the pages that the slowest reader reads.
    """

    id: str
    language: str
    style: str
    phase: str
    third: bool
    text: str
    prices: tuple[str, ...]
    phones: tuple[str, ...]
    boxes: tuple[tuple[tuple[float, float], ...], ...]
    height: int
    width: int


@dataclass(frozen=True, slots=True)
class Judged:
    """Errors of one reading: no word of the page is in it.

    ``contacts`` counts a page as one, wrong where any of its prices or phones is.
    """

    id: str
    characters: Errors
    alike: Errors
    words: Errors
    prices: Errors
    phones: Errors
    contacts: Errors
    lost: Errors
    cpu_s: float

    @property
    def raw(self) -> dict[str, object]:
        """For a file of raw values: ``[wrong, total]`` of each score."""
        return {
            name: list(value.values()) if isinstance(value, dict) else value
            for name, value in asdict(self).items()
        }


def page_truths(
    folder: Path, *, seed: int, per_cell: int, widths: tuple[int, ...]
) -> Iterator[Truth]:
    """Render every page into ``folder/ID.npy``, and yield what is true of it."""
    for page in pages(seed=seed, per_cell=per_cell, widths=widths):
        np.save(folder / f"{page.id}.npy", page.image)
        yield _page_truth(page)


def receipt_truths(folder: Path, source: Path, count: int) -> Iterator[Truth]:
    """Copy receipts into ``folder/ID.npy``, and yield what is true of them."""
    for i, receipt in enumerate(receipts(source, count)):
        np.save(folder / f"{receipt.id}.npy", receipt.image)
        yield _receipt_truth(receipt, third=i % 3 == 0)


def judge(truth: Truth, seen: Seen, cpu_s: float) -> Judged:
    """Compare a reading with the truth."""
    read = seen.text.upper() if truth.style == RECEIPT else seen.text
    prices, phones = value_errors(truth.prices, read), value_errors(truth.phones, read)
    both = prices + phones
    size = {"width": truth.width, "height": truth.height}
    return Judged(
        id=truth.id,
        characters=character_errors(truth.text, read),
        alike=lookalike_errors(truth.text, read),
        words=word_errors(truth.text, read),
        prices=prices,
        phones=phones,
        contacts=Errors(min(both.wrong, 1), min(both.total, 1)),
        lost=lost_lines(truth.boxes, seen.boxes, **size) if truth.boxes else NOTHING,
        cpu_s=cpu_s,
    )


def total(errors: Iterable[Errors]) -> Errors:
    """Add up the errors of pages."""
    return reduce(Errors.__add__, errors, NOTHING)


def _page_truth(page: Page) -> Truth:
    return Truth(
        id=page.id,
        language=page.language,
        style=page.style,
        phase=f"{page.width} px",
        third=page.id.split("-")[3] in "0369",
        text=page.text,
        prices=page.prices,
        phones=page.phones,
        boxes=tuple(line.box for line in page.lines),
        height=page.image.shape[0],
        width=page.width,
    )


def _receipt_truth(receipt: Receipt, *, third: bool) -> Truth:
    height, width = receipt.image.shape[:2]
    return Truth(
        id=receipt.id,
        language="en",
        style=RECEIPT,
        phase="receipts",
        third=third,
        text=receipt.text.upper(),
        prices=receipt.totals,
        phones=(),
        boxes=(),
        height=height,
        width=width,
    )
