"""Figures and reports of samples, with less exact intervals than those of a user."""

import pytest
from few_draws import draw_less


@pytest.fixture(autouse=True, scope="module")
def few_draws():
    """Intervals are tested where they are made, see ``estimators``."""
    with pytest.MonkeyPatch.context() as patch:
        draw_less(patch)
        yield
