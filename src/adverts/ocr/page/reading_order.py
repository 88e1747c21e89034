"""The order in which a person reads the lines of a page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from adverts.ocr.page.page_rows import Place, page_rows
from adverts.ocr.page.words import is_right_to_left
from adverts.ocr.protocol import OcrLine


def reading_order(lines: Iterable[OcrLine]) -> tuple[OcrLine, ...]:
    """Sort lines into rows from top to bottom, and number the rows.

    The page's tilt, up to 45 degrees, is undone first; the boxes stay as they are. A row whose
    letters are mostly of a script that runs to the left is read from right to left, one without
    letters as most of the page. Boxes without text take part. The order of the lines that are
    given decides nothing, unless two have the same place.
    """
    found = list(lines)
    page_leans = sum(_leaning(line.text) for line in found)
    ordered = []
    for number, row in enumerate(page_rows([line.box for line in found])):
        leans = sum(_leaning(found[place.index].text) for place in row) or page_leans
        for place in sorted(row, key=_from_right if leans > 0 else _from_left):
            ordered.append(replace(found[place.index], row=number))
    return tuple(ordered)


def _leaning(text: str) -> int:
    """Letters that run to the left, less those that run to the right."""
    letters = [character for character in text if character.isalpha()]
    return 2 * sum(map(is_right_to_left, letters)) - len(letters)


def _from_left(place: Place) -> tuple[float, float]:
    return place.left, place.middle


def _from_right(place: Place) -> tuple[float, float]:
    return -place.right, place.middle
