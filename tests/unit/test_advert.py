"""Text and quality of an advert with several pictures, against values worked out by hand."""

import pytest

from adverts.advert import ReadQuality, advert_quality, advert_text

BLANK = ReadQuality(0.0, 0.0, 0.0, lines=0, unread_lines=0)
UNREAD = ReadQuality(0.0, 0.0, 0.0, lines=3, unread_lines=3)
SHARP = ReadQuality(0.9, 30.0, 0.8, lines=3, unread_lines=0)
BLURRED = ReadQuality(0.5, 40.0, 0.1, lines=2, unread_lines=1)


def test_no_picture_has_no_quality():
    assert advert_quality([]) is None


@pytest.mark.parametrize("quality", [BLANK, UNREAD, SHARP, BLURRED])
def test_one_picture_speaks_for_its_advert(quality):
    assert advert_quality([quality]) == quality


def test_the_worst_text_speaks_for_an_advert_and_its_lines_add_up():
    found = advert_quality([SHARP, BLURRED, UNREAD])
    assert found.confidence == pytest.approx((3 * 0.9 + 1 * 0.5) / 4)
    assert (found.smallest_text_px, found.sharpness) == (30.0, 0.1)
    assert (found.lines, found.unread_lines) == (8, 4)


def test_a_picture_without_text_makes_no_other_one_worse():
    assert advert_quality([SHARP, BLANK]) == SHARP


def test_texts_of_pictures_keep_their_order_and_empty_ones_leave_no_line():
    assert advert_text(["ferry", "", "daily\n9:00"]) == "ferry\ndaily\n9:00"
    assert advert_text(["", ""]) == advert_text([]) == ""
