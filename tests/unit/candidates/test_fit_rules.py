"""Where the share of positives in service comes from, and what stands without validation."""

from types import SimpleNamespace

import numpy as np
import pytest
from evaluation_examples import predictions, targets

from adverts.advert import LabelSchema, Task
from adverts.candidates import fit_rules
from adverts.candidates.fit_rules import prevalence_in_service, rules_of
from adverts.config import DecisionsConfig
from adverts.evaluation.decisions.calibration_choice import CalibrationEvidence
from adverts.runtime.rules.calibration import Calibration, TaskCalibration
from adverts.runtime.rules.decision_rules import DecisionRules

pytestmark = pytest.mark.promise


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


def without_validation(calibrated_on):
    schema = LabelSchema("s", (Task("refer", "single", ("no", "yes"), "yes"),), "refer")
    facts = SimpleNamespace(schema=schema, trained_on=SimpleNamespace(data_hash="ab" * 32))
    candidate = SimpleNamespace(
        rules=None, stored=None, facts=facts, calibrated_on=calibrated_on, models_compared=None
    )
    dataset = SimpleNamespace(
        data_hash="ab" * 32, manifest=SimpleNamespace(counts={"train": 40}), schema=schema
    )
    return candidate, dataset


def test_without_validation_the_calibration_of_training_stands_and_its_share_is_moved():
    trained = {"refer": CalibrationEvidence(20, (0.5, 0.5))}
    rules = rules_of(*without_validation(trained), decisions(0.05), None)
    one = rules.calibration.of("refer")
    assert (one.method, one.shares, one.operating_prevalence) == ("none", (0.5, 0.5), 0.05)
    assert "on 20 such clusters, out of fold, stands" in one.reason
    assert rules.calibration.fitted_on == {"split": "train", "data_hash": "ab" * 32}
    assert rules.thresholds.thresholds == ()
    assert Calibration.from_json(rules.calibration.to_json()) == rules.calibration


def test_a_model_that_nothing_calibrated_has_no_rules():
    assert rules_of(*without_validation({}), decisions(None), None) is None


class _Table:
    """Adverts that every model can read, with their labels."""

    targets = targets()

    def __len__(self):
        return 240

    def readable(self, _inputs):
        return np.ones(240, bool)


@pytest.mark.parametrize(
    ("of_ledger", "configured", "of_training", "counted"),
    [(1, 1, 9, 9), (9, 1, 2, 9), (2, 9, 1, 9), (1, 1, None, 1)],
)
def test_thresholds_promise_for_the_most_models_that_anything_knows_of(
    of_ledger, configured, of_training, counted, monkeypatch
):
    said = predictions(splits=["validation"] * 240)
    candidate, dataset = without_validation({})
    candidate.facts.schema = LabelSchema("s", said.tasks, "refer")
    candidate.facts.inputs, candidate.models_compared = ("text",), of_training
    dataset.schema, dataset.split = candidate.facts.schema, lambda _name: _Table()
    dataset.manifest.counts["validation"] = 240
    monkeypatch.setattr(fit_rules, "name_of", lambda _candidate: None)
    monkeypatch.setattr(fit_rules, "compared_with", lambda *_given, **_more: (of_ledger, ()))
    monkeypatch.setattr(fit_rules, "predict", lambda *_given, **_more: said)
    monkeypatch.setattr(fit_rules, "validation_logits", lambda *_given, **_more: None)
    config = decisions(None).model_copy(update={"models_compared": configured})
    rules = rules_of(candidate, dataset, config, None)
    assert rules.thresholds.models_compared == counted
    best = f"best of {counted} models" if counted > 1 else "the only model tried"
    assert best in rules.thresholds.condition
