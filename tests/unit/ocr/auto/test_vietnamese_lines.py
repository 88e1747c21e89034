import pytest

from adverts.ocr.auto.vietnamese_lines import VietnameseLines, is_vietnamese, with_marks
from adverts.ocr.protocol import LineReading


@pytest.mark.parametrize(
    ("plain", "marked", "expected"),
    [
        ("giá tt nht", "giá tốt nhất", "giá tốt nhất"),
        ("Tre em £650", "Trẻ em £65O", "Trẻ em £650"),
        ("Goi+44 7700 900394", "Gọi +44 7700 900394", "Gọi+44 7700 900394"),
        ("Ch £1900 mỗi tun", ".Chỉ £1900; mỗi tuần", "Chỉ £1900 mỗi tuần"),
        ("Bui hc đu", "Buổi học đầu", "Buổi học đầu"),
        ("Thusáu", "Thứ sáu", "Thứ sáu"),
    ],
)
def test_tone_marks_are_taken_over_and_nothing_else(plain, marked, expected):
    assert with_marks(plain, marked) == expected


@pytest.mark.parametrize(
    ("plain", "marked"),
    [
        ("WhatsApp @demo_fictional_18", "VVhatsApp @demo fictional 18"),
        ("Viber", "Viết"),
        ("tàu", "tràu"),
        ("SMS", "5MS"),
        ("ferry", ""),
        ("", "phà"),
    ],
)
def test_another_word_is_not_taken_over(plain, marked):
    assert with_marks(plain, marked) == plain


def says(*lines):
    return [LineReading(line, 0.9, "rapidocr") for line in lines]


@pytest.mark.parametrize("line", ["Thuê người", "tàu đi đâu, cần", "Đêm đông"])
def test_a_page_with_its_letters_is_vietnamese(line):
    assert is_vietnamese(says("07700 900123", line))


@pytest.mark.parametrize(
    "line",
    [
        "hôtel, fête, château, où ça",
        "među prijateljima",
        "în această bâlbâială",
        "müşteri için çağrı",
        "në orën tetë",
        "Ferry £50",
        "",
    ],
)
def test_french_turkish_albanian_and_english_are_not(line):
    assert not is_vietnamese(says(line))


class Asked(VietnameseLines):
    """Remembers how often a line was asked about."""

    def __init__(self, adds):
        super().__init__(lines=None)
        self.adds, self.plain = adds, []

    def _adds_tones(self, image, box, plain):
        self.plain.append(plain)
        return self.adds


def asked(adds, *lines):
    reader = Asked(adds)
    return reader.is_language_of(None, [None] * len(lines), says(*lines)), reader.plain


def test_a_page_that_lost_its_own_letters_is_asked_about():
    page = ("SMS", "Nhó mang áo m và nuóc", "Máy bo duõng mùa xuân", "Tù 1400 euro")
    assert asked(True, *page) == (True, [page[1]])
    assert asked(False, *page) == (False, [page[1], page[2]])


@pytest.mark.parametrize(
    "line", ["Ferry £50", "hôtel", "forêt, garçon, œuvre, çà", "müşteri için çağrı ârâ", "në orën"]
)
def test_a_page_of_another_language_is_not_asked_about(line):
    assert asked(True, line) == (False, [])
