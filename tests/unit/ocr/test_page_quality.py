"""What is told of a page by the pixels and boxes of its lines."""

import cv2
import numpy as np
import pytest

from adverts.ocr.protocol import OcrLine
from adverts.ocr.read_quality import measure_lines


def striped():
    """Black strokes, four pixels wide, on white."""
    page = np.full((60, 120, 3), 255, np.uint8)
    page[20:40, 20:100][:, np.arange(80) % 8 < 4] = 0
    return page


def line(text, *edges, confidence=0.5):
    left, top, right, bottom = edges
    box = ((left, top), (right, top), (right, bottom), (left, bottom))
    return OcrLine(text, tuple((float(x), float(y)) for x, y in box), confidence, "engine")


STROKES = line("llll", 16, 16, 104, 44)


def test_lines_without_text_say_nothing():
    assert measure_lines(striped(), []) == (0.0, 0.0, 0.0)
    assert measure_lines(striped(), [line("", 16, 16, 104, 44)]) == (0.0, 0.0, 0.0)


def test_the_lowest_line_and_the_mean_confidence_are_told():
    found = measure_lines(striped(), [STROKES, line("l", 20, 20, 60, 30, confidence=1.0)])
    assert found[:2] == (0.75, 10.0)


@pytest.mark.parametrize("contrast", [1, 4])
def test_an_edge_over_k_pixels_has_a_sharpness_of_about_one_in_k(contrast):
    page = striped() // contrast
    blurred = cv2.blur(page, (4, 4))
    assert measure_lines(page, [STROKES])[2] == pytest.approx(1.0, abs=0.05)
    assert measure_lines(blurred, [STROKES])[2] == pytest.approx(0.25, abs=0.05)


@pytest.mark.parametrize(
    "box", [(-80, 16, -20, 44), (16, -44, 104, -16), (130, 16, 190, 44), (16, 70, 104, 90)]
)
def test_a_line_beyond_the_page_has_no_edges(box):
    assert measure_lines(striped(), [line("llll", *box)])[2] == 0.0
