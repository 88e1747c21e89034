"""Slots: what varies is marked with its counts, what is fixed is said once."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from adverts_findings.campaigns.originals.slots import MOST_TEXTS, alike, is_cut, pieces_of


def said(texts):
    return [one.words or (one.kind, dict(one.found)) for one in pieces_of(Counter(texts))]


def test_price_place_and_date_are_slots_between_fixed_words():
    texts = [
        "new in Leeds from 12/05 call <PHONE> only £50 today",
        "new in York from 13/05 call <PHONE> only £60 today",
        "new in York from 14/05 call <PHONE> only £60 today",
    ]
    assert said(texts) == [
        "new in",
        ("words", {"York": 2, "Leeds": 1}),
        "from",
        ("date", {"12/05": 1, "13/05": 1, "14/05": 1}),
        "call <PHONE> only",
        ("price", {"£60": 2, "£50": 1}),
        "today",
    ]


def test_equal_texts_have_no_slot():
    assert said(["one and the same"] * 5) == ["one and the same"]


def test_what_one_in_twenty_adds_is_not_shown():
    texts = ["call me now"] * 19 + ["call me right now"]
    assert said(texts) == ["call me now"]


def test_what_many_leave_out_is_a_slot_with_nothing_in_it():
    texts = ["call me now please"] * 3 + ["call me now"] * 2
    assert said(texts) == ["call me now", ("words", {"please": 3, "": 2})]


def test_the_kind_of_a_slot_is_that_of_most_adverts():
    assert said(["at 10:30 here", "at 11:45 here"])[1][0] == "time"
    assert said(["age 21 here", "age 22 here"])[1][0] == "number"
    assert said(["only 50 euro", "only 60 euro"])[1][0] == "price"
    assert said(["only £ 50 here", "only £ 60 here"])[1][0] == "price"
    assert said(["room 7 50 euro", "room 8 50 euro"])[1][0] == "number"
    assert said(["via <PHONE> here", "via <HANDLE> here"])[1][0] == "contact"


def test_texts_that_share_nothing_are_one_slot():
    assert said(["a b", "c d"]) == [("words", {"a b": 1, "c d": 1})]


def test_unlike_texts_of_one_picture_are_kept_apart():
    texts = {"sunny room to let": 3, "sunny rooms to let": 2, "late shift open now": 4, "": 1}
    assert alike(texts) == (
        {"sunny room to let": 3, "sunny rooms to let": 2},
        {"late shift open now": 4},
        {"": 1},
    )


def test_no_text_has_no_pieces():
    assert pieces_of({}) == ()
    assert said([""]) == []


def test_long_and_many_texts_are_said_to_be_cut():
    assert is_cut({"word " * 400: 1})
    assert is_cut({f"text {i}": 1 for i in range(MOST_TEXTS + 1)})
    assert not is_cut({"short": 9})


@settings(deadline=None, max_examples=60)
@given(st.dictionaries(st.text("ab ", max_size=9), st.integers(1, 9), max_size=8))
def test_every_text_is_in_one_group(texts):
    found = [one for group in alike(texts) for one in group.items()]
    assert sorted(found) == sorted(texts.items())


WORDS = st.lists(st.sampled_from(["a", "b", "c", "£5", "now"]), max_size=6).map(" ".join)


@settings(deadline=None, max_examples=150)
@given(st.lists(WORDS, min_size=1, max_size=8))
def test_pieces_hold_only_words_of_the_texts_and_no_count_is_above_their_number(texts):
    known = {word for text in texts for word in text.split()}
    for one in pieces_of(Counter(texts)):
        assert bool(one.words) != bool(one.found)
        for words, count in [(one.words, 1), *one.found]:
            assert set(words.split()) <= known
            assert 0 < count <= len(texts)
