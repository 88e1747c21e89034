"""F1 from sums of weights, against scikit-learn on the adverts that the weights stand for."""

import numpy as np
import pytest
from sklearn.metrics import f1_score

from adverts.evaluation.statistics.classes import Decisions, f1_by_label, macro_f1, micro_f1

LABELS = 5


@pytest.mark.parametrize("seed", range(3))
def test_every_mean_of_f1_under_weights_is_that_of_the_repeated_adverts(seed):
    rng = np.random.default_rng(seed)
    predicted, labels = rng.integers(0, LABELS, (2, 200))
    weights = rng.integers(0, 4, 200)
    counts = Decisions(predicted, labels, LABELS).counts(weights[None].astype(np.float32))
    truth, said = np.repeat(labels, weights), np.repeat(predicted, weights)
    for ours, average in ((f1_by_label, None), (macro_f1, "macro"), (micro_f1, "micro")):
        np.testing.assert_allclose(ours(*counts)[0], f1_score(truth, said, average=average))


def test_no_advert_has_no_f1():
    counts = Decisions([], [], LABELS).counts(np.ones((1, 0), np.float32))
    assert np.isnan([macro_f1(*counts), micro_f1(*counts)]).all()
