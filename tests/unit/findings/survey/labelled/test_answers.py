"""What counts of the reviews of three rounds, and reviews that are refused."""

import dataclasses

import pytest
from made_sample import drawing, sealed, stratum

from adverts.data.review.reviews import UNSURE, Review
from adverts.errors import CannotJudgeError, InputError
from adverts_findings.survey.labelled.answers import answers_from_reviews
from adverts_findings.survey.sheets.rounds import items_of_round

DRAWS = [
    drawing("a", 0, 1 / 90),
    drawing("b", 0, 1 / 90, adjudicated=True),
    drawing("c", 0, 1 / 90),
    drawing("d", 0, 1 / 90),
]
SAMPLE = sealed([stratum("line", 90, 4, lowest=True)], DRAWS, planted={"p": True})


def review(item, label, reviewer="ana", number=1, **changed):
    made = Review(
        item=item,
        task="refer",
        label=label,
        reviewer=reviewer,
        reviewed_at="2026-11-03T09:00:00+00:00",
        blind=True,
        round=number,
        sample=SAMPLE.seal,
        design="estimate",
        codebook=SAMPLE.question.codebook,
    )
    return dataclasses.replace(made, **changed)


FIRST = [
    review("a", "yes"),
    review("b", "no"),
    review("c", "yes"),
    review("d", UNSURE),
    review("p", "yes"),
]
SECOND = [review("a", "yes", "ben", 2), review("c", "no", "ben", 2), review("p", "yes", "ben", 2)]
THIRD = [review("b", "yes", "eva", 3), review("c", "no", "eva", 3)]
ALL = [*FIRST, *SECOND, *THIRD]


def test_the_three_rounds_come_to_one_answer_each():
    found = answers_from_reviews(SAMPLE, ALL)
    assert found.said == {"a": True, "b": False, "c": False, "d": None, "p": True}
    assert found.decided == {"b": True}
    assert (found.seen_twice, found.reviewers, found.not_blind, found.changed_later) == (2, 3, 0, 0)


def test_planted_adverts_are_in_no_count_of_the_adverts_drawn():
    later = review("p", "no", reviewed_at="2026-11-04T09:00:00+00:00")
    sighted = review("p", "no", "eva", 3, blind=False)
    found = answers_from_reviews(SAMPLE, [*ALL, later, sighted])
    assert (found.seen_twice, found.not_blind, found.changed_later) == (2, 0, 0)


def test_the_third_person_does_not_change_what_was_said_where_the_others_agree():
    found = answers_from_reviews(SAMPLE, ALL)
    assert found.said["b"] is False
    assert found.decided["b"] is True


def test_a_reviewer_who_gives_in_leaves_the_word_to_the_third():
    later = review("c", "yes", "ben", 2, reviewed_at="2026-11-04T09:00:00+00:00")
    found = answers_from_reviews(SAMPLE, [*ALL, later])
    assert found.said["c"] is False
    assert found.changed_later == 1


def test_reviews_of_other_samples_do_not_count():
    other = [dataclasses.replace(one, sample="f" * 64, label="no") for one in FIRST]
    assert answers_from_reviews(SAMPLE, [*other, *ALL]) == answers_from_reviews(SAMPLE, ALL)
    with pytest.raises(InputError, match="none of the 5 reviews is of sample w44"):
        answers_from_reviews(SAMPLE, other)


def test_changed_answers_count_once_and_are_counted():
    later = review("a", "no", "ben", 2, reviewed_at="2026-11-04T09:00:00+00:00")
    with pytest.raises(CannotJudgeError, match="round 3"):
        answers_from_reviews(SAMPLE, [*ALL, later])
    found = answers_from_reviews(SAMPLE, [*ALL, later, review("a", "no", "eva", 3)])
    assert found.said["a"] is False
    assert found.changed_later == 1


@pytest.mark.parametrize(
    ("left_out", "message"),
    [
        (FIRST[1], "1 of the 5 adverts of round 1"),
        (SECOND[0], "1 of the 3 adverts of round 2"),
        (SECOND[2], "such as p"),
        (THIRD[0], "1 of the 2 adverts of round 3"),
        (THIRD[1], "such as c"),
    ],
)
def test_a_round_that_is_not_complete_is_no_answer(left_out, message):
    with pytest.raises(CannotJudgeError, match=message):
        answers_from_reviews(SAMPLE, [one for one in ALL if one != left_out])


def test_one_person_in_two_rounds_is_refused():
    with pytest.raises(InputError, match="in two rounds"):
        answers_from_reviews(SAMPLE, [*FIRST, *SECOND[:2], review("p", "yes", "Ana", 2), *THIRD])


def test_a_second_reviewer_who_saw_the_first_is_refused():
    seen = [dataclasses.replace(one, blind=False) for one in SECOND]
    with pytest.raises(InputError, match="blind second reviewer"):
        answers_from_reviews(SAMPLE, [*FIRST, *seen, *THIRD])


def test_a_first_reviewer_who_saw_scores_is_counted():
    seen = [dataclasses.replace(FIRST[0], blind=False), *FIRST[1:], *SECOND, *THIRD]
    assert answers_from_reviews(SAMPLE, seen).not_blind == 1


def test_a_label_that_is_none_of_the_question_is_refused():
    wrong = dataclasses.replace(FIRST[1], label="maybe")
    with pytest.raises(InputError, match="sample w44 asks about refer: no, unsure, yes"):
        answers_from_reviews(SAMPLE, [wrong, *ALL])


def test_a_word_of_danger_about_an_item_answers_no_question_of_the_sample():
    danger = dataclasses.replace(FIRST[1], task="safeguarding", label="minor_present")
    said = [*ALL[:3], danger, *ALL[3:], danger]
    assert answers_from_reviews(SAMPLE, said) == answers_from_reviews(SAMPLE, ALL)
    for number in (1, 2, 3):
        asked = items_of_round(SAMPLE, said, number)
        assert asked == items_of_round(SAMPLE, ALL, number)


def test_third_persons_who_disagree_leave_an_advert_not_judged():
    found = answers_from_reviews(SAMPLE, [*ALL, review("c", "yes", "fay", 3)])
    assert found.said["c"] is None
