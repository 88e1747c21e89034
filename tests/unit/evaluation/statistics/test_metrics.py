"""Metrics against scikit-learn, hand-worked cases, and the questions that have no answer."""

import numpy as np
import pytest
from one_set import (
    accuracy,
    average_precision_at_prevalence,
    log_loss,
    ones,
    precision_at_recall,
    recall_at_precision_at_prevalence,
    roc_auc,
)
from sklearn import metrics as reference

from adverts.evaluation.statistics.classes import Decisions
from adverts.evaluation.statistics.metrics import (
    average_precision,
    brier,
    expected_calibration_error,
    macro_f1,
    recall_at_precision,
    reliability,
)


def ranked(decimals, n=500, seed=0):
    rng = np.random.default_rng(seed)
    scores = rng.random(n).round(decimals)
    return scores, rng.random(n) < scores


def decided(n=400, num_labels=5, seed=0):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, num_labels, n)
    predicted = np.where(rng.random(n) < 0.6, labels, rng.integers(0, num_labels, n))
    return predicted, labels


@pytest.mark.parametrize("decimals", [0, 1, 6], ids=["two-scores", "many-ties", "few-ties"])
@pytest.mark.parametrize("seed", range(5))
def test_ranking_metrics_agree_with_scikit_learn(decimals, seed):
    scores, labels = ranked(decimals, seed=seed)
    assert average_precision(scores, labels) == pytest.approx(
        reference.average_precision_score(labels, scores)
    )
    assert roc_auc(scores, labels) == pytest.approx(reference.roc_auc_score(labels, scores))


@pytest.mark.parametrize("decimals", [1, 6], ids=["many-ties", "few-ties"])
@pytest.mark.parametrize("wanted", [0.2, 0.5, 0.8, 0.9, 1.0])
def test_recall_at_precision_agrees_with_scikit_learn(decimals, wanted):
    scores, labels = ranked(decimals)
    precision, recall, _ = reference.precision_recall_curve(labels, scores)
    expected = recall[:-1][precision[:-1] >= wanted].max(initial=0.0)
    assert recall_at_precision(scores, labels, wanted) == pytest.approx(expected)


@pytest.mark.parametrize("decimals", [1, 6], ids=["many-ties", "few-ties"])
@pytest.mark.parametrize("wanted", [0.2, 0.5, 0.8, 0.95, 1.0])
def test_precision_at_recall_agrees_with_scikit_learn(decimals, wanted):
    scores, labels = ranked(decimals)
    precision, recall, _ = reference.precision_recall_curve(labels, scores)
    expected = precision[:-1][recall[:-1] >= wanted].max()
    assert precision_at_recall(scores, labels, wanted) == pytest.approx(expected)


@pytest.mark.parametrize("decimals", [0, 1, 6], ids=["two-scores", "many-ties", "few-ties"])
@pytest.mark.parametrize("prevalence", [0.001, 0.05, 0.9])
def test_average_precision_at_a_prevalence_agrees_with_weights_in_scikit_learn(
    decimals, prevalence
):
    scores, labels = ranked(decimals)
    weights = np.where(labels, prevalence / labels.sum(), (1 - prevalence) / (~labels).sum())
    assert average_precision_at_prevalence(scores, labels, prevalence) == pytest.approx(
        reference.average_precision_score(labels, scores, sample_weight=weights)
    )


@pytest.mark.parametrize("decimals", [1, 6], ids=["many-ties", "few-ties"])
@pytest.mark.parametrize("prevalence", [0.001, 0.05, 0.9])
@pytest.mark.parametrize("wanted", [0.2, 0.5, 0.8, 0.95])
def test_recall_at_precision_at_a_prevalence_agrees_with_weights_in_scikit_learn(
    decimals, prevalence, wanted
):
    scores, labels = ranked(decimals)
    weights = np.where(labels, prevalence / labels.sum(), (1 - prevalence) / (~labels).sum())
    precision, recall, _ = reference.precision_recall_curve(labels, scores, sample_weight=weights)
    expected = recall[:-1][precision[:-1] >= wanted].max(initial=0.0)
    found = recall_at_precision_at_prevalence(scores, labels, wanted, prevalence)
    assert found == pytest.approx(expected)


def test_average_precision_at_the_prevalence_that_is_there_is_the_ordinary_one():
    scores, labels = ranked(2)
    assert average_precision_at_prevalence(scores, labels, labels.mean()) == pytest.approx(
        average_precision(scores, labels)
    )


def test_a_prevalence_says_nothing_of_a_single_class():
    assert np.isnan(average_precision_at_prevalence([0.1, 0.2], [True, True], 0.1))
    assert np.isnan(average_precision_at_prevalence([0.1, 0.2], [False, False], 0.1))


def test_average_precision_of_a_case_worked_by_hand():
    assert average_precision([0.9, 0.8, 0.7], [True, False, True]) == pytest.approx(
        (1 / 1 + 2 / 3) / 2
    )


def test_constant_scores_have_the_prevalence_as_average_precision():
    assert average_precision(np.zeros(8), np.arange(8) < 2) == pytest.approx(0.25)
    assert roc_auc(np.zeros(8), np.arange(8) < 2) == pytest.approx(0.5)


def test_the_order_of_tied_adverts_does_not_matter():
    scores, labels = ranked(1)
    shuffled = np.random.default_rng(1).permutation(len(scores))
    for metric in (average_precision, roc_auc):
        assert metric(scores, labels) == pytest.approx(metric(scores[shuffled], labels[shuffled]))


def test_no_threshold_precise_enough_gives_recall_zero():
    assert recall_at_precision([0.9, 0.1], [False, True], 0.9) == 0.0


@pytest.mark.parametrize("labels", [[], [False, False]], ids=["empty", "no-positive"])
def test_without_a_positive_ranking_metrics_are_undefined(labels):
    scores = np.linspace(0, 1, len(labels))
    assert np.isnan(average_precision(scores, labels))
    assert np.isnan(roc_auc(scores, labels))
    assert np.isnan(recall_at_precision(scores, labels, 0.9))
    assert np.isnan(precision_at_recall(scores, labels, 0.9))


def test_with_positives_only_the_roc_curve_is_undefined_and_precision_is_one():
    assert np.isnan(roc_auc([0.1, 0.2], [True, True]))
    assert average_precision([0.1, 0.2], [True, True]) == 1.0


@pytest.mark.parametrize("seed", range(5))
def test_decision_metrics_agree_with_scikit_learn(seed):
    predicted, labels = decided(seed=seed)
    np.testing.assert_array_equal(
        Decisions(predicted, labels, 5).confusion(), reference.confusion_matrix(labels, predicted)
    )
    assert macro_f1(predicted, labels, 5) == pytest.approx(
        reference.f1_score(labels, predicted, average="macro")
    )
    assert accuracy(predicted, labels, 5) == pytest.approx(
        reference.accuracy_score(labels, predicted)
    )
    decisions = Decisions(predicted, labels, 5)
    assert decisions.quadratic_kappa(ones(labels))[0] == pytest.approx(
        reference.cohen_kappa_score(labels, predicted, weights="quadratic")
    )


def test_macro_f1_counts_a_label_that_is_only_predicted_and_skips_one_that_never_occurs():
    assert macro_f1([0, 1], [0, 0], 3) == pytest.approx(
        reference.f1_score([0, 0], [0, 1], average="macro")
    )


def test_macro_mae_weighs_every_true_label_alike():
    decisions = Decisions([0, 0, 0, 0], [0, 0, 0, 2], 3)
    assert decisions.macro_mae(ones(range(4)))[0] == pytest.approx((0 + 2) / 2)


def test_kappa_is_undefined_where_only_one_label_occurs():
    decisions = Decisions([1, 1], [1, 1], 3)
    assert np.isnan(decisions.quadratic_kappa(ones(range(2)))[0])


def test_decision_metrics_of_nothing_are_undefined():
    assert np.isnan(macro_f1([], [], 2))
    assert np.isnan(accuracy([], [], 2))
    assert Decisions([], [], 2).confusion().tolist() == [[0, 0], [0, 0]]


def test_brier_agrees_with_scikit_learn():
    scores, labels = ranked(6)
    assert brier(scores, labels) == pytest.approx(reference.brier_score_loss(labels, scores))
    assert np.isnan(brier([], []))


def test_log_loss_agrees_with_scikit_learn_also_where_a_model_is_certain():
    scores, labels = ranked(1)
    assert log_loss(scores, labels) == pytest.approx(reference.log_loss(labels, scores))
    assert log_loss([0.0, 1.0], [True, True]) == pytest.approx(
        reference.log_loss([True, True], [0.0, 1.0], labels=[False, True])
    )


def test_reliability_bins_hold_every_advert_once_and_never_part_equal_probabilities():
    scores, labels = ranked(1)
    bins = reliability(scores, labels, bins=10)
    assert sum(one.count for one in bins) == len(scores)
    said = [one.mean_probability for one in bins]
    assert said == sorted(said)
    assert len(reliability(np.full(30, 0.5), labels[:30], bins=10)) == 1
    assert reliability([], []) == ()


def test_reliability_agrees_with_scikit_learn_in_bins_of_equal_size():
    from sklearn.calibration import calibration_curve

    scores, labels = ranked(12)
    true, said = calibration_curve(labels, scores, n_bins=5, strategy="quantile")
    bins = reliability(scores, labels, bins=5)
    np.testing.assert_allclose([one.mean_probability for one in bins], said, atol=0.005)
    np.testing.assert_allclose([one.positive_share for one in bins], true, atol=0.02)


def test_calibration_error_of_a_case_worked_by_hand():
    bins = reliability([0.2, 0.2, 0.8, 0.8], [False, False, True, True], bins=2)
    assert expected_calibration_error(bins) == pytest.approx(0.2)
    assert np.isnan(expected_calibration_error(()))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: average_precision([0.5, 0.4], [True]), "shape"),
        (lambda: roc_auc([float("nan")], [True]), "NaN"),
        (lambda: recall_at_precision([0.5], [True], 0.0), "precision must be"),
        (lambda: recall_at_precision([0.5], [True], -0.1), "precision must be"),
        (lambda: recall_at_precision([0.5], [True], 1.1), "precision must be"),
        (lambda: macro_f1([0, 2], [0, 1], 2), r"\[0, 2\)"),
        (lambda: macro_f1([0], [0, 1], 2), "shape"),
        (lambda: brier([0.5], [True, False]), "shapes"),
        (lambda: reliability([0.5], [True], bins=0), "bins"),
    ],
)
def test_impossible_questions_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
