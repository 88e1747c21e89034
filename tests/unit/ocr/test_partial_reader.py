"""A reader without some part: what it leaves to a person, and that it reads all else."""

from dataclasses import replace

import numpy as np
import pytest

from adverts.advert import ReadQuality
from adverts.ocr.auto.engine import calibrated
from adverts.ocr.partial_reader import (
    ABSTAINED,
    EVERYTHING,
    VIETNAMESE,
    AbstainingReader,
    abstained_lines,
)
from adverts.ocr.protocol import LineReading, OcrLine, OcrResult, ReaderSpec

BOX = ((0.0, 0.0), (60.0, 0.0), (60.0, 12.0), (0.0, 12.0))
LATIN = OcrLine("ferry 40 £", BOX, 0.95, "rapidocr", script="Latn")
ARABIC = OcrLine("سفر كل ليلة", BOX, 0.9, "tesseract", script="Arab", raw="سفر كل ليله", row=1)
TOLD_LATIN = OcrLine("Jiu ili", BOX, 0.4, "rapidocr", script="Latn", row=2)
EMPTY = OcrLine("", BOX, 0.0, "rapidocr", row=3)
VIETNAM = OcrLine("phòng trọ, nhà mới ở quận", BOX, 0.9, "rapidocr", script="Latn", row=4)
NUMBER = OcrLine("01632 960123", BOX, 0.97, "rapidocr", row=5)
IMAGE = np.full((90, 90, 3), 255, np.uint8)


class FakeReader:
    """Reads the same lines on every picture."""

    spec = ReaderSpec("auto", "1", {}, {"canvas_px": 640})

    def __init__(self, *lines):
        self.lines = lines

    def read(self, image):
        return OcrResult(self.lines, 90, 90, ReadQuality(0.5, 12.0, 0.5, len(self.lines), 0))


def read(abstains, *lines):
    return AbstainingReader(FakeReader(*lines), abstains).read(IMAGE)


def test_lines_of_a_script_stay_boxes_without_text():
    result = read({"Arab"}, LATIN, ARABIC)
    assert result.text == "ferry 40 £"
    left = result.lines[1]
    assert (left.text, left.raw, left.script, left.confidence) == ("", None, None, 0.0)
    assert (left.box, left.row, left.engine) == (BOX, 1, ABSTAINED)
    assert result.quality.confidence == 0.95
    assert abstained_lines([result, result]) == 2


@pytest.mark.parametrize(
    ("text", "script"), [("٠٧٧٠٠ ٩٠٠١٢٣", None), ("سفر to Demo Island", "Latn")]
)
def test_without_arabic_all_is_left_that_its_network_read(text, script):
    line = OcrLine(text, BOX, 0.9, "arabic network", script=script)
    assert [one.text for one in read({"Arab"}, line, LATIN).lines] == ["", LATIN.text]
    assert read({VIETNAMESE}, line).lines == (line,)


def test_a_line_that_may_be_of_such_a_script_is_left_as_well():
    result = read({"Arab"}, LATIN, TOLD_LATIN, EMPTY, NUMBER)
    assert [line.engine for line in result.lines] == ["rapidocr", ABSTAINED, ABSTAINED, "rapidocr"]


def test_a_line_that_the_engine_trusts_itself_with_is_kept_on_the_calibrated_scale():
    trusted, doubted = (
        replace(LATIN, confidence=calibrated(LineReading(LATIN.text, said, "rapidocr")).confidence)
        for said in (0.81, 0.79)
    )
    assert trusted.confidence < 0.8
    result = read({"Arab"}, trusted, doubted)
    assert [line.engine for line in result.lines] == ["rapidocr", ABSTAINED]


def test_without_vietnamese_a_page_in_it_is_left_and_no_other():
    assert abstained_lines([read({VIETNAMESE}, VIETNAM, LATIN, NUMBER)]) == 2
    assert read({VIETNAMESE}, LATIN, ARABIC, TOLD_LATIN, EMPTY).lines == (
        LATIN,
        ARABIC,
        TOLD_LATIN,
        EMPTY,
    )


def test_another_package_leaves_every_line():
    result = read({EVERYTHING}, LATIN, ARABIC, NUMBER)
    assert result.text == ""
    assert abstained_lines([result]) == 3


@pytest.mark.parametrize("abstains", [{"Arab"}, {VIETNAMESE}, {EVERYTHING}])
def test_a_page_without_lines_leaves_nothing(abstains):
    assert abstained_lines([read(abstains)]) == 0


def test_what_is_left_is_part_of_the_spec_so_that_no_cache_mixes_them():
    whole = FakeReader()
    keys = [AbstainingReader(whole, left).spec.key for left in ({"Arab"}, {"Latn"}, {"*"})]
    assert len({whole.spec.key, *keys}) == 4
