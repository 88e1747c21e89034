"""What people left undecided costs what a model that cannot tell it either would lose."""

import numpy as np
import pytest

from adverts.evaluation.statistics.metrics import average_precision
from adverts.evaluation.truth import NOT_JUDGED
from adverts.judging.caveats import cost_of_undecided


def drawn(seed, share, count=40_000):
    """Scores that rank the decided adverts well, and say nothing of the others."""
    rng = np.random.default_rng(seed)
    truth = (rng.random(count) < 0.3).astype(np.int64)
    open_ones = rng.random(count) < share
    scores = np.where(open_ones, rng.choice(truth, count), truth) + rng.normal(0, 1, count)
    return scores, truth, open_ones


@pytest.mark.parametrize("share", [0.02, 0.1, 0.3])
def test_the_cost_is_what_is_lost_with_the_labels_that_nobody_gave(share):
    scores, truth, open_ones = drawn(0, share)
    decided = average_precision(scores[~open_ones], truth[~open_ones] == 1)
    lost = decided - average_precision(scores, truth == 1)
    known = np.where(open_ones, NOT_JUDGED, truth)
    assert cost_of_undecided(scores, known) == pytest.approx(lost, abs=0.01)
    assert lost > 0.2 * share


def test_where_all_is_decided_or_nothing_is_positive_there_is_no_cost():
    scores, truth, _ = drawn(1, 0, count=50)
    assert cost_of_undecided(scores, truth) == 0
    assert cost_of_undecided(scores, np.where(truth == 1, NOT_JUDGED, 0)) == 0
