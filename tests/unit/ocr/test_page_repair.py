from dataclasses import dataclass

import numpy as np

from adverts.ocr.page.read_page import PageReader
from adverts.ocr.protocol import LineReading, ReaderSpec


@dataclass
class Sayer:
    """An engine that finds a line every 30 pixels and says what it was given."""

    sayings: tuple[str, ...]
    spec = ReaderSpec("sayer", "1", {}, {})
    alphabet = None

    def detect(self, image):
        tops = 30 * np.arange(len(self.sayings))
        corners = [[(5, top), (95, top), (95, top + 20), (5, top + 20)] for top in tops]
        return np.array(corners, dtype=np.float32).reshape(-1, 4, 2)

    def recognise(self, image, boxes):
        return [LineReading(saying, 0.9, "sayer") for saying in self.sayings[: len(boxes)]]


def read(*sayings):
    reader = PageReader(Sayer(sayings), min_confidence=0.1)
    return reader.read(np.zeros((300, 100, 3), np.uint8))


def test_a_line_is_mended_and_what_was_said_is_kept():
    (line,) = read("from E45O to £5OO").lines
    assert (line.text, line.raw) == ("from £450 to £500", "from E45O to £5OO")


def test_a_sound_line_has_no_raw_string():
    (line,) = read("from £450").lines
    assert (line.text, line.raw) == ("from £450", None)


def test_lines_of_a_page_tell_each_other_their_language():
    page = read("بلیتی کهشتی", "هەموو ڕۆژێک")
    assert page.text == "بلیتی کەشتی\nهەموو ڕۆژێک"
    assert page.lines[0].raw == "بلیتی کهشتی"


def test_a_line_alone_that_tells_no_language_stays():
    assert read("بلیتی کهشتی").text == "بلیتی کهشتی"
