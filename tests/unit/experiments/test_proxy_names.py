"""Names leave texts in every spelling, and the search for what is left is independent."""

import names
import pytest
import receipts
from hypothesis import given, settings
from hypothesis import strategies as st
from left import look_for_names

NAME = "zorblat77"
PATTERNS = [names.name_pattern(NAME)]


@pytest.mark.parametrize(
    "spelled",
    [
        "zorblat77",
        "z o r b l a t 7 7",
        "zor blat 7/7",
        "z.o.r.b.l.a.t.7.7",
        "【z】【o】【r】【b】【l】【a】【t】【7】【7】",
        "🌺zorblat🌺7.7🌺",
        "z0rb1@t77",
        "zoorblaaat77",
        "zor blat tujuh tujuh",
        "★ zorblat77.★",
        "→ *zorblat77* ←",
        "xy9zorblat77",
    ],
)
def test_a_name_leaves_in_every_spelling(spelled):
    assert names.mask_names(f"main di {spelled} hari", PATTERNS) == "main di hari"


def test_words_that_only_begin_like_the_name_stay():
    assert names.mask_names("zorbla hari ini, zor 77!", PATTERNS) == "zorbla hari ini, zor 77!"


@settings(deadline=None, max_examples=50)
@given(st.text(alphabet="abc 7.", max_size=20), st.sampled_from(["", " ", "-", "🌺", "..."]))
def test_nothing_of_a_masked_name_is_left(around, between):
    text = f"{around} {between.join(NAME)} {around}"
    assert not names.leftovers([names.mask_names(text, PATTERNS)], NAME, most_changes=0)


def test_least_changes_of_cases_worked_out_by_hand():
    assert names.least_changes("xxabcxx", "abc") == 0
    assert names.least_changes("xxabxcx", "abc") == 1
    assert names.least_changes("xxacxx", "abc") == 1
    assert names.least_changes("", "abc") == 3


def test_a_name_of_other_signs_is_refused():
    with pytest.raises(ValueError, match="letters and digits"):
        names.name_pattern("a b")


def test_the_check_finds_names_that_no_mask_took_out():
    who = ["zorblat77", "mirqun88", "tefnaw99"]
    texts = [f"{one} pays well on day {day}" for one in who for day in "12345"]
    left = look_for_names(texts, texts, [0] * 5 + [1] * 5 + [2] * 5, who)
    assert left.exact == 15
    assert left.pieces > 0
    assert left.accuracy == left.accuracy_before == 1


def test_words_of_companies_leave_every_page_even_misread():
    words = receipts.company_patterns(["ZORBLAT TRADING SDN. BHD.", "KEDAI MIRQUN"])
    page = "zorb1at tradimg sdn bhd ke dal mirqun 5.00 cash"
    assert receipts.without(page, words) == "5.00 cash"


def test_spellings_of_a_company_with_other_signs_are_one():
    assert receipts.company_of("A (B) SDN. BHD.") == receipts.company_of("A B SDN BHD")
