"""What reviewers agreed on: the last word counts, a third decides, a disagreement is none."""

from itertools import permutations

import pytest
from asked_sample import asked_sample, name, said

from adverts.data.review.final_labels import final_labels

pytestmark = pytest.mark.promise

SAMPLE = asked_sample()
EARLY, LATE = "2026-03-02T10:00:00+00:00", "2026-03-03T10:00:00+00:00"


def final(*reviews):
    return final_labels(reviews)[name(0), "refer"]


def one(label, reviewer, number=1, **changes):
    return said(SAMPLE, 0, label, reviewer, round=number, **changes)


def test_no_review_gives_no_label():
    assert final_labels([]) == {}


def test_a_first_reviewer_alone_gives_the_label():
    found = final(one("yes", "anna"))
    assert (found.label, found.reviewers, found.blind, found.superseded) == ("yes", 1, True, 0)


def test_two_who_agree_give_their_label():
    found = final(one("yes", "anna"), one("yes", "ben", 2))
    assert (found.label, found.reviewers) == ("yes", 2)


def test_two_who_disagree_give_none():
    assert final(one("yes", "anna"), one("no", "ben", 2)).label is None


def test_one_who_cannot_tell_does_not_agree():
    assert final(one("yes", "anna"), one("unsure", "ben", 2)).label is None


@pytest.mark.parametrize("label", ["yes", "no", "unsure"])
def test_a_third_decides_whatever_the_others_said(label):
    found = final(one("yes", "anna"), one("no", "ben", 2), one(label, "cleo", 3))
    assert (found.label, found.reviewers) == (label, 3)


def test_thirds_who_disagree_decide_nothing():
    assert final(one("yes", "anna"), one("yes", "ben", 3), one("no", "cleo", 3)).label is None


def test_two_first_reviewers_who_disagree_give_none():
    assert final(one("yes", "anna"), one("no", "ben")).label is None


def test_the_last_word_counts_in_whatever_order_it_is_read():
    reviews = [
        one("no", "anna", reviewed_at=EARLY),
        one("yes", "ANNA ", reviewed_at=LATE),
        one("yes", "ben", 2),
    ]
    found = {final(*order) for order in permutations(reviews)}
    assert [(one.label, one.reviewers, one.superseded) for one in found] == [("yes", 2, 1)]


def test_a_review_that_is_read_twice_was_not_changed():
    assert final(one("yes", "anna"), one("yes", "anna")).superseded == 0


def test_one_who_had_seen_others_makes_it_not_blind():
    assert not final(one("yes", "anna"), one("yes", "ben", 3, blind=False)).blind


def test_items_and_tasks_are_kept_apart():
    found = final_labels(
        [one("yes", "anna"), said(SAMPLE, 1, "no", "anna"), one("2", "anna", task="risk")]
    )
    assert {key: value.label for key, value in found.items()} == {
        (name(0), "refer"): "yes",
        (name(1), "refer"): "no",
        (name(0), "risk"): "2",
    }
