"""What could be wrong is said, the weightiest first."""

import dataclasses

import pytest
from made_sample import drawing, labelled, sealed, stratum

from adverts_findings.survey.reports.make_record import Made, record_of_sample
from adverts_findings.survey.reports.record import Publication

STRATA = [
    stratum("line", 900, 30, lowest=True, name="low"),
    stratum("adverts", 100, 30, name="high"),
]
PLANTED = {f"p{i}": i < 5 for i in range(10)}
GOOD = {f"p{i}" for i in range(5)}


def doubts(positive=(), *, planted=(), frame=None, adjudicated=False, predicted=0.1, **settings):
    draws = [drawing(f"a{i}", 0, 1 / 900, predicted=0.001) for i in range(30)]
    draws += [
        drawing(f"b{i}", 1, 0.3, predicted=predicted, adjudicated=adjudicated) for i in range(30)
    ]
    one = sealed(STRATA, draws, planted=planted)
    one = dataclasses.replace(one, frame=dataclasses.replace(one.frame, **(frame or {})))
    made = Made("2026-11-09T09:00:00+00:00", "adverts of a test", 0)
    record = record_of_sample(
        labelled(one, positive, **settings), made, Publication("s", True, None, ())
    )
    return record.doubts


def told(found, words):
    return [one for one in found if words in one]


def test_labels_taken_as_true_are_said_first():
    assert doubts()[0].startswith("Labels are taken as true")
    assert not told(doubts(GOOD, planted=PLANTED), "Labels are taken as true")


def test_how_errors_are_known_is_said():
    assert doubts(GOOD, planted=PLANTED)[0].startswith("Reviewers' errors are known from planted")
    assert "word is taken as true" in doubts({"b1", "b2"}, adjudicated=True)[0]


def test_the_frame_is_all_that_is_spoken_of():
    assert told(doubts(), "of what was collected, “posts made up for a test”")


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        ({"unscored": 7}, "7 of 1,000 adverts have no score"),
        ({"unreadable": 8}, "8 rows with an error are not in the frame"),
        ({"repeated": 9}, "9 rows with the id of an earlier row"),
        ({"views": 5.0}, "Views are as of the time of collection"),
    ],
)
def test_what_the_frame_lacks_is_said(frame, words):
    assert told(doubts(frame=frame), words)
    assert not told(doubts(), words[1:])


def test_what_was_not_judged_changed_or_seen_is_counted():
    found = doubts(unsure={"a1", "b2"}, changed_later=3, not_blind=4)
    assert told(found, "2 of 60 adverts could not be judged")
    assert told(found, "changed after giving them: 3;")
    assert told(found, "4 adverts have an answer of somebody who had seen")


def test_known_items_that_were_not_judged_are_counted():
    found = doubts(GOOD, planted=PLANTED, unsure={"p9", "p8"})
    assert told(found, "2 adverts of known truth could not be judged")


def test_one_reviewer_alone_is_said():
    assert told(doubts(reviewers=1), "One person gave all labels")
    assert not told(doubts(reviewers=2), "One person gave all labels")


def test_a_lowest_stratum_without_a_positive_is_said():
    assert told(doubts(), "None of the 30 labels of stratum low, the lowest, is positive")
    assert not told(doubts({"a1"}), "the lowest, is positive")


def test_several_lowest_strata_without_a_positive_are_one_sentence():
    strata = [
        stratum("line", 900, 30, lowest=True, name="low x"),
        stratum("line", 2_000, 40, lowest=True, name="low y"),
    ]
    draws = [drawing(f"a{i}", 0, 1 / 900) for i in range(30)]
    draws += [drawing(f"b{i}", 1, 1 / 2_000) for i in range(40)]
    made = Made("2026-11-09T09:00:00+00:00", "adverts of a test", 0)
    publication = Publication("s", True, None, ())
    found = record_of_sample(labelled(sealed(strata, draws)), made, publication).doubts
    assert told(found, "is positive; the upper") == [
        "None of the 70 labels of the lowest strata, low x, low y, is positive; the upper end "
        "allows for what their 2,900 adverts hold unseen."
    ]


def test_drift_is_an_alarm():
    drifted = doubts({f"b{i}" for i in range(20)})
    assert told(drifted, "Calibration has drifted in stratum high: 20 positive draws where 3.0")
    assert not told(doubts({"b1", "b2", "b3"}), "drifted")
