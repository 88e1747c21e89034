import random

import pytest

from adverts.ocr.protocol import OcrLine
from adverts.ocr.reading_order import reading_order


def line(text, left, top, width=40, height=10):
    box = ((left, top), (left + width, top), (left + width, top + height), (left, top + height))
    return OcrLine(text, box, 1.0, "fake")


def texts(lines):
    return [found.text for found in reading_order(lines)]


PAGE = [line("a", 0, 0), line("b", 50, 3), line("c", 100, -3), line("d", 0, 12), line("e", 50, 14)]


@pytest.mark.parametrize("seed", range(5))
def test_rows_go_down_and_lines_of_a_row_go_right(seed):
    shuffled = random.Random(seed).sample(PAGE, len(PAGE))
    assert texts(shuffled) == ["a", "b", "c", "d", "e"]


def test_small_lines_beside_a_tall_one_follow_it():
    page = [line("upper", 50, 2), line("tall", 0, 0, height=40), line("lower", 50, 22)]
    assert texts([*page, line("below", 0, 50)]) == ["tall", "upper", "lower", "below"]


def test_nothing_stays_nothing():
    assert reading_order([]) == ()
