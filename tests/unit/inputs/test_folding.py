import pytest
from hypothesis import given
from hypothesis import strategies as st

from adverts.inputs import folding
from adverts.inputs.folding import fold

SAME = [
    ("Ferry TO Dover", "ferry to dover"),
    ("ｆｅｒｒｙ", "ferry"),
    ("𝗙𝗲𝗿𝗿𝘆", "ferry"),
    ("fer\u200bry\u2060", "ferry"),
    ("\ufeffferry\u200e", "ferry"),
    ("fеrrу", "ferry"),  # Cyrillic е and у
    ("ρrice", "price"),  # Greek ρ
    ("٣٠٠٠", "3000"),
    ("۳۰۰۰", "3000"),
    ("كتابي", "کتابی"),
    ("بەلەم", "بهلهم"),
    ("مَرْحَبـــا", "مرحبا"),
    ("می\u200cخواهم", "میخواهم"),
    ("İNGİLTERE", "ingiltere"),
    ("KAPI", "kapı"),
    ("Straße", "strasse"),
    ("e\u0301te\u0301", "été"),
    ("  a \t b\n", "a b"),
]


@pytest.mark.parametrize(("written", "plain"), SAME)
def test_texts_that_read_the_same_fold_to_the_same(written, plain):
    assert fold(written) == fold(plain)


@pytest.mark.parametrize("text", ["", " \n\t ", "\u200b\ufeff"])
def test_a_text_of_nothing_folds_to_nothing(text):
    assert fold(text) == ""


@pytest.mark.parametrize("text", ["привет", "κόσμοσ", "thuyền", "سلام", "ਵੀਜ਼ਾ"])
def test_words_of_one_script_keep_their_letters(text):
    assert len(fold(text)) >= len(text) - 1
    assert fold(text)[0] == text[0]


def test_vietnamese_tones_stay_since_they_carry_the_meaning():
    assert len({fold("ma"), fold("má"), fold("mà"), fold("mạ")}) == 4


@pytest.mark.parametrize("text", ["İ\u0307", "i" + "\u0307" * 30, "ı\u0301", "еﬁᾳ\u0307\u0307"])
def test_folding_goes_on_until_nothing_changes(text):
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_folding_twice_is_folding_once(text):
    assert fold(fold(text)) == fold(text)


@given(st.text(st.sampled_from("aеoіIİıßſ\u0345\u0307\u0301\u200bيكە٣۳Σςϒΐǰᾳﬁ가ᄀ\u1161̈Ǆ 𝗙½™")))
def test_folding_twice_is_folding_once_for_awkward_letters(text):
    assert fold(fold(text)) == fold(text)


@given(st.text(st.characters(max_codepoint=127)))
def test_the_short_way_for_ascii_gives_what_the_long_way_gives(text):
    assert fold(text) == folding._fold_once(text)
