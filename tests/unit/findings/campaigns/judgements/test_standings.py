"""What people say of identities and sources: it lasts, spreads to nothing, and is never guessed."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adverts_findings.campaigns.found import Identity
from adverts_findings.campaigns.judgements.judgements import STANDINGS, Judgement
from adverts_findings.campaigns.judgements.standings import settle

pytestmark = pytest.mark.promise

PHONE, OTHER = "PHONE:" + "5" * 32, "PHONE:" + "6" * 32
IDS = ["a", "b", "c", "d", "e"]


def identities(*shown):
    """Return identities of one phone, each in some adverts."""
    return [
        Identity("contact", PHONE, "site", tuple(IDS.index(one) for one in rows)) for rows in shown
    ]


def word(said="suspect", adverts="cba", *, by="anna", at=0, value=PHONE, first="i000001"):
    time = f"2026-03-02T10:00:{at:02d}+00:00"
    about = ("contact", value, *adverts)
    return Judgement(said, first, "", (), by, time, "seen", about=about)


def grade(second="2B", source="scores/posts", *, by="anna", at=0):
    time = f"2026-03-02T10:00:{at:02d}+00:00"
    return Judgement("grade", source, second, (), by, time, "seen")


def undo(target, at=50):
    return Judgement("undo", target.id, "", (), "bob", f"2026-03-02T10:00:{at:02d}+00:00", "x")


def settled(*words, shown=("abc",), sources=("scores/posts",)):
    return settle(words, identities(*shown), IDS, sources)


def why(found, one):
    return {held.judgement: held.why for held in found.held}[one.id]


def test_of_whom_nobody_said_anything_the_standing_is_unknown():
    assert settled(shown=("abc", "de")).standings == ("unknown", "unknown")


@pytest.mark.parametrize("said", STANDINGS)
def test_an_identity_has_the_standing_that_a_person_says(said):
    found = settled(word(said))
    assert found.standings == (said,)
    assert [one.holds for one in found.held] == [True]


def test_who_shows_the_same_phone_after_a_silence_is_somebody_else():
    assert settled(word(), shown=("de", "abc")).standings == ("unknown", "suspect")


def test_another_contact_of_the_same_advert_is_somebody_else():
    found = settled(word(value=OTHER))
    assert found.standings == ("unknown",)
    assert "is in the bank no more" in why(found, word(value=OTHER))


def test_it_holds_while_one_of_its_adverts_is_there():
    assert settled(word(adverts=["gone", "lost", "a"])).standings == ("suspect",)


def test_after_a_split_it_stays_with_the_latest_advert_that_is_there():
    assert settled(word(), shown=("ab", "c")).standings == ("unknown", "suspect")
    assert settled(word(adverts=["gone", "b", "c"]), shown=("ab", "c")).standings == (
        "suspect",
        "unknown",
    )


def test_what_it_was_bound_to_and_is_gone_is_reported_without_the_ids_of_adverts():
    gone = word(adverts=["secret-1", "secret-2"])
    found = settled(gone)
    assert found.standings == ("unknown",)
    assert [(one.judgement, one.holds) for one in found.held] == [(gone.id, False)]
    assert "secret" not in why(found, gone)
    assert found.statements == ()


@pytest.mark.parametrize("about", [(), ("contact",), ("contact", PHONE)])
def test_a_line_that_is_bound_to_nothing_is_reported(about):
    bare = Judgement("suspect", "i1", "", (), "anna", "2026-03-02T10:00:00+00:00", "x", about=about)
    assert [one.holds for one in settled(bare).held] == [False]


def test_two_people_who_say_the_opposite_leave_it_unknown_and_are_reported():
    one, other = word("suspect"), word("victim", by="bob", at=1)
    found = settled(one, other)
    assert found.standings == ("unknown",)
    assert why(found, one) == f"{other.id} says victim; agree on one"
    assert why(found, other) == f"{one.id} says suspect; agree on one"
    assert [statement.counts for statement in found.statements] == [False, False]


def test_two_people_who_agree_both_count():
    found = settled(word(), word(by="bob", at=1))
    assert found.standings == ("suspect",)
    assert [one.holds for one in found.held] == [True, True]


def test_who_says_unknown_contradicts_nobody_and_takes_back_their_own_word():
    assert settled(word(), word("unknown", by="bob", at=1)).standings == ("suspect",)
    assert settled(word(), word("unknown", at=1)).standings == ("unknown",)


def test_the_last_word_of_a_person_counts_however_the_name_is_written():
    first, last = word("suspect", by="Anna "), word("victim", at=1)
    found = settled(last, first)
    assert found.standings == ("victim",)
    assert why(found, first) == f"the same person said {last.id} later"


def test_what_is_undone_does_not_count():
    one = word()
    assert settled(one, undo(one)).standings == ("unknown",)
    assert settled(one, undo(one)).held == ()


def test_identities_that_became_one_have_one_standing_or_are_reported():
    one, other = word("suspect", "ba"), word("victim", "dc", by="bob", at=1, first="i000002")
    assert settled(one, other, shown=("ab", "cd")).standings == ("suspect", "victim")
    joined = settled(one, other, shown=("abcd",))
    assert joined.standings == ("unknown",)
    assert not any(held.holds for held in joined.held)


def test_a_source_has_the_grade_that_people_agree_on():
    found = settled(grade(), grade(by="bob", at=1))
    assert [(one.place, one.said, one.counts) for one in found.statements] == [
        ("scores/posts", "2B", True),
        ("scores/posts", "2B", True),
    ]
    contrary = settled(grade(), grade("1A", by="bob", at=1))
    assert not any(one.counts for one in contrary.statements)
    assert not any(one.holds for one in contrary.held)


def test_a_grade_of_a_source_that_the_bank_has_no_more_is_reported():
    found = settled(grade(), sources=("prepared/mine",))
    assert "no advert of the bank is from scores/posts any more" in why(found, grade())


@st.composite
def many_words(draw):
    parts = draw(
        st.lists(
            st.tuples(
                st.sampled_from(STANDINGS),
                st.sampled_from(["ab", "cb", "ed", "x"]),
                st.sampled_from(["anna", "bob", "eve"]),
                st.integers(0, 40),
            ),
            max_size=9,
        )
    )
    words = [word(said, shown, by=by, at=at) for said, shown, by, at in parts]
    words += [grade(draw(st.sampled_from(["1A", "2B"])), at=at) for at in range(len(words) % 3)]
    if words and draw(st.booleans()):
        words.append(undo(words[0]))
    return words


@settings(deadline=None, max_examples=50)
@given(many_words(), st.integers(0, 99))
def test_every_word_holds_or_is_reported_once_in_any_order_of_lines(words, seed):
    found = settled(*words, shown=("abc", "de"))
    told = [one.judgement for one in found.held]
    undone = {one.first for one in words if one.said == "undo"}
    assert sorted(told) == sorted({one.id for one in words if one.said != "undo"} - undone)
    assert all(one.holds == (not one.why) for one in found.held)
    shuffled = random.Random(seed).sample(words, len(words))
    again = settled(*shuffled, shown=("abc", "de"))
    assert (again.standings, again.held) == (found.standings, found.held)


@settings(deadline=None, max_examples=50)
@given(many_words())
def test_a_standing_rests_on_a_word_that_counts_and_on_no_other(words):
    found = settled(*words, shown=("abc", "de"))
    for place, standing in enumerate(found.standings):
        said = {one.said for one in found.statements if one.place == place and one.counts}
        assert standing in said or (standing == "unknown" and not said)
