import numpy as np
import pytest

from adverts.ocr.page.words import Word
from adverts.ocr.tesseract.line_attempts import read_line

PAGE = np.random.default_rng(0).integers(0, 256, (60, 300, 3), dtype=np.uint8)
BOX = np.array([[20, 10], [280, 10], [280, 50], [20, 50]], np.float32)


class FakeTesseract:
    """Says what it was told to, attempt by attempt, and counts them."""

    def __init__(self, *said):
        self._said = list(said)
        self.layouts = []

    def read(self, data, picture, layout):
        self.layouts.append(layout)
        return self._said.pop(0) if self._said else []


def says(text, confidence, left=0.1, right=0.9):
    return [Word(text, confidence, left, right)]


def test_a_sure_reading_ends_the_search():
    tesseract = FakeTesseract(says("sure", 0.9))
    assert [word.text for word in read_line(tesseract, "Arabic", PAGE, BOX)] == ["sure"]
    assert tesseract.layouts == ["line"]


def test_the_surest_of_several_is_taken():
    tesseract = FakeTesseract(says("first", 0.55), says("second", 0.7), says("third", 0.6))
    assert [word.text for word in read_line(tesseract, "Arabic", PAGE, BOX)] == ["second"]
    assert "raw line" not in tesseract.layouts


def test_a_short_reading_counts_for_less():
    tesseract = FakeTesseract(says("whole line", 0.6), says("bit", 0.7, 0.1, 0.2))
    assert [word.text for word in read_line(tesseract, "Arabic", PAGE, BOX)] == ["whole line"]


def test_where_no_line_is_seen_the_whole_picture_is_taken_for_it():
    tesseract = FakeTesseract()
    assert read_line(tesseract, "Arabic", PAGE, BOX) == []
    assert tesseract.layouts.count("raw line") == tesseract.layouts.count("line")


def test_places_are_shares_of_the_box():
    # The picture has 10 pixels of border and 0.15 heights of room on each side of the box.
    height = 56 / 1.24
    width = 260 / 40 * height
    start, total = 0.15 * height + 10, width + 0.3 * height + 20
    tesseract = FakeTesseract(says("all", 0.9, start / total, (start + width) / total))
    (word,) = read_line(tesseract, "Arabic", PAGE, BOX)
    assert (word.left, word.right) == pytest.approx((0.0, 1.0), abs=0.01)
