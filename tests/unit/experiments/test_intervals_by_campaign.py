"""The intervals of experiment 0034: how far they reach, and when two figures agree."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from adverts.evaluation.statistics.bootstrap import Estimate, estimate

FILE = Path(__file__).parents[3] / "experiments" / "0034-intervals-by-campaign" / "intervals.py"


@pytest.fixture(scope="module")
def experiment():
    spec = importlib.util.spec_from_file_location("intervals_by_campaign", FILE)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


@pytest.mark.parametrize("skewed", [False, True])
def test_with_many_campaigns_the_expanded_interval_is_the_shipped_one(experiment, skewed):
    samples = np.random.default_rng(0).normal(size=20_000)
    samples = np.exp(samples) if skewed else samples
    shipped = estimate(0.0, samples)
    low, high = experiment.expanded(samples, 1_000_000.0)
    assert (low, high) == pytest.approx((shipped.low, shipped.high), abs=0.01)


def test_with_five_campaigns_it_reaches_as_far_as_students_t(experiment):
    samples = np.random.default_rng(0).normal(size=2_000_000)
    low, high = experiment.expanded(samples, 5.0)
    assert high == pytest.approx(2.776 * np.sqrt(5 / 4), abs=0.05)  # 4 degrees of freedom
    assert low == pytest.approx(-high, abs=0.1)


def test_one_campaign_has_no_interval(experiment):
    assert experiment.expanded(np.arange(100.0), 1.0) == (None, None)


def test_two_figures_agree_within_the_ends_that_face_each_other(experiment):
    low, high = Estimate(0.5, 0.0, 0.8), Estimate(0.9, 0.5, 0.91)
    assert experiment.agrees(low, high)
    assert experiment.agrees(high, low)
    assert not experiment.agrees(Estimate(0.5, 0.0, 0.51), Estimate(0.9, 0.89, 0.91))
    assert not experiment.agrees(Estimate(0.5), high)
