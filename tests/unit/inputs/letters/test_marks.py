import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adverts.inputs.letters.folding import fold
from adverts.inputs.letters.marks import free_marks, mark_letters, never_composing_marks

SENTENCES = [
    "mẹ tôi nấu phở rất ngon",
    "çdo ditë është e mirë",
    "où êtes-vous, l'été à noël",
    "güneş söndü, çocuklar",
    "nêzîkî stasyonê, şev û roj",
    "żółty dom, świetna łazienka",
    "мой ёж її ґанок",
    "φωτεινό δωμάτιο ΐ",
    "कमरा किराए पर है",
    "ให้เช่าห้องใกล้สถานี",
    "שׁוּק קרוב",
    "خانه کوچکی",
    "がパ",
]
UNSEEN = {"\u20e3", "\u034f"}  # the keycap and the joiner go before any other mark
NOISE = sorted(never_composing_marks() - UNSEEN)


@pytest.mark.parametrize("sentence", SENTENCES)
@pytest.mark.parametrize("mark", ["\u0336", "\u0332", "\u20dd", "\u0489", "\u0353", "\u0336\u0332"])
def test_a_stroke_through_every_letter_folds_away(sentence, mark):
    struck = "".join(letter + mark for letter in unicodedata.normalize("NFC", sentence))
    assert fold(struck) == fold(sentence)


@given(st.sampled_from(SENTENCES), st.lists(st.tuples(st.integers(0, 30), st.sampled_from(NOISE))))
def test_noise_folds_away_wherever_it_stands(sentence, added):
    places = {place % len(sentence): mark for place, mark in added}
    noisy = "".join(letter + places.get(place, "") for place, letter in enumerate(sentence))
    assert fold(noisy) == fold(sentence)


@given(st.text(), st.sampled_from(NOISE), st.integers(0, 20))
@example("e\u0301", "\u0305", 1)
@example("أ", "\u0305", 1)
def test_noise_folds_away_in_any_text_without_stacks(text, mark, place):
    bare = unicodedata.normalize("NFC", "".join(c for c in text if c not in free_marks()))
    assert fold(bare[:place] + mark + bare[place:]) == fold(bare)


@given(
    st.sampled_from(["ferry to dover", "visa", "билет", "فیزا"]),
    st.text(st.sampled_from("\u0301\u0302\u0306\u0308\u0323\u0327"), max_size=3),
    st.text(st.sampled_from(NOISE), min_size=3, max_size=9),
)
def test_a_stack_of_marks_takes_its_accents_with_it(plain, accents, noise):
    assert fold("".join(letter + accents + noise for letter in plain)) == plain


@pytest.mark.parametrize("text", ["e\u0305\u0301", "e\u0301\u0305", "é\u0305", "e\u0336\u0301"])
def test_noise_between_a_letter_and_its_accent_does_not_part_them(text):
    assert fold(text) == "é"


def test_a_stack_of_any_height_is_a_stack():
    assert fold("f" + "\u0301\u0336" * 5_000 + "erry") == "ferry"


def test_a_letter_keeps_the_accents_of_its_language_under_two_marks_of_noise():
    assert fold("ế\u0336\u0332") == fold("e\u0302\u0301\u0336\u0332") == "ế"


@pytest.mark.parametrize(
    ("noisy", "plain"),
    [
        ("f\u0301e\u0316rry", "ferry"),  # accents that do not compose
        ("ẗ\u0301", "ẗ"),
        ("f\u0e47e\u0e47rry", "ferry"),  # marks of another script
        ("f\u05b8er\u0941ry", "ferry"),
        ("би\u0e47лет", "билет"),
        ("7\u0e477", "77"),
        ("ก\u0e47\u0e47\u0e47\u0e47", "ก\u0e47"),  # the same mark again
        ("\u0e47ก", "ก"),
    ],
)
def test_marks_that_no_language_writes_there_fold_away(noisy, plain):
    assert fold(noisy) == plain


@pytest.mark.parametrize(
    "text", ["e\u0301", "i\u0302", "x\u0306", "и\u0306", "ι\u0308\u0301", "か\u3099", "=\u0338"]
)
def test_an_accent_stays_exactly_if_it_composes(text):
    composed = unicodedata.normalize("NFC", text)
    assert fold(text) == (composed if len(composed) == 1 else text[0])


def test_every_accent_of_a_composed_letter_stays():
    composed = [chr(code) for code in range(0xC0, 0x2000) if unicodedata.decomposition(chr(code))]
    letters = [letter for letter in composed if unicodedata.category(letter) == "Ll"]
    accented = [one for one in letters if unicodedata.normalize("NFKC", one) == one]
    changed = {
        one for one in accented if fold(one) != unicodedata.normalize("NFKC", one.casefold())
    }
    assert len(accented) > 300
    assert changed == {"ț", "ș"}


def test_strokes_and_circles_are_noise_but_accents_and_points_are_not():
    assert {"\u0336", "\u0337", "\u0332", "\u20dd", "\u0489"} <= never_composing_marks()
    assert (
        not {"\u0301", "\u0323", "\u031b", "\u3099", "\u05b8", "\u0e48"} & never_composing_marks()
    )
    assert "\u05b8" in mark_letters() - free_marks()
