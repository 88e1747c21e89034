"""The points of a precision-recall curve, against scikit-learn on the repeated adverts."""

import numpy as np
import pytest
from sklearn.metrics import precision_recall_curve

from adverts.evaluation.statistics.ranking import Ranking, precision_at_recalls

RECALLS = np.linspace(0, 1, 21)


@pytest.mark.parametrize("decimals", [1, 6], ids=["many-ties", "few-ties"])
def test_precision_at_each_recall_is_that_of_the_first_threshold_that_reaches_it(decimals):
    rng = np.random.default_rng(0)
    scores = rng.random(200).round(decimals)
    positive = rng.random(200) < scores
    weights = rng.integers(0, 3, (6, 200))
    counts = Ranking(scores, positive).counts(weights.astype(np.float32))
    for row, found in zip(weights, precision_at_recalls(*counts, RECALLS), strict=True):
        precision, recall, _ = precision_recall_curve(positive, scores, sample_weight=row)
        # lowest threshold first, and recall 0 last, where nothing is flagged
        reached = (recall >= RECALLS[:, None] - 1e-9) & (recall > 0)
        first = [np.flatnonzero(one)[-1] for one in reached]
        np.testing.assert_allclose(found, precision[first])


def test_one_positive_has_one_precision_at_every_recall_and_none_has_no_precision():
    ranking = Ranking([0.9, 0.8, 0.7], [False, True, False])
    counts = ranking.counts(np.array([[1, 1, 1], [3, 1, 0], [1, 0, 1]], np.float32))
    expected = [[1 / 2] * 3, [1 / 4] * 3, [np.nan] * 3]
    np.testing.assert_array_equal(precision_at_recalls(*counts, np.array([0, 0.5, 1])), expected)
