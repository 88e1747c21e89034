"""Which judgements count: laws on undoing, on changed minds and on people who disagree."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adverts_findings.campaigns.judgements.counted_judgements import (
    meaning,
    not_counted,
    standing,
    subject,
)
from adverts_findings.campaigns.judgements.judgements import Judgement

pytestmark = pytest.mark.promise


def word(said, first="a", second="b", *, by="anna", at=0, why=""):
    time = f"2026-03-02T10:00:{at:02d}+00:00"
    return Judgement(said, first, second, ((first, second),), by, time, why)


def undo(target, *, by="anna", at=50):
    return Judgement("undo", target.id, "", (), by, f"2026-03-02T10:00:{at:02d}+00:00", "")


def why(judgements, one):
    return {held.judgement: held.why for held in not_counted(judgements)}[one.id]


def test_the_last_word_of_a_person_counts_whichever_advert_is_named_first():
    first, last = word("same", at=1), word("different", "b", "a", at=2)
    assert standing([first, last]) == (last,)
    assert why([last, first], first) == f"the same person said {last.id} later"


def test_a_name_spelt_otherwise_is_no_second_person():
    first, last = word("same", by="Anna ", at=1), word("different", by="anna", at=2)
    assert standing([first, last]) == (last,)


def test_a_word_of_one_pair_leaves_every_other_pair():
    words = (word("same", "a", "b", at=1), word("different", "a", "c", at=2))
    assert standing(words) == words


def test_two_people_who_agree_both_count():
    words = (word("same", at=1), word("merge", by="bob", at=2))
    assert standing(words) == words


def test_two_people_who_disagree_on_a_pair_hold_nothing_and_both_are_reported():
    one, other = word("same", at=1), word("split", "b", "a", by="bob", at=2)
    assert standing([one, other]) == ()
    assert other.id in why([one, other], one)
    assert one.id in why([one, other], other)


def test_who_is_unsure_contradicts_nobody():
    words = (word("same", at=1), word("unsure", by="bob", at=2))
    assert standing(words) == words


def test_being_unsure_replaces_what_one_said_before():
    words = (word("same", at=1), word("unsure", at=2))
    assert standing(words) == words[1:]


def test_what_is_undone_does_not_count_whoever_undoes_it():
    one = word("same")
    assert standing([one, undo(one, by="bob")]) == ()
    assert why([one, undo(one, by="bob")], one) == f"undone by {undo(one, by='bob').id}"


def test_undoing_a_changed_mind_brings_back_the_earlier_word():
    first, last = word("same", at=1), word("different", at=2)
    assert standing([first, last, undo(last)]) == (first,)


def test_undoing_one_side_ends_a_disagreement():
    one, other = word("same", at=1), word("different", by="bob", at=2)
    assert standing([one, other, undo(other)]) == (one,)


def test_an_undo_counts_even_if_its_time_is_before_what_it_undoes():
    one = word("same", at=9)
    assert standing([one, undo(one, at=1)]) == ()


def test_an_undo_of_nothing_is_reported():
    lone = undo(word("same"))
    assert standing([lone]) == ()
    assert "there is no judgement" in why([lone], lone)


def test_a_second_undo_still_counts_when_the_first_is_undone():
    one = word("same")
    undos = [undo(one, at=20), undo(one, by="bob", at=21)]
    assert standing([one, *undos, undo(undos[0], at=30)]) == ()


def chain(length):
    """Return a word, an undo of it, an undo of that, and so on."""
    links = [word("same")]
    for _ in range(length):
        links.append(undo(links[-1]))
    return links


@given(st.integers(0, 12))
def test_of_a_chain_of_undos_only_whether_it_is_odd_matters(length):
    links = chain(length)
    assert (links[0] in standing(links)) == (length % 2 == 0)


def test_a_long_chain_of_undos_is_settled():
    links = chain(3_001)
    random.Random(0).shuffle(links)
    assert standing(links) == ()


@st.composite
def many_words(draw):
    said = st.sampled_from(["same", "different", "unsure", "merge", "split", "not this advert"])
    pairs = st.sampled_from(["ab", "ba", "bc", "ac"])
    people = st.sampled_from(["anna", "bob", "eve"])
    parts = draw(st.lists(st.tuples(said, pairs, people, st.integers(0, 40)), max_size=9))
    words = [word(one, pair[0], pair[1], by=by, at=at) for one, pair, by, at in parts]
    for place in draw(st.lists(st.integers(0, 20), max_size=4)):
        if words:
            words.append(undo(words[place % len(words)], at=41 + len(words) % 9))
    return words


@settings(deadline=None)
@given(many_words(), st.randoms(use_true_random=False))
def test_neither_the_order_of_lines_nor_their_repetition_matters(words, rng):
    shuffled = [*words, *words[:3]]
    rng.shuffle(shuffled)
    assert standing(shuffled) == standing(words)
    assert not_counted(shuffled) == not_counted(words)


@settings(deadline=None)
@given(many_words())
def test_what_counts_goes_on_counting_among_itself(words):
    assert standing(standing(words)) == standing(words)


@settings(deadline=None)
@given(many_words())
def test_every_judgement_counts_or_is_reported(words):
    counted = {one.id for one in standing(words)}
    reported = [held.judgement for held in not_counted(words)]
    assert counted | set(reported) == {one.id for one in words}
    assert not counted & set(reported)
    assert len(set(reported)) == len(reported)


@settings(deadline=None)
@given(many_words())
def test_of_each_pair_only_one_meaning_counts(words):
    said = {}
    for one in standing(words):
        if meaning(one) != "nothing":
            said.setdefault(subject(one), set()).add(meaning(one))
    assert all(len(meanings) == 1 for meanings in said.values())


@settings(deadline=None)
@given(many_words(), st.integers(0, 20))
def test_undoing_an_undo_changes_nothing(words, place):
    if words:
        before = standing(words)
        taken = replace(undo(words[place % len(words)], by="zoe"), at="2026-03-02T11:00:00+00:00")
        assert standing([*words, taken, undo(taken, by="zoe")]) == before
