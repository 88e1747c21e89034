"""The queue at the operating prevalence: by hand, against exact bounds, and what it takes."""

import numpy as np
import pytest
from evaluation_examples import REFER, SETTINGS, evaluation, predictions, targets
from hypothesis import given
from hypothesis import strategies as st
from one_set import average_precision_at_prevalence, recall_at_precision_at_prevalence

from adverts.evaluation.comparison.compare import compare
from adverts.evaluation.comparison.compared import Contender
from adverts.evaluation.figures.service_figures import in_service
from adverts.evaluation.statistics.bounds import (
    allowed_false_positive_rate,
    clusters_missing,
    negatives_needed,
    precision_at,
    upper_bound,
)
from adverts.evaluation.statistics.metrics import recall_at_precision


def weighed(scores, labels, precision, prevalence):
    """Return the recall by its definition, threshold by threshold."""
    best = 0.0
    for cut in set(scores):
        flagged = scores >= cut
        recall, false = flagged[labels].mean(), flagged[~labels].mean()
        kept = prevalence * recall / (prevalence * recall + (1 - prevalence) * false)
        if kept >= precision - 1e-12:
            best = max(best, recall)
    return best


@given(
    st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=2, max_size=40),
    st.floats(0.05, 0.95),
    st.floats(0.001, 0.5),
)
def test_recall_at_precision_in_service_is_that_of_its_definition(adverts, precision, prevalence):
    scores = np.array([score for score, _ in adverts]) / 7
    labels = np.array([label for _, label in adverts])
    found = recall_at_precision_at_prevalence(scores, labels, precision, prevalence)
    if labels.all() or not labels.any():
        assert np.isnan(found)
    else:
        assert found == pytest.approx(weighed(scores, labels, precision, prevalence))


def test_at_the_prevalence_of_the_set_it_is_recall_at_precision():
    rng = np.random.default_rng(0)
    labels = rng.random(400) < 0.25
    scores = (labels + rng.normal(size=400)).round(1)
    same = recall_at_precision_at_prevalence(scores, labels, 0.7, float(labels.mean()))
    assert same == pytest.approx(recall_at_precision(scores, labels, 0.7))


def test_a_precision_that_is_just_met_is_met():
    # one of ten others flagged with both positives: 0.5 * 1 of 0.5 * 1 + 0.5 * 0.1
    scores, labels = np.r_[0.9, 0.8, 0.85, np.zeros(9)], np.r_[[True] * 2, [False] * 10]
    assert recall_at_precision_at_prevalence(scores, labels, 1 / 1.1, 0.5) == 1.0
    assert recall_at_precision_at_prevalence(scores, labels, 1 / 1.1 + 1e-6, 0.5) == 0.5


def test_equal_scores_are_flagged_together_or_not_at_all():
    scores, labels = np.array([0.9, 0.9, 0.9, 0.1]), np.array([True, True, False, False])
    assert recall_at_precision_at_prevalence(scores, labels, 0.5, 0.5) == 1.0
    assert recall_at_precision_at_prevalence(scores, labels, 0.7, 0.5) == 0.0


def test_recall_07_at_precision_09_where_half_a_percent_are_positive_takes_about_7700_negatives():
    allowed = allowed_false_positive_rate(0.7, 0.9, 0.005)
    assert allowed == pytest.approx(0.7 * 0.005 * 0.1 / (0.9 * 0.995))
    assert float(precision_at(0.7, allowed, 0.005)) == pytest.approx(0.9)
    needed = negatives_needed(0.7, 0.9, 0.005, 0.95)
    assert needed == pytest.approx(3 / allowed, rel=0.002)  # the rule of three
    assert 7_600 < needed < 7_750
    assert (
        float(upper_bound(0.0, needed, 0.95)) <= allowed < float(upper_bound(0.0, needed - 2, 0.95))
    )


def test_clusters_are_missing_at_the_worth_of_those_that_are_there():
    assert clusters_missing(7_700, 3_850.0, 5_000) == 5_000


def queue(*, negatives, fooled=0, copies=1, recall=0.7, prevalence=0.005):
    """Return the queue of a model that finds a share of 1,000 positives above all but some."""
    positive = np.arange(1000 + negatives) < 1000
    scores = np.where(positive, 0.9, 0.1)
    scores[: round(1000 * (1 - recall))] = 0.05
    scores[1000 : 1000 + fooled] = 0.95
    clusters = [f"p{i}" for i in range(1000)] + [f"n{i // copies}" for i in range(negatives)]
    return in_service(scores, positive, clusters, precision=0.9, prevalence=prevalence)


def test_enough_negatives_without_a_false_alarm_show_the_recall_that_was_seen():
    found = queue(negatives=7_700)
    assert found.seen.recall == found.low.recall == 0.7
    assert found.lack() is None


def test_too_few_negatives_show_nothing_and_say_how_many_are_missing():
    found = queue(negatives=4_000)
    assert found.seen.recall == 0.7
    assert found.low.recall == found.unseen.recall == 0.0
    assert "equivalent to 4,000 independent adverts" in found.lack()
    assert "takes 7,664 without a false alarm: about 3,664 more negative clusters" in found.lack()


def test_copies_of_a_negative_are_no_further_evidence():
    found = queue(negatives=7_700, copies=10)
    assert found.negatives == pytest.approx(770)
    assert found.low.recall == 0.0
    assert found.lack() is not None


def test_false_alarms_on_half_a_percent_of_the_negatives_end_the_precision():
    found = queue(negatives=20_000, fooled=100)
    assert found.seen.recall == 0.0
    assert found.seen.average_precision == pytest.approx(
        0.7 * (0.7 * 0.005) / (0.7 * 0.005 + 0.995 * 0.005) + 0.3 * 0.005, rel=1e-3
    )
    assert "no threshold finds anything at a precision of 0.9" in found.lack()


def test_the_figures_seen_are_those_of_the_metrics():
    rng = np.random.default_rng(1)
    positive = rng.random(3000) < 0.2
    scores = (2 * positive + rng.normal(size=3000)).round(2)
    found = in_service(
        scores, positive, [f"c{i}" for i in range(3000)], precision=0.8, prevalence=0.02
    )
    assert found.seen.recall == pytest.approx(
        recall_at_precision_at_prevalence(scores, positive, 0.8, 0.02)
    )
    assert found.seen.average_precision == pytest.approx(
        average_precision_at_prevalence(scores, positive, 0.02)
    )
    for worse in (found.low, found.unseen):
        assert worse.recall <= found.seen.recall
        assert worse.average_precision < found.seen.average_precision


def test_one_answer_alone_has_no_queue():
    clusters = ["a", "b"]
    both = {"precision": 0.9, "prevalence": 0.01}
    assert in_service(np.array([0.1, 0.2]), np.array([True, True]), clusters, **both) is None
    assert in_service(np.array([0.1, 0.2]), np.array([False, False]), clusters, **both) is None


def test_the_interval_of_a_report_reaches_down_to_the_exact_bound():
    import dataclasses

    settings = dataclasses.replace(SETTINGS, prevalence=0.01)
    task = evaluation(settings=settings, reference=False).reviewed.tasks[0]
    figures = task.models[0].figures
    assert task.in_service.negatives < 150
    assert figures["recall_at_precision_at_prevalence"].low == task.in_service.low.recall == 0.0
    assert "lower end is exact" in figures["recall_at_precision_at_prevalence"].reason
    as_before = evaluation(reference=False).reviewed.tasks[0]
    assert as_before.in_service is None
    assert "recall_at_precision_at_prevalence" not in as_before.models[0].figures
    assert figures["average_precision"] == as_before.models[0].figures["average_precision"]


def test_a_slice_of_few_negatives_shows_nothing_where_positives_are_rare():
    import dataclasses

    settings = dataclasses.replace(SETTINGS, prevalence=0.005)
    said = predictions(skill=9.0)  # no false alarm in any slice
    task = evaluation(said=said, settings=settings, reference=False).reviewed.tasks[0]
    english = next(one for one in task.slices if (one.dimension, one.value) == ("language", "en"))
    found = english.models[0].figures["average_precision_at_prevalence"]
    assert found.value > 0.98
    assert found.low < 0.5


def test_a_comparison_at_a_prevalence_holds_the_queues_of_both():
    both = [
        Contender(name, predictions(skill=skill, tasks=(REFER,)), None)
        for name, skill in (("new", 1.0), ("old", 4.0))
    ]
    asked = {"precision": 0.8, "relevant": 0.03, "min_positive_clusters": 10, "resamples": 100}
    found = compare(*both, targets(), seed=0, prevalences={"refer": 0.05}, **asked)
    ours, theirs = found.in_service
    assert found.prevalence == 0.05
    assert ours.seen.recall < theirs.seen.recall
    assert compare(*both, targets(), seed=0, **asked).in_service is None
