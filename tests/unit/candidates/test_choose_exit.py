"""Early exit: a positive that the network has not read counts like one that it would find."""

from dataclasses import fields, replace

import numpy as np
import pytest

from adverts.advert import LabelSchema, Task
from adverts.candidates.choose_exit import choose_exit
from adverts.candidates.exit_evidence import ExitEvidence
from adverts.config import DecisionsConfig
from adverts.runtime.rules.calibration import Calibration, TaskCalibration
from adverts.runtime.rules.decision_rules import DecisionRules
from adverts.runtime.rules.thresholds import Threshold, Thresholds

pytestmark = pytest.mark.promise

SCHEMA = LabelSchema("tiny", (Task("refer", "single", ("no", "yes"), "yes"),), "refer")


class Evidence(ExitEvidence):
    """Evidence that can be cut."""

    def first(self, count):
        cut = {
            one.name: {task: held[:count] for task, held in value.items()}
            if isinstance(value := getattr(self, one.name), dict)
            else value[:count]
            for one in fields(self)
        }
        return replace(self, **cut)


def evidence(unknown):
    """Return 400 positives; of the last hundred the n-grams think little, the mean ``unknown``."""
    odds = np.where(np.arange(400) < 300, 4.0, -4.0)
    mean = np.where(np.arange(400) < 300, 4.0, unknown)
    return Evidence(
        mean={"refer": np.stack([np.zeros(400), mean], axis=1)},
        ngrams={"refer": np.stack([np.zeros(400), odds], axis=1)},
        targets={"refer": np.tile([0.0, 1.0], (400, 1))},
        clusters=[f"c{row}" for row in range(400)],
        langs=["en"] * 400,
        scripts=["Latn"] * 400,
        modalities=["text"] * 400,
        readable=np.ones(400, bool),
    )


def chosen(evidence, *, models_compared=1):
    threshold = Threshold("refer", "yes", "recall", 0.95, 0.5)
    rules = DecisionRules(Calibration((TaskCalibration("refer"),)), Thresholds((threshold,)))
    config = DecisionsConfig(
        operating_prevalence=None, precision=0.9, recall=0.95, confidence=0.95,
        models_compared=models_compared, seed=0,
    )  # fmt: skip
    return choose_exit(SCHEMA, evidence, rules, config, max_loss=0.05, out_of_fold=False)


@pytest.mark.parametrize(("unknown", "clusters", "limit"), [(np.nan, 400, -4.0), (-4.0, 300, 4.0)])
def test_positives_that_the_network_has_not_read_are_kept_like_those_that_reach_the_threshold(
    unknown, clusters, limit
):
    rule = chosen(evidence(unknown))
    [found] = rule.limits
    assert (found.clusters, found.value, found.lost) == (clusters, pytest.approx(limit, abs=1), 0)


def test_the_best_of_many_models_needs_more_positives_for_the_same_promise():
    few = evidence(4.0).first(80)  # 59 are enough for one model, 117 for the best of twenty
    assert chosen(few).limits[0].value is not None
    [limit] = chosen(few, models_compared=20).limits
    assert limit.value is None
    assert "takes 117 with none lost: 37 more are missing" in limit.lack


def test_a_language_of_nine_positives_is_no_evidence_of_it():
    langs = ["fr"] * 9 + ["ku"] * 10 + ["en"] * 381
    assert chosen(replace(evidence(4.0), langs=langs)).languages == ("en", "ku")


def test_the_share_that_leaves_is_of_adverts_that_are_read_and_below_the_threshold():
    high = evidence(4.0)
    high.ngrams["refer"][:, 1] = 4.0
    for place, odds in enumerate((-9.0, -9.0, 2.0)):  # 2.0 is under the limit, not the threshold
        low = evidence(4.0).first(50)
        low.ngrams["refer"][:, 1] = odds
        low.targets["refer"][:] = (1.0, 0.0)
        high += replace(low, readable=np.full(50, place != 1))
    assert chosen(high).share == pytest.approx(50 / 550)
