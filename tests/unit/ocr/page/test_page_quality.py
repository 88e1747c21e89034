"""What is told of a page by the pixels and boxes of its lines."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from adverts.advert import ReadQuality
from adverts.ocr.page.read_page import measure_lines
from adverts.ocr.protocol import OcrLine


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
    unread = line("", 16, 16, 104, 44)
    assert measure_lines(striped(), []) == ReadQuality(0.0, 0.0, 0.0, lines=0, unread_lines=0)
    assert measure_lines(striped(), [unread]) == ReadQuality(0.0, 0.0, 0.0, 1, unread_lines=1)


def test_lines_without_text_are_counted_and_weigh_nothing():
    unread = line("", 20, 20, 60, 22, confidence=0.1)
    found, alone = (measure_lines(striped(), lines) for lines in ([STROKES, unread], [STROKES]))
    assert found == replace(alone, lines=2, unread_lines=1)


def test_the_lowest_line_and_the_mean_confidence_are_told():
    found = measure_lines(striped(), [STROKES, line("l", 20, 20, 60, 30, confidence=1.0)])
    assert (found.confidence, found.smallest_text_px) == (0.75, 10.0)


@pytest.mark.parametrize("contrast", [1, 4])
def test_an_edge_over_k_pixels_has_a_sharpness_of_about_one_in_k(contrast):
    page = striped() // contrast
    blurred = cv2.blur(page, (4, 4))
    assert measure_lines(page, [STROKES]).sharpness == pytest.approx(1.0, abs=0.05)
    assert measure_lines(blurred, [STROKES]).sharpness == pytest.approx(0.25, abs=0.05)


@pytest.mark.parametrize(
    "box", [(-80, 16, -20, 44), (16, -44, 104, -16), (130, 16, 190, 44), (16, 70, 104, 90)]
)
def test_a_line_beyond_the_page_has_no_edges(box):
    assert measure_lines(striped(), [line("llll", *box)]).sharpness == 0.0
