"""Log loss, Brier score and calibration error: against scikit-learn and our own metrics."""

import numpy as np
import pytest
from evaluation_examples import COARSE, REFER, RISK, SIGNALS, predictions, targets
from sklearn.metrics import brier_score_loss, log_loss

from adverts.evaluation.decisions.calibration_losses import CalibrationFigureSet, log_losses
from adverts.evaluation.statistics.metrics import expected_calibration_error, reliability
from adverts.evaluation.truth import judge

N = 240
SAID, TRUTH = predictions().probabilities, targets()


def figures(task, weights=None):
    weights = np.ones((1, N), dtype=np.float32) if weights is None else weights
    return CalibrationFigureSet(judge(task, TRUTH[task.name]), SAID[task.name])(weights)


def test_a_positive_label_is_judged_as_scikit_learn_does():
    judged = judge(REFER, TRUTH["refer"])
    truth, said = judged.labels[judged.rows], SAID["refer"][judged.rows, 1]
    np.testing.assert_allclose(
        figures(REFER)[0],
        [
            log_loss(truth, said),
            brier_score_loss(truth, said),
            expected_calibration_error(reliability(said, truth)),
        ],
    )


def test_labels_of_which_none_is_special_are_judged_one_by_one():
    truth = TRUTH["coarse"]
    loss, brier, error = figures(COARSE)[0]
    assert loss == pytest.approx(log_loss(truth.argmax(axis=1), SAID["coarse"]))
    assert brier == pytest.approx(((SAID["coarse"] - truth) ** 2).mean())
    bins = reliability(SAID["coarse"].ravel(), truth.ravel())
    assert error == pytest.approx(expected_calibration_error(bins))


def test_signals_that_are_not_judged_do_not_count():
    known = ~np.isnan(TRUTH["signals"])
    truth, said = TRUTH["signals"][known], SAID["signals"][known]
    np.testing.assert_allclose(
        figures(SIGNALS)[0],
        [
            log_loss(truth, said),
            ((said - truth) ** 2).mean(),
            expected_calibration_error(reliability(said, truth)),
        ],
    )


def test_levels_are_judged_by_what_they_exceed():
    level = TRUTH["risk"].argmax(axis=1)
    truth, said = level[:, None] > np.arange(3), 1 - np.cumsum(SAID["risk"], axis=1)[:, :3]
    loss, brier, error = figures(RISK)[0]
    assert loss == pytest.approx(log_loss(level, SAID["risk"]))
    assert brier == pytest.approx(((said - truth) ** 2).mean())
    bins = reliability(said.ravel(), truth.ravel())
    assert error == pytest.approx(expected_calibration_error(bins))


@pytest.mark.parametrize("task", [REFER, COARSE, SIGNALS, RISK], ids=lambda task: task.name)
def test_a_weight_is_a_number_of_copies_in_loss_and_score(task):
    counts = np.random.default_rng(0).integers(0, 4, N)
    copies = np.repeat(np.arange(N), counts)
    judged = judge(task, TRUTH[task.name][copies])
    ones = np.ones((1, len(copies)), dtype=np.float32)
    np.testing.assert_allclose(
        figures(task, counts[None].astype(np.float32))[:, :2],
        CalibrationFigureSet(judged, SAID[task.name][copies])(ones)[:, :2],
    )


def test_a_certain_mistake_is_a_finite_loss():
    judged = judge(REFER, np.array([[1.0, 0.0], [0.0, 1.0]]))
    losses, labels = log_losses(judged, np.array([[0.0, 1.0], [0.0, 1.0]]))
    np.testing.assert_allclose(losses, [-np.log(1e-15), 0.0])
    np.testing.assert_array_equal(labels, [1, 1])


@pytest.mark.parametrize("task", [REFER, COARSE, SIGNALS, RISK], ids=lambda task: task.name)
def test_where_nothing_is_judged_there_is_no_figure(task):
    judged = judge(task, np.full((4, task.num_labels), np.nan))
    said = np.full((4, task.num_labels), 1 / task.num_labels)
    found = CalibrationFigureSet(judged, said)(np.ones((2, 4), dtype=np.float32))
    assert found.shape == (2, 3)
    assert np.isnan(found).all()


def test_equal_probabilities_are_one_bin():
    judged = judge(REFER, np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0], [0.0, 1.0]]))
    found = CalibrationFigureSet(judged, np.full((4, 2), 0.5))(np.ones((1, 4), dtype=np.float32))
    np.testing.assert_allclose(found[0], [np.log(2), 0.25, 0.25])
