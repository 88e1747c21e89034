import pytest

from adverts.ocr.auto.latin_parts import in_order


@pytest.mark.parametrize(
    ("seen", "logical"),
    [
        ("demo_fictional_07@", "@demo_fictional_07"),
        ("@demo_fictional_07", "@demo_fictional_07"),
        ("mina.b@example.org", "mina.b@example.org"),
        (".iPhone 13", "iPhone 13."),
        (",Wi-Fi", "Wi-Fi،"),
        ("Wi-Fi", "Wi-Fi"),
        ("!?Visa", "Visa?!"),
        ("C++", "C++"),
        ("...", "..."),
        ("", ""),
    ],
)
def test_signs_at_the_ends_of_latin_words_stand_where_the_line_runs(seen, logical):
    assert in_order(seen) == logical


@pytest.mark.parametrize("text", ["@demo_fictional_07", "Wi-Fi.", "iPhone 13", "Visa?!", "Wi-Fi،"])
def test_what_a_browser_sets_comes_back_in_its_order(text):
    bidi = pytest.importorskip("bidi")
    shown = bidi.get_display(f"کتاب {text} است", base_dir="R")
    latin = "".join(letter for letter in shown if letter.isascii() or letter == "،")
    assert in_order(latin.strip()) == text
