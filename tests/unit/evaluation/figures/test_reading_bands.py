"""Bands of OCR quality: fixed ends, and none without its place."""

import pytest

from adverts.advert import ReadQuality
from adverts.evaluation.figures.slices import reading_band


@pytest.mark.parametrize(
    ("confidence", "band"),
    [
        (0.0, "low, confidence below 0.6"),
        (0.599, "low, confidence below 0.6"),
        (0.6, "middle, 0.6 to 0.85"),
        (0.849, "middle, 0.6 to 0.85"),
        (0.85, "high, from 0.85 on"),
        (1.0, "high, from 0.85 on"),
    ],
)
def test_the_confidence_decides_the_band(confidence, band):
    assert reading_band(ReadQuality(confidence, 9.0, 0.5, lines=3, unread_lines=1)) == band


def test_pages_without_text_that_was_read_are_apart_from_those_that_nobody_read():
    assert reading_band(ReadQuality(0.0, 0.0, 0.0, lines=2, unread_lines=2)) == "no text read"
    assert reading_band(ReadQuality(0.0, 0.0, 0.0, lines=0, unread_lines=0)) == "no text read"
    assert reading_band(None) == "no picture read"
