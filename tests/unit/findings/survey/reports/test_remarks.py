"""What a page says beside its figures: no change without evidence, and why something is missing."""

import pytest
from made_record import made_part

from adverts.evaluation.statistics.bootstrap import Estimate
from adverts_findings.survey.labelled.comparisons import Compared, EstimateComparison
from adverts_findings.survey.labelled.known_items import KnownItems
from adverts_findings.survey.labelled.more_labels import MoreLabels
from adverts_findings.survey.reports import remarks
from adverts_findings.survey.reports.record import Publication, Revision

FEWER = Compared(Estimate(-104.0, -300.0, -20.0), 0.01, "less")
REVISION = Revision(
    id="a" * 64,
    folder="runs/e44",
    created_at="2026-11-28T09:00:00+00:00",
    total=Estimate(988.0, 671.0, 1_219.0),
    frame_total=400_000.0,
    answers_changed=5,
    reason="a label was wrong.",
    changes=("It changed.",),
)
SAME = Compared(Estimate(104.0, -300.0, 508.0), 0.4, "no detectable change")
POINTS = Compared(Estimate(0.0004, 0.0001, 0.0007), 0.01, "more")


def compared(total, share, new_series=None):
    return remarks.comparison(EstimateComparison("samples", "w43", "w44", total, share, new_series))


def test_a_change_is_said_with_its_difference_and_interval():
    assert compared(FEWER, POINTS) == [
        "The number is smaller in w44 than in w43: the difference is −100, 95 % interval −300 to "
        "−20.",
        "The share is higher in w44 than in w43: the difference is +0.040 percentage points, 95 % "
        "interval +0.010 to +0.070.",
    ]


def test_without_a_detected_change_none_is_said():
    assert compared(SAME, None) == [
        "No detectable change of the number: the difference is +100, 95 % interval −300 to +510."
    ]


def test_a_new_series_has_no_trend_sentence():
    told = "What was collected changed: a new series begins, and nothing is said of a change."
    assert compared(None, None, told) == [told]
    assert compared(FEWER, POINTS, told) == [told]


def test_two_figures_of_which_one_is_missing_are_not_compared():
    none = Compared(Estimate(None, reason="cannot say: 8 labels"), None, None)
    assert compared(none, none) == ["Whether there was a change cannot be said: 8 labels."]


def test_an_assumption_stands_beside_the_assisted_figure_or_why_there_is_none():
    assert remarks.assumption(Estimate(3.0, 1.0, 9.0, "Assumed: this.")) == "Assumed: this."
    assert remarks.assumption(Estimate(None, reason="cannot say: refuted")) == "Not given: refuted."


def test_labels_that_contradict_the_probabilities_raise_an_alarm():
    assert remarks.drift(made_part(p_value=0.06)) is None
    alarm = remarks.drift(made_part(p_value=0.04))
    assert "in score 1 of 1, 4 of the draws are positive where 0.3 were expected" in alarm
    assert "The figure by design holds all the same." in alarm


def test_how_many_labels_would_halve_the_interval():
    assert remarks.more_labels(MoreLabels(3120, 468.2, None)).startswith("About 3,120 labels in ")
    assert remarks.more_labels(MoreLabels(None, None, "cannot say: no interval")) == (
        "How many labels would halve the interval cannot be said: no interval."
    )
    assert remarks.more_labels(MoreLabels(None, 40.0, "every advert was labelled")) == (
        "More labels alone cannot halve the interval: every advert was labelled."
    )


@pytest.mark.parametrize(
    ("publication", "told"),
    [
        (Publication("s", True, None, ()), ["Provisional: the figures may still be revised."]),
        (
            Publication("s", False, REVISION, ()),
            [
                "Final: this record is never changed. A revision is a new record, which names it.",
                "It replaces runs/e44 of 28 November 2026: 990 (670 to 1,220) then; 5 labels "
                "changed.",
                "Reason given: a label was wrong.",
                "It changed.",
                "The record that it replaces: aaaaaaaaaaaa.",
            ],
        ),
    ],
)
def test_a_page_says_whether_it_may_change_and_what_it_replaces(publication, told):
    assert remarks.publication(publication) == told


def test_known_adverts_are_named_by_where_their_truth_comes_from():
    share = Estimate(1.0, 0.8, 1.0)
    found = KnownItems("planted", 5, 5, 75, 74, 2, share, share)
    assert remarks.known_items(found) == "Planted adverts; 2 could not be judged"
    assert "not corrected" in remarks.correction(made_part())


def test_small_numbers_are_legible():
    assert [remarks.expected(one) for one in (0.034, 9.71, 1234.5)] == ["0.034", "9.7", "1,234"]
    assert [remarks.probability(one) for one in (1e-98, 0.0123, 1.0)] == ["0", "0.012", "1"]
