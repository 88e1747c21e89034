import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adverts.ocr.auto.spelling import ARABIC_DIGITS, PERSIAN_DIGITS, digits_of, spelled
from adverts.ocr.repair.line_language import page_language

ARABIC = ["رحلة يومية إلى الجزيرة", "السعر ١٢٠٠ يورو"]
PERSIAN = ["گشت روزانه به جزیره", "قیمت ۱۲۰۰ پوند"]
SORANI = ["گەشتی ڕۆژانە بۆ دوورگە", "نرخ ١٢٠٠ یۆرۆ"]
PASHTO = ["هره ورځ ټاپو ته سفر کوو", "بیه ۱۲۰۰ یورو"]


@pytest.mark.parametrize(
    ("lines", "language"),
    [(ARABIC, "ar"), (PERSIAN, "fa"), (SORANI, "ckb"), (PASHTO, "ps"), ([], "ar"), (["٥٠"], "ar")],
)
def test_a_page_shows_its_language(lines, language):
    assert page_language(lines) == language


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
    assert page_language([*PERSIAN, "خانەها"]) == "fa"


@pytest.mark.parametrize(
    ("lines", "language", "digits"),
    [
        (["قیمت ۱۲۰۰"], "fa", PERSIAN_DIGITS),
        (["قیمت ١٢٠٠"], "fa", PERSIAN_DIGITS),
        (["قیمت ١٥٠٠"], "fa", ARABIC_DIGITS),
        (["قیمت ١٥٠٠", "۴۰ تا ۵۰"], "fa", PERSIAN_DIGITS),
        (["السعر ١٢٠٠"], "ar", ARABIC_DIGITS),
        (["السعر ١۵٠٠"], "ar", ARABIC_DIGITS),
        (["السعر ١۵۶٠"], "ar", PERSIAN_DIGITS),
        (["السعر ١۵۶٠", "٤٥"], "ar", ARABIC_DIGITS),
        (["نرخ ١٢٠٠"], "ckb", ARABIC_DIGITS),
        (["بیه ١٢٠٠"], "ps", PERSIAN_DIGITS),
        ([], "fa", PERSIAN_DIGITS),
    ],
)
def test_digits_are_those_of_the_language_unless_their_shapes_say_otherwise(
    lines, language, digits
):
    assert digits_of(lines, language) == digits


def test_digits_of_the_other_shape_stay_when_the_page_writes_them():
    assert spelled("قیمت ١۵٠٠ تومان", "fa", ARABIC_DIGITS) == "قیمت ١٥٠٠ تومان"


@pytest.mark.parametrize("language", ["ar", "ckb", "ps"])
def test_only_persian_has_half_spaces(language):
    assert "\u200c" not in spelled("می\u200cشود", language)
    assert spelled("می\u200cشود", "fa") == "می\u200cشود"


@pytest.mark.parametrize(
    "lines",
    [
        ["شماره تلفن", "با تخفیف"],
        ["همەی مهمانها", "رایگان برای همه"],
        ["ما هر روز برای شما نان تازه میپزیم"],
        ["کتابهاي کهنه را میخریم"],
        ["نمیخواهیدړ پول شما را برمیگردانیم"],
    ],
)
def test_persian_that_is_read_with_letters_of_neighbours_is_persian(lines):
    assert page_language(lines) == "fa"


@settings(deadline=None, max_examples=150)
@given(
    st.text("بتکكیيىەهہھگپ\u200c ٤٥۴۵5@", max_size=20), st.sampled_from(["ar", "fa", "ckb", "ps"])
)
def test_a_spelled_line_stays_as_it_is(text, language):
    once = spelled(text, language)
    assert spelled(once, language) == once
