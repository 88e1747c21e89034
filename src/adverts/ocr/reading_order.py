"""The order in which a person reads the lines of a page."""

from __future__ import annotations

from collections.abc import Iterable

from adverts.ocr.protocol import OcrLine


def reading_order(lines: Iterable[OcrLine]) -> tuple[OcrLine, ...]:
    """Sort lines into rows from top to bottom, and each row from left to right.

    A line belongs to a row if its vertical middle lies between the top and the bottom of the line
    that opened the row. Boxes of equal place keep their order.
    """
    rows: list[list[OcrLine]] = []
    for line in sorted(lines, key=lambda line: (_middle(line), _left(line))):
        if rows and _middle(line) < max(y for _, y in rows[-1][0].box):
            rows[-1].append(line)
        else:
            rows.append([line])
    return tuple(line for row in rows for line in sorted(row, key=_left))


def _middle(line: OcrLine) -> float:
    heights = [y for _, y in line.box]
    return (min(heights) + max(heights)) / 2


def _left(line: OcrLine) -> float:
    return min(x for x, _ in line.box)
