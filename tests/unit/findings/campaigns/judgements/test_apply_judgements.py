"""Judgements as constraints: each is one, or is reported, and none spreads."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adverts_findings.campaigns.judgements.apply_judgements import apply_judgements, judged_rows
from adverts_findings.campaigns.judgements.judgements import SAID, STANDINGS, Judgement

pytestmark = pytest.mark.promise

OF_ADVERTS = sorted(set(SAID) - {*STANDINGS, "grade"})
ROWS = {"a": 2, "b": 0, "c": 1}


def word(said, first="a", second="b", *, by="anna", at=0, anchors=None):
    pairs = ((first, second),) if anchors is None else anchors
    return Judgement(said, first, second, pairs, by, f"2026-03-02T10:00:{at:02d}+00:00", "")


def test_words_become_pairs_of_rows_with_their_judgement():
    same, merge = word("same"), word("merge", "c1", "c2", anchors=(("c", "a"),))
    apart = [
        word("different", "b", "c"),
        word("split", "c1", "e1", by="bob", anchors=(("c", "b"),)),
    ]
    found = apply_judgements([same, merge, *apart], ROWS)
    assert set(found.same) == {(0, 2, same.id), (1, 2, merge.id)}
    assert set(found.different) == {(0, 1, one.id) for one in apart}
    assert found.held == ()


def test_being_unsure_asks_for_nothing_and_holds():
    found = apply_judgements([word("unsure")], ROWS)
    (held,) = found.held
    assert (found.same, found.different, held.holds, held.why) == ((), (), True, "")


def test_a_judgement_on_an_advert_that_left_is_reported_without_its_id():
    gone = word("same", "a", "secret")
    found = apply_judgements([gone], ROWS)
    (held,) = found.held
    assert (found.same, held.judgement, held.holds) == ((), gone.id, False)
    assert "not in the bank any more" in held.why
    assert "secret" not in held.why


def test_a_judgement_that_binds_nothing_is_reported():
    found = apply_judgements([word("merge", anchors=()), word("same", "a", "a")], ROWS)
    assert [one.holds for one in found.held] == [False, False]


def test_an_advert_that_leaves_is_named_before_the_one_that_stays():
    leaves = word("not this advert", "c1", "a", anchors=(("a", "b"),))
    found = apply_judgements([leaves], ROWS)
    assert (found.same, found.different, found.alone) == ((), (), ((2, 0, leaves.id),))


def test_pairs_that_were_judged_are_those_not_undone_whatever_was_said():
    undone, unsure = word("same", "a", "c"), word("unsure", "b", "a")
    undo = Judgement("undo", undone.id, "", (), "anna", undone.at, "")
    opposed = [word("same", "c", "b"), word("different", "c", "b", by="bob")]
    said = [undone, undo, unsure, *opposed, word("same", "a", "gone")]
    assert judged_rows(said, ROWS) == {(0, 2), (0, 1)}


def test_same_does_not_spread_to_a_third_advert():
    found = apply_judgements([word("same", "a", "b"), word("same", "b", "c", at=1)], ROWS)
    assert sorted(pair[:2] for pair in found.same) == [(0, 1), (0, 2)]
    assert found.different == ()


@settings(deadline=None)
@given(
    st.lists(
        st.builds(
            word,
            st.sampled_from(OF_ADVERTS),
            st.sampled_from("abcd"),
            st.sampled_from("abcd"),
            by=st.sampled_from(["anna", "bob"]),
            at=st.integers(0, 30),
        )
    ),
    st.randoms(use_true_random=False),
)
def test_each_judgement_is_a_constraint_or_is_reported_in_any_order(words, rng):
    found = apply_judgements(words, ROWS)
    asked = (*found.same, *found.different, *found.alone)
    ids = [one for _, _, one in asked] + [one.judgement for one in found.held]
    assert sorted(ids) == sorted({one.id for one in words})
    assert not {pair[:2] for pair in found.same} & {pair[:2] for pair in found.different}
    shuffled = list(words)
    rng.shuffle(shuffled)
    again = apply_judgements(shuffled, ROWS)
    names = ("same", "different", "alone", "held")
    assert all(getattr(again, name) == getattr(found, name) for name in names)
