"""The order in which a person reads the lines of a page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from adverts.ocr.protocol import OcrLine


def reading_order(lines: Iterable[OcrLine]) -> tuple[OcrLine, ...]:
    """Sort lines into rows from top to bottom, and each row from left to right.

    Going down the page, a line joins the row of the line before it where the middle of one of the
    two lies beside the other. Boxes of equal place keep their order.
    """
    rows: list[list[OcrLine]] = []
    for line in sorted(lines, key=lambda line: (_middle(line), _left(line))):
        if rows and _side_by_side(rows[-1][-1], line):
            rows[-1].append(line)
        else:
            rows.append([line])
    return tuple(
        replace(line, row=number)
        for number, row in enumerate(rows)
        for line in sorted(row, key=_left)
    )


def _side_by_side(first: OcrLine, second: OcrLine) -> bool:
    return _middle(second) < _range(first)[1] or _range(second)[0] < _middle(first)


def _middle(line: OcrLine) -> float:
    return sum(_range(line)) / 2


def _range(line: OcrLine) -> tuple[float, float]:
    """Top and bottom."""
    heights = [y for _, y in line.box]
    return min(heights), max(heights)


def _left(line: OcrLine) -> float:
    return min(x for x, _ in line.box)
