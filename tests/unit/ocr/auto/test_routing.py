import numpy as np
import pytest

from adverts.ocr.auto.engine import is_turkish, is_unsure
from adverts.ocr.protocol import LineReading

LONG = np.array([[0, 0], [200, 0], [200, 20], [0, 20]], np.float32)


def says(text, confidence=0.95):
    return LineReading(text, confidence, "rapidocr")


def test_a_sure_line_of_usual_length_stays():
    assert not is_unsure(says("Ferry to the island"), LONG)


@pytest.mark.parametrize(
    "reading",
    [says("Ferry to the island", 0.7), says("47"), says("", 0.0), says("Ferry to 小 island")],
)
def test_an_unsure_a_short_an_empty_and_a_chinese_line_do_not(reading):
    assert is_unsure(reading, LONG)


@pytest.mark.parametrize(
    ("lines", "turkish"),
    [
        (["Kişi başı", "400 lira"], True),
        (["Kiralik oda", "yer kaldı", "birkaç fotoğraf"], True),
        (["Fëmijë, çmimi"], False),
        (["Chúng tôi ở đây"], False),
        (["Ferry to Doğan"], False),
        ([], False),
    ],
)
def test_a_page_with_letters_that_only_turkish_has_is_turkish(lines, turkish):
    assert is_turkish([LineReading(line, 0.9, "rapidocr") for line in lines]) is turkish
