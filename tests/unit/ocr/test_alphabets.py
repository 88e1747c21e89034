import string

import pytest
from repair_sentences import ARABIC, PASHTO, PERSIAN, SORANI

from adverts.ocr.alphabets import EMOJI, LETTERS, unspelled, warning_for

ENGLISH = frozenset(string.ascii_letters + string.digits + string.punctuation + " €£")
MORE = {
    "de": "äöüßÄÖÜ",
    "en": "",
    "es": "áéíñóúüÁÉÍÑÓÚÜ",
    "fr": "àâæçéèêëîïôœùûüÿÀÂÆÇÉÈÊËÎÏÔŒÙÛÜŸ",
    "it": "àéèìòùÀÉÈÌÒÙ",
    "kmr": "çêîşûÇÊÎŞÛ₺",
    "pl": "ąćęłńóśźżĄĆĘŁŃÓŚŹŻ",
    "ro": "ăâîșțĂÂÎȘȚ",
    "so": "",
    "sq": "çëÇË",
    "tr": "çğıöşüÇĞİÖŞÜ₺",
}


@pytest.mark.parametrize(("language", "more"), MORE.items())
def test_what_an_english_alphabet_lacks_is_the_language_s_own_letters(language, more):
    assert unspelled(ENGLISH, language) == (*sorted(more), EMOJI)


@pytest.mark.parametrize(
    ("language", "lines"), [("ckb", SORANI), ("ar", ARABIC), ("fa", PERSIAN), ("ps", PASHTO)]
)
def test_every_letter_of_real_lines_is_in_its_language(language, lines):
    written = {letter for line in lines for letter in line if letter.isalpha()}
    assert written <= LETTERS[language]


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("vi", "Chỗ ở rẻ, thuyền nhỏ đã sẵn sàng; gọi ngay để được giữ ghế, kẻo hết"),
        ("sq", "Dhomë me çelës në qendër të qytetit, çmim i lirë"),
        ("tr", "Işıklı İzmir çarşısında güzel öğle yemeği"),
        ("fr", "Où naît l’œuvre ? Ça dépend : noël, août, forêt, à côté"),
        ("pl", "Zażółć gęślą jaźń, pokój w Łodzi"),
        ("am", "ቤት ለኪራይ በአዲስ አበባ መሃል"),
        ("kmr", "Xaniyek ji bo kirê li navenda bajêr, şûşe û çîçek"),
    ],
)
def test_every_letter_of_a_sentence_is_in_its_language(language, sentence):
    assert {letter for letter in sentence if letter.isalpha()} <= LETTERS[language]


def test_persian_and_arabic_have_digits_and_marks_of_their_own():
    without = LETTERS["fa"] | ENGLISH
    assert unspelled(without, "fa") == ("،", "؛", "؟", *"۰۱۲۳۴۵۶۷۸۹", EMOJI)
    assert unspelled(LETTERS["ar"] | ENGLISH, "ar") == ("،", "؛", "؟", *"٠١٢٣٤٥٦٧٨٩", EMOJI)


def test_sorani_letters_are_not_those_of_arabic():
    assert set("ەڕڵۆێڤ") <= set(unspelled(LETTERS["ar"] | LETTERS["fa"], "ckb"))


def test_signs_of_prices_and_contacts_are_needed():
    assert unspelled(ENGLISH - set("£€@0"), "en") == ("0", "@", "£", "€", EMOJI)


def test_one_emoji_stands_for_all():
    assert unspelled(ENGLISH | {"🚤"}, "en") == ()


def test_nothing_is_said_of_a_language_that_is_not_known():
    assert unspelled(frozenset(), "xx") == ()
    assert warning_for("easyocr", frozenset(), "xx") is None


def test_nothing_is_said_of_an_engine_that_does_not_tell_its_alphabet():
    assert warning_for("easyocr", None, "sq") is None


def test_missing_emoji_alone_are_no_warning():
    assert warning_for("easyocr", ENGLISH, "en") is None


def test_a_warning_names_small_letters_before_signs():
    assert warning_for("easyocr", ENGLISH - {"£"}, "sq") == (
        "easyocr cannot write ç, ë, £, emoji, which sq needs: they will be lost or misread"
    )


def test_a_capital_alone_is_named():
    assert warning_for("a", ENGLISH | frozenset("çğıöşüÇĞÖŞÜ₺"), "tr") == (
        "a cannot write İ, emoji, which tr needs: they will be lost or misread"
    )


def test_a_long_warning_stays_one_line():
    warning = warning_for("easyocr", ENGLISH, "ckb")
    assert "\n" not in warning
    assert warning.startswith("easyocr cannot write ئ, ا, ب, ")
    assert warning.endswith(" more, which ckb needs: they will be lost or misread")
