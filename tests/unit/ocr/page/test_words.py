import pytest

from adverts.ocr.page.words import (
    Word,
    is_right_to_left,
    joined,
    mean_confidence,
    reversed_but_numbers,
    stretches,
)


def word(text, left, right=None, confidence=0.9):
    return Word(text, confidence, left, right if right is not None else left + 0.1)


def test_words_of_a_right_to_left_line_are_read_from_the_right():
    assert joined([word("واحد", 0.1), word("اثنان", 0.8), word("ثلاثة", 0.4)]) == (
        "اثنان ثلاثة واحد"
    )


def test_the_groups_of_a_phone_number_are_read_from_the_left():
    line = [word("اتصل", 0.8), word("+44", 0.1), word("7700", 0.3), word("900123", 0.5)]
    assert joined(line) == "اتصل +44 7700 900123"


def test_numbers_on_both_sides_of_a_word_stay_apart():
    line = [word("6", 0.9), word("إلى", 0.5), word("9:30", 0.1)]
    assert joined(line) == "6 إلى 9:30"


def test_arabic_digits_are_read_from_the_left_as_well():
    assert joined([word("٧٧٠٠", 0.1), word("٩٠٠١٢٣", 0.3), word("هاتف", 0.8)]) == (
        "هاتف ٧٧٠٠ ٩٠٠١٢٣"
    )


def test_stretches_tell_their_direction():
    groups = stretches([word("اتصل", 0.8), word("@demo_fictional_01", 0.1)])
    assert [(rtl, [w.text for w in group]) for rtl, group in groups] == [
        (True, ["اتصل"]),
        (False, ["@demo_fictional_01"]),
    ]


def test_no_words_make_no_text():
    assert joined([]) == ""
    assert mean_confidence([]) == 0.0


def test_long_words_weigh_more_in_the_confidence():
    line = [word("abc", 0.1, confidence=0.9), word("d", 0.5, confidence=0.5)]
    assert mean_confidence(line) == pytest.approx((3 * 0.9 + 0.5) / 4)


@pytest.mark.parametrize(
    ("seen", "logical"),
    [("باتك", "كتاب"), (":لصتا", "اتصل:"), ("500ـب", "بـ500"), ("9:30ل", "ل9:30"), ("", "")],
)
def test_a_word_is_turned_round_and_its_number_stays(seen, logical):
    assert reversed_but_numbers(seen) == logical


def test_arabic_digits_beside_latin_words_are_read_as_the_line_runs():
    line = [word("سعر", 0.8), word("Laptop", 0.5), word("٥٩", 0.3), word("دينار", 0.1)]
    assert joined(line) == "سعر Laptop ٥٩ دينار"


def test_european_digits_beside_latin_words_are_read_from_the_left():
    line = [word("گوشی", 0.8), word("iPhone", 0.3), word("13", 0.5), word("نو", 0.1)]
    assert joined(line) == "گوشی iPhone 13 نو"


@pytest.mark.parametrize(
    "text",
    [
        "سعر Laptop ٥٩ دينار",
        "ترمیم ٥٩ Laptop نو",
        "گوشی iPhone 13 نو",
        "هذا Google Maps الآن",
        "اثنان ٢٠ و ٣٠ واحد",
    ],
)
def test_a_line_that_a_browser_sets_is_read_in_its_order(text):
    bidi = pytest.importorskip("bidi")
    shown = bidi.get_display(text, base_dir="R").split()
    words = [
        word(reversed_but_numbers(seen) if is_right_to_left(seen) else seen, place / 10)
        for place, seen in enumerate(shown)
    ]
    assert joined(words) == text
