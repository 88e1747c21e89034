"""Early exit: a positive that the network has not read counts like one that it would find."""

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


def evidence(unknown):
    """Return 400 positives; of the last hundred the n-grams think little, the mean ``unknown``."""
    odds = np.where(np.arange(400) < 300, 4.0, -4.0)
    mean = np.where(np.arange(400) < 300, 4.0, unknown)
    return ExitEvidence(
        mean={"refer": np.stack([np.zeros(400), mean], axis=1)},
        ngrams={"refer": np.stack([np.zeros(400), odds], axis=1)},
        targets={"refer": np.tile([0.0, 1.0], (400, 1))},
        clusters=[f"c{row}" for row in range(400)],
        langs=["en"] * 400,
        scripts=["Latn"] * 400,
        modalities=["text"] * 400,
        readable=np.ones(400, bool),
    )


@pytest.mark.parametrize(("unknown", "clusters", "limit"), [(np.nan, 400, -4.0), (-4.0, 300, 4.0)])
def test_positives_that_the_network_has_not_read_are_kept_like_those_that_reach_the_threshold(
    unknown, clusters, limit
):
    chosen = Threshold("refer", "yes", "recall", 0.95, 0.5)
    rules = DecisionRules(Calibration((TaskCalibration("refer"),)), Thresholds((chosen,)))
    config = DecisionsConfig(
        operating_prevalence=None, precision=0.9, recall=0.95, confidence=0.95, models_compared=1,
        seed=0,
    )  # fmt: skip
    rule = choose_exit(SCHEMA, evidence(unknown), rules, config, max_loss=0.05, out_of_fold=False)
    [found] = rule.limits
    assert (found.clusters, found.value, found.lost) == (clusters, pytest.approx(limit, abs=1), 0)
