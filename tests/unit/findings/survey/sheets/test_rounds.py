"""Who is still to look at what: the score never decides, and nobody reviews an item twice."""

from dataclasses import replace

import pytest
from asked_sample import asked_sample, name, said

from adverts.errors import InputError
from adverts_findings.survey.sheets.rounds import items_of_round, require_independent, to_review

SAMPLE = asked_sample()
FIRST = [said(SAMPLE, i, "no", "anna") for i in (0, 1, 2, 3, 4, 90)]


def first(**labels):
    """Return round 1 by anna: no for every item, except as said; ``i3="yes"`` is about item 3."""
    given = {name(int(key[1:])): label for key, label in labels.items()}
    return [replace(one, label=given.get(one.item, "no")) for one in FIRST]


def second(number, label, reviewer="ben", **changes):
    return said(SAMPLE, number, label, reviewer, **{"round": 2} | changes)


def names(*numbers):
    return {name(i) for i in numbers}


def test_round_one_is_about_all_that_was_drawn_or_planted():
    assert set(to_review(SAMPLE, [], 1)) == names(0, 1, 2, 3, 4, 90)


def test_what_was_answered_is_not_asked_again():
    assert set(to_review(SAMPLE, FIRST[:2], 1)) == names(2, 3, 4, 90)
    assert to_review(SAMPLE, FIRST, 1) == ()


def test_an_answer_of_another_sample_does_not_count():
    other = [replace(one, sample="0" * 64) for one in FIRST]
    assert len(to_review(SAMPLE, other, 1)) == 6


def test_the_order_is_random_the_same_each_time_and_mixes_the_planted():
    sample = asked_sample(draws=200, planted=range(500, 520))
    order = to_review(sample, [], 1)
    assert order == to_review(sample, [], 1)
    assert order != to_review(replace(sample, seed=8), [], 1)
    assert list(order) != sorted(order)
    planted = [order.index(name(i)) for i in range(500, 520)]
    assert 60 < sum(planted) / 20 < 160


def test_each_round_has_an_order_of_its_own():
    sample = asked_sample(draws=50, second=range(50), planted=())
    answered = [said(sample, i, "no", "anna") for i in range(50)]
    assert to_review(sample, answered, 2) != to_review(sample, [], 1)


def test_a_second_looks_at_all_that_the_first_called_positive_and_a_part_drawn_by_chance():
    assert set(to_review(SAMPLE, first(i3="yes", i90="yes"), 2)) == names(1, 3, 90)


def test_the_score_decides_nothing():
    surer = replace(SAMPLE, draws=tuple(replace(one, predicted=0.99) for one in SAMPLE.draws))
    reviews = [replace(one, sample=surer.seal) for one in first(i3="yes")]
    assert items_of_round(surer, reviews, 2) == items_of_round(SAMPLE, first(i3="yes"), 2)


def test_a_first_who_could_not_tell_needs_no_second():
    assert set(to_review(SAMPLE, first(i3="unsure"), 2)) == names(1)


def test_a_positive_that_was_taken_back_is_still_looked_at():
    taken_back = said(SAMPLE, 3, "yes", "anna", reviewed_at="2026-03-02T09:00:00+00:00")
    assert set(to_review(SAMPLE, [*FIRST, taken_back], 2)) == names(1, 3)


@pytest.mark.parametrize("number", [2, 3])
def test_a_round_before_the_first_is_complete_is_refused_with_what_is_missing(number):
    words = f"round {number} begins when round 1 is complete: 4 of 6 items have no answer yet"
    with pytest.raises(InputError, match=words):
        to_review(SAMPLE, FIRST[:2], number)


def test_the_third_round_waits_for_the_second():
    with pytest.raises(InputError, match="round 2 is complete: 1 of 2 items have no answer yet"):
        to_review(SAMPLE, [*first(i3="yes"), second(1, "no")], 3)


def test_a_third_decides_disagreements_and_a_part_drawn_by_chance():
    reviews = [*first(i3="yes", i4="yes"), second(1, "no"), second(3, "no"), second(4, "yes")]
    assert set(to_review(SAMPLE, reviews, 3)) == names(2, 3)


def test_a_third_is_asked_where_one_of_two_could_not_tell():
    reviews = [*first(i3="yes"), second(1, "unsure"), second(3, "yes")]
    assert set(to_review(SAMPLE, reviews, 3)) == names(1, 2)


def test_a_positive_of_the_third_person_asks_no_second():
    reviews = [*FIRST, second(1, "no"), said(SAMPLE, 2, "yes", "cleo", round=3)]
    assert items_of_round(SAMPLE, reviews, 2) == names(1)


def test_one_who_gives_in_to_the_other_does_not_spare_the_third():
    gave_in = said(SAMPLE, 3, "no", "anna", reviewed_at="2026-03-04T09:00:00+00:00")
    reviews = [*first(i3="yes"), second(1, "no"), second(3, "no"), gave_in]
    assert set(to_review(SAMPLE, reviews, 3)) == names(2, 3)


def test_one_who_corrects_themselves_alone_needs_no_third():
    corrected = said(SAMPLE, 4, "unsure", "anna", reviewed_at="2026-03-02T09:00:00+00:00")
    assert set(to_review(SAMPLE, [*FIRST, corrected, second(1, "no")], 3)) == names(2)


def test_a_decision_is_not_asked_for_again():
    reviews = [*first(i3="yes"), second(1, "no"), second(3, "no")]
    decided = said(SAMPLE, 3, "yes", "cleo", round=3)
    assert set(to_review(SAMPLE, [*reviews, decided], 3)) == names(2)


def test_nobody_is_given_an_item_that_they_reviewed_before():
    reviews = first(i3="yes")
    reviews = [replace(one, reviewer="dora") if one.item == name(1) else one for one in reviews]
    assert set(to_review(SAMPLE, reviews, 2, reviewer=" ANNA")) == names(1)
    assert set(to_review(SAMPLE, reviews, 2, reviewer="dora")) == names(3)
    assert set(to_review(SAMPLE, reviews, 2, reviewer="ben")) == names(1, 3)


@pytest.mark.parametrize("number", [2, 3])
def test_one_person_cannot_review_an_item_in_two_rounds(number):
    again = [said(SAMPLE, i, "no", "Anna", round=number) for i in (1, 3)]
    with pytest.raises(InputError, match=r"Anna reviewed 2 items \(i.*, …\) in two rounds"):
        require_independent(SAMPLE, FIRST, again)


def test_a_second_cannot_become_the_first_afterwards():
    with pytest.raises(InputError, match="ben reviewed 1 item .* in two rounds"):
        require_independent(SAMPLE, [second(1, "no")], [said(SAMPLE, 1, "no", "ben")])


def test_one_file_cannot_hold_both_rounds_of_one_person():
    with pytest.raises(InputError, match="ben reviewed 1 item .* in two rounds"):
        require_independent(SAMPLE, [], [said(SAMPLE, 1, "no", "ben"), second(1, "no")])


def test_a_second_who_saw_others_is_refused():
    with pytest.raises(InputError, match="ben reviewed 1 item .* a blind second reviewer is want"):
        require_independent(SAMPLE, FIRST, [second(1, "no", blind=False)])


def test_one_who_decides_may_have_seen_the_others():
    require_independent(SAMPLE, FIRST, [said(SAMPLE, 2, "no", "cleo", round=3, blind=False)])


def test_a_correction_in_the_same_round_is_free():
    require_independent(SAMPLE, FIRST, [said(SAMPLE, 1, "yes", "anna")])
