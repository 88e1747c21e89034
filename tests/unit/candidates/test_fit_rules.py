"""Where the share of positives in service comes from."""

from adverts.candidates.fit_rules import prevalence_in_service
from adverts.config import DecisionsConfig
from adverts.runtime.rules.calibration import Calibration, TaskCalibration
from adverts.runtime.rules.decision_rules import DecisionRules


def decisions(prevalence):
    return DecisionsConfig(
        operating_prevalence=prevalence,
        precision=0.9,
        recall=0.95,
        confidence=0.95,
        models_compared=1,
        seed=0,
    )


def frozen_at(prevalence):
    one = TaskCalibration("refer", shares=(0.7, 0.3), operating_prevalence=prevalence)
    return DecisionRules(Calibration((one,)))


def test_the_share_that_was_frozen_with_the_model_need_not_be_told_again():
    assert prevalence_in_service(decisions(None), frozen_at(0.01), "refer") == 0.01


def test_a_stated_share_counts_before_the_frozen_one():
    assert prevalence_in_service(decisions(0.05), frozen_at(0.01), "refer") == 0.05


def test_without_either_no_share_is_known():
    assert prevalence_in_service(decisions(None), frozen_at(None), "refer") is None
    assert prevalence_in_service(decisions(None), None, "refer") is None
