"""Pairs by rare phrases and their figures of experiment 0031, against cases worked out by hand."""

import numpy as np
import owned_sets
import phrases
import pytest
import ranked_pairs
from hypothesis import given, settings
from hypothesis import strategies as st

SENTENCE = "we drive every night from the old harbour"


def of(texts, owners, templates=None):
    rows = np.arange(len(texts))
    groups = rows if templates is None else np.array(templates)
    return owned_sets.OwnedSet(texts, np.array(owners), groups, groups)


def test_a_phrase_is_every_run_of_so_many_words():
    assert phrases.phrases("a b, c d!", 3) == {("a", "b", "c"), ("b", "c", "d")}
    assert phrases.phrases("a b", 3) == phrases.phrases("", 3) == set()


def test_a_phrase_never_crosses_a_masked_contact():
    assert phrases.phrases("call <phone> now or <link> later", 2) == {("now", "or")}


@settings(deadline=None, max_examples=50)
@given(st.lists(st.sampled_from("abc"), max_size=9), st.lists(st.sampled_from("xyz"), max_size=9))
def test_every_shared_run_is_found_wherever_it_stands(before, after):
    said = " ".join([*before, SENTENCE, *after])
    assert phrases.phrases(SENTENCE, 5) <= phrases.phrases(said, 5)


def test_a_phrase_of_more_than_twenty_adverts_is_not_rare():
    texts = [f"{SENTENCE} {word}" for word in range(20)]
    assert len(phrases.rare_pairs(of(texts, [0] * 20), 4)) == 190
    assert len(phrases.rare_pairs(of([*texts, SENTENCE], [0] * 21), 4)) == 0


def test_adverts_of_unknown_owners_count_for_rarity_and_are_in_no_pair():
    texts = [SENTENCE] * 21
    assert len(phrases.rare_pairs(of(texts, [0, 0, *[-1] * 19]), 4)) == 0
    assert len(phrases.rare_pairs(of(texts[:3], [0, 0, -1]), 4)) == 1


def test_adverts_of_one_template_are_no_pair():
    assert phrases.rare_pairs(of([SENTENCE] * 3, [0, 0, 1], [5, 5, 6]), 4).tolist() == [
        [0, 2],
        [1, 2],
    ]


def test_rivals_rank_the_same_pairs_and_leave_out_one_template():
    adverts = of([SENTENCE, SENTENCE, f"{SENTENCE} again", "b"], [0, 0, 1, -1], [5, 5, 6, 7])
    ranked = ranked_pairs.rank(adverts)
    assert ranked.pairs.tolist() == [[0, 2], [1, 2]]
    assert set(ranked.likeness) == set(phrases.RIVALS)


def test_a_text_too_short_for_a_signature_is_like_nothing_by_signatures():
    ranked = ranked_pairs.rank(of(["hi", "hi", SENTENCE], [0, 1, 2]))
    assert (ranked.likeness["signatures"] < 0).all()


def test_precision_by_hand_with_owners_that_are_drawn_twice_or_not_at_all():
    adverts = of(["a"] * 5, [0, 0, 1, 1, 2])
    pairs = np.array([[0, 1], [2, 3], [0, 2], [4, 1], [3, 4]])
    weights = np.array([[1, 1, 1], [2, 1, 0], [0, 0, 3], [1, 0, 1]], float)
    found = phrases.precisions(adverts, pairs, weights)
    assert found[0] == pytest.approx(2 / 5)
    assert found[1] == pytest.approx(3 / 5)  # two of the first, one of the second, two across
    assert np.isnan(found[2])  # the one who is drawn has no pair with itself
    assert found[3] == pytest.approx(1 / 2)


def test_no_pairs_have_no_precision():
    nothing = np.zeros((0, 2), np.int64)
    assert np.isnan(phrases.precisions(of(["a"], [0]), nothing, np.ones((2, 1)))).all()


def test_owners_whom_contacts_or_templates_join_are_not_new():
    adverts = owned_sets.OwnedSet(
        ["a"] * 5, np.array([0, 0, 1, 1, -1]), np.arange(5), np.array([3, 3, 4, 5, 5])
    )
    assert adverts.joined_owners() == {0}


def test_whoever_shows_a_contact_owns_the_advert_and_the_contact_is_no_word_of_it():
    one, other = "+44 7700 900123", "+44 7700 900456"
    texts = [f"call {one}", f"now {one} or {other}", f"at {other}", "no contact"]
    adverts = owned_sets.collect(texts, owned_sets.by_contact)
    assert adverts.owners.tolist() == [0, 0, 0, -1]
    assert not any("900" in text for text in adverts.texts)


def row(name, pairs, owners, precision):
    return phrases.Row(name, {"n": [pairs], "owners": [owners], "precision": [precision]}, {})


def test_few_pairs_or_few_owners_are_never_the_best():
    few, alone, enough = row("a", 29, 20, 1.0), row("b", 90, 9, 1.0), row("c", 30, 10, 0.1)
    record = phrases.Record(enough, [few, alone, enough], enough, "")
    assert record.best() == enough


def test_a_made_up_set_is_judged_with_every_rival():
    texts = [f"{SENTENCE} {owner} for {place}" for owner in "abc" for place in range(4)]
    adverts = of([*texts, "nothing in common here"], [*np.repeat(range(3), 4), 3])
    found = phrases.judge(adverts)
    assert [len(one.values) for one in found.phrases] == [len(phrases.METRICS)] * 5
    assert found.random.values["n"] == [13 * 12 / 2]
    assert found.phrases[0].values["n"] == [12 * 11 / 2]  # every pair that shares the sentence
    assert found.phrases[0].values["precision"] == [pytest.approx(18 / 66, abs=1e-4)]
