"""The intervals hold the truth about as often as they say; the full table is experiment 0011."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[4] / "experiments" / "0011-interval-coverage"))

import interval_coverage


@pytest.mark.slow
def test_intervals_of_100_positive_clusters_hold_the_truth():
    scene = interval_coverage.SCENES[1]
    truth, _ = interval_coverage.truth_of(scene)
    sets = interval_coverage.evaluation_sets(scene, 300, 300)
    found = [interval_coverage.held(truth, one)[1] for one in sets]
    average_precision, precision, recall = np.mean(found, axis=0)
    assert 0.91 <= average_precision <= 0.985  # 0.95 and three standard errors of 300 sets
    assert 0.91 <= precision <= 0.985
    assert recall >= 0.9
