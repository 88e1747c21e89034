import numpy as np
import pytest

from adverts.ocr.auto import arabic_lines
from adverts.ocr.auto.arabic_lines import ArabicLines
from adverts.ocr.page.words import Word
from adverts.ocr.protocol import LineReading
from adverts.ocr.rapidocr.engine import SeenLine

PAGE = np.full((100, 400, 3), 255, np.uint8)
BOXES = np.array(
    [[[0, y], [400, y], [400, y + 20], [0, y + 20]] for y in (0, 30)], dtype=np.float32
)
SEEN = np.zeros((384, 3, 100), np.float32)


class FakeNetwork:
    """Says for each line what it was given."""

    def __init__(self, *lines):
        self._lines = list(lines)

    def read(self, features):
        return [self._lines.pop(0) for _ in features]


class FakeLatin:
    """Reads every part as one text, and remembers the parts."""

    def __init__(self, text="+44 7700 900123", confidence=0.99):
        self._reading = LineReading(text, confidence, "rapidocr")
        self.parts = None

    def see(self, image, boxes):
        self.parts = boxes
        text = self._reading.text
        places = tuple((i + 0.5) / len(text) for i in range(len(text)))
        return [SeenLine(self._reading, SEEN, text, places) for _ in boxes]


def reread(network, latin=None, lines=None, unsure=(0,), second="Ferry"):
    readings = [LineReading("garbage", 0.5, "rapidocr"), LineReading(second, 0.9, "rapidocr")]
    ArabicLines(lines, network=network, latin=latin or FakeLatin()).reread(
        PAGE, BOXES, readings, features=[SEEN, SEEN], unsure=list(unsure)
    )
    return readings


def test_a_line_of_arabic_letters_is_read_by_the_network():
    first, second = reread(FakeNetwork([Word("كتاب", 0.95, 0, 1)], [Word("@", 0.9, 0, 1)]))
    assert first == LineReading("كتاب", pytest.approx(0.95), "arabic network")
    assert second.text == "Ferry"


def test_a_page_without_arabic_letters_stays_as_it_was():
    assert reread(FakeNetwork([Word("@", 0.9, 0, 1)]))[0].text == "garbage"


@pytest.mark.parametrize("stray", [("ل",), ("ا", "١"), ("ز",)])
def test_a_stray_arabic_letter_does_not_make_a_latin_line_arabic(stray):
    words = [Word("@", 0.9, 0, 0.8), *(Word(letter, 0.9, 0.9, 1.0) for letter in stray)]
    assert [reading.text for reading in reread(FakeNetwork(words))] == ["garbage", "Ferry"]


def test_arabic_digits_seen_in_a_latin_line_of_an_arabic_page_are_not_believed():
    page = FakeNetwork([Word("كتاب", 0.95, 0, 1)], [Word("@", 0.9, 0, 0.8), Word("٥", 0.9, 0.9, 1)])
    assert reread(page)[1].text == "Ferry"


def test_a_phone_in_arabic_digits_is_believed_whatever_letters_the_latin_engine_takes_it_for():
    page = FakeNetwork([Word("كتاب", 0.95, 0, 1)], [Word("٠٧٧٠٠ ٩٠٠١٢٣", 0.98, 0, 1)])
    assert reread(page, second="EVV..9 Λ")[1].text == "٠٧٧٠٠ ٩٠٠١٢٣"


def test_numbers_are_read_again_by_the_latin_engine_where_it_is_surer():
    latin = FakeLatin()
    line = [Word("+44 7700 900128", 0.9, 0.0, 0.5), Word("هاتف", 0.95, 0.6, 1.0)]
    first, _ = reread(FakeNetwork(line, []), latin)
    assert first.text == "هاتف +44 7700 900123"
    assert latin.parts[0].tolist() == [[0, 0], [205, 0], [205, 20], [0, 20]]


def test_what_the_latin_engine_is_less_sure_of_stays():
    line = [Word("500", 0.9, 0.0, 0.3), Word("سعر", 0.95, 0.6, 1.0)]
    first, _ = reread(FakeNetwork(line, []), FakeLatin("5OO", 0.6))
    assert first.text == "سعر 500"


def test_arabic_digits_are_the_network_s_alone():
    latin = FakeLatin()
    first, second = reread(
        FakeNetwork([Word("سعر", 0.95, 0.6, 1.0)], [Word("٥٠٠", 0.9, 0.0, 0.07)]),
        latin,
        second="0..",
    )
    assert second.text == "٥٠٠"
    assert latin.parts is None


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [(0.7, 0.8, "كتاب"), (0.7, 0.65, "كتاب"), (0.7, 0.5, "كثاب"), (0.95, 0.99, "كثاب")],
)
def test_tesseract_is_asked_about_unsure_words(monkeypatch, ours, theirs, expected):
    said = [Word("كتاب", theirs, 0.05, 0.9)]
    monkeypatch.setattr(arabic_lines, "read_line", lambda *_: said)
    first, _ = reread(FakeNetwork([Word("كثاب", ours, 0, 1)], []), lines=object())
    assert first.text == expected


def test_a_word_elsewhere_or_of_another_length_is_not_taken(monkeypatch):
    said = [Word("كتاب", 0.9, 0.5, 1.0), Word("مكتبات", 0.9, 0.0, 0.4)]
    monkeypatch.setattr(arabic_lines, "read_line", lambda *_: said)
    first, _ = reread(FakeNetwork([Word("كثب", 0.6, 0, 0.4)], []), lines=object())
    assert first.text == "كثب"


def test_the_pieces_of_an_address_are_read_as_one():
    latin = FakeLatin("mina@example.org")
    line = [
        Word("@", 0.9, 0.0, 0.2),
        Word("37", 0.9, 0.2, 0.25),
        Word("@", 0.9, 0.25, 0.5),
        Word("نامه", 0.95, 0.6, 1.0),
    ]
    first, _ = reread(FakeNetwork(line, []), latin)
    assert first.text == "نامه mina@example.org"
    assert len(latin.parts) == 1


def test_what_the_latin_engine_sees_in_the_margin_belongs_to_the_neighbour():
    latin = FakeLatin("; mina@example.org j")
    line = [Word("سلام", 0.95, 0.0, 0.3), Word("@", 0.9, 0.32, 0.6), Word("نامه", 0.95, 0.65, 1)]
    first, _ = reread(FakeNetwork(line, []), latin)
    assert first.text == "نامه mina@example.org سلام"


@pytest.mark.parametrize(
    ("read", "confidence", "expected"),
    [("Visa", 0.95, "گرانی Visa"), ("Visa", 0.5, "گرانی ۷"), ("V", 0.95, "گرانی ۷")],
)
def test_a_latin_word_taken_for_a_digit_is_told_by_its_width(read, confidence, expected):
    wide = [Word("٧", 0.9, 0.3, 0.5), Word("گرانی", 0.95, 0.6, 1.0)]
    first, _ = reread(FakeNetwork(wide, []), FakeLatin(read, confidence))
    assert first.text == expected


def test_a_half_space_stays_where_tesseract_reads_the_same_letters(monkeypatch):
    monkeypatch.setattr(arabic_lines, "read_line", lambda *_: [Word("میشود", 0.99, 0, 1)])
    first, _ = reread(FakeNetwork([Word("می\u200cشود", 0.8, 0, 1)], []), lines=object())
    assert first.text == "می\u200cشود"
