"""A tenth of the random draws of an interval, for tests that need no exact one."""

import numpy as np
import pytest

from adverts_findings.survey.estimators import confidence_draws


@pytest.fixture(autouse=True, scope="module")
def few_draws():
    """Make each draw stand for ten, so that intervals are less exact and ten times as fast.

    A folder or a module that takes this fixture proves what is made of intervals; the intervals
    themselves are tested where they are made, see ``tests/unit/findings/survey/estimators``.
    """
    some = confidence_draws._some_totals

    def tenth(one, values, masses, rng, draws):
        return np.resize(some(one, values, masses, rng, draws // 10), draws)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(confidence_draws, "_some_totals", tenth)
        yield
