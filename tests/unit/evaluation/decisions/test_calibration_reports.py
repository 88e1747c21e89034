"""What calibration does to judged adverts is told with intervals."""

import numpy as np
import pytest
from calibration_examples import N, drawn, fit
from scipy.special import expit
from sklearn.metrics import brier_score_loss, log_loss

from adverts.evaluation.decisions.calibrate import calibration_reports
from adverts.runtime.rules.calibration import UNCALIBRATED, Calibration, TaskCalibration


def test_a_report_says_what_calibration_does_to_judged_adverts():
    said, targets = drawn(scale=3.0)
    said.reviewed[:200] = False
    found = Calibration((TaskCalibration("refer", "temperature", 3.0, losses={"none": 1.0}),))
    report = {one.task: one for one in calibration_reports(said, targets, found, resamples=200)}
    one = report["refer"]
    truth, odds = targets["refer"][200:, 1], np.diff(said.logits["refer"][200:], axis=1)[:, 0]
    assert (one.method, one.losses, one.adverts, one.clusters) == (
        "temperature",
        {"none": 1.0},
        N - 200,
        N - 200,
    )
    assert one.figures_before.log_loss.value == pytest.approx(log_loss(truth, expit(odds)))
    assert one.figures_after.brier.value == pytest.approx(brier_score_loss(truth, expit(odds / 3)))
    assert one.before.brier == pytest.approx(one.figures_before.brier.value)
    assert one.after.calibration_error == pytest.approx(one.figures_after.calibration_error.value)
    assert one.change.log_loss.high < 0
    assert one.change.log_loss.value == pytest.approx(
        one.figures_after.log_loss.value - one.figures_before.log_loss.value
    )
    assert one.judged_prevalence == pytest.approx(truth.mean())
    assert report["coarse"].before is None
    assert report["coarse"].change.brier.value == 0


def test_the_interval_of_a_calibration_error_holds_the_figure():
    said, targets = drawn()
    reports = calibration_reports(said, targets, UNCALIBRATED, resamples=200)
    ends = [one.figures_after.calibration_error for one in reports]
    assert all(one.low <= one.value <= one.high for one in ends)


def test_a_report_of_a_fit_knows_its_share_and_where_it_works():
    said, targets = drawn(prior=-2)
    found = fit(said, targets, prevalence=0.5, headline="refer")
    one = {one.task: one for one in calibration_reports(said, targets, found, resamples=100)}
    assert one["refer"].fitted_prevalence == pytest.approx(targets["refer"][:, 1].mean())
    assert one["refer"].operating_prevalence == 0.5
    assert one["risk"].fitted_prevalence is None


def test_nothing_to_report_is_no_report():
    said, targets = drawn(50)
    said.reviewed[:] = False
    assert calibration_reports(said, targets, UNCALIBRATED) == ()
    assert calibration_reports(said, {}, UNCALIBRATED) == ()


def test_one_cluster_is_reported_without_an_interval():
    said, targets = drawn(50)
    said.clusters[:] = ["c"] * 50
    [*_, risk] = calibration_reports(said, targets, UNCALIBRATED, resamples=100)
    assert risk.figures_after.log_loss.value > 0
    assert "no resample differs" in risk.figures_after.log_loss.reason


def test_what_calibration_does_is_weighed_to_the_share_in_service():
    said, targets = drawn()
    shares = tuple(targets["refer"].mean(axis=0).tolist())
    found = Calibration((TaskCalibration("refer", shares=shares, operating_prevalence=0.02),))
    reports = calibration_reports(said, targets, found, resamples=200)
    one = next(report for report in reports if report.task == "refer")
    truth = targets["refer"][:, 1]
    weights = np.where(truth == 1, 0.02 / shares[1], 0.98 / shares[0])
    odds = np.diff(said.logits["refer"], axis=1)[:, 0]
    assert one.figures_before.log_loss.value == pytest.approx(
        log_loss(truth, expit(odds), sample_weight=weights)
    )
    shifted = expit(odds + np.log(0.02 / 0.98) - np.log(shares[1] / shares[0]))
    assert one.figures_after.brier.value == pytest.approx(
        brier_score_loss(truth, shifted, sample_weight=weights)
    )
    assert one.change.log_loss.high < 0
