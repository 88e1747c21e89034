"""What a ranking loses, and the error of that over whole clusters, beside scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from adverts.judging.ngram_rankings import RESAMPLES, lost_between

pytestmark = pytest.mark.promise


@pytest.mark.parametrize("largest", [1, 2, 9])
def test_the_error_of_a_loss_is_that_of_clusters_drawn_whole(largest):
    rng = np.random.default_rng(largest)
    names = [f"c{i}" for i in range(80) for _ in range(rng.integers(1, largest + 1))]
    clusters = list(rng.permutation(names))
    positive = rng.random(len(names)) < 0.4
    before = positive + rng.normal(size=len(names))
    after = positive + rng.normal(0, 3, len(names))
    found = lost_between(before, after, positive, clusters, np.random.default_rng(5))

    def lost(rows):
        first, second = (
            average_precision_score(positive[rows], one[rows]) for one in (before, after)
        )
        return first - second

    parts = [np.flatnonzero(np.array(clusters) == one) for one in sorted(set(clusters))]
    draw = np.random.default_rng(5)
    drawn = [
        lost(np.concatenate([parts[i] for i in draw.integers(0, len(parts), len(parts))]))
        for _ in range(RESAMPLES)
    ]
    assert found == pytest.approx((lost(np.arange(len(names))), np.std(drawn)), abs=1e-9)
