import pytest

from adverts.ocr.auto.arabic_lines import language_of, spelled

ARABIC = ["رحلة يومية إلى الجزيرة", "السعر ١٢٠٠ يورو"]
PERSIAN = ["گشت روزانه به جزیره", "قیمت ۱۲۰۰ پوند"]
SORANI = ["گەشتی ڕۆژانە بۆ دوورگە", "نرخ ١٢٠٠ یۆرۆ"]
PASHTO = ["هره ورځ ټاپو ته سفر کوو", "بیه ۱۲۰۰ یورو"]


@pytest.mark.parametrize(
    ("lines", "language"),
    [(ARABIC, "ar"), (PERSIAN, "fa"), (SORANI, "ckb"), (PASHTO, "ps"), ([], "ar"), (["٥٠"], "ar")],
)
def test_a_page_shows_its_language(lines, language):
    assert language_of(lines) == language


@pytest.mark.parametrize(
    ("language", "lines"), [("ar", ARABIC), ("fa", PERSIAN), ("ckb", SORANI), ("ps", PASHTO)]
)
def test_right_lines_stay_as_they_are(language, lines):
    assert [spelled(line, language) for line in lines] == lines


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("کتاب کبیر علی ۵۰", "ar", "كتاب كبير على ٥٠"),
        ("قيمت كتاب ٥٠", "fa", "قیمت کتاب ۵۰"),
        ("جلسەی اول خانە", "fa", "جلسه\u200cی اول خانه"),
        ("كتيب ۵٤", "ckb", "کتیب ٥٤"),
        ("بيه كور خانە ٤", "ps", "بیه کور خانه ۴"),
        ("سړي", "ps", "سړي"),
    ],
)
def test_letters_drawn_alike_become_those_of_the_language(text, language, expected):
    assert spelled(text, language) == expected


def test_one_misread_letter_makes_no_other_language():
    assert language_of([*PERSIAN, "خانەها"]) == "fa"
