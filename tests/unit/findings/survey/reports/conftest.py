"""Figures and reports of samples, with less exact intervals than those of a user."""

from few_draws import few_draws  # noqa: F401 - an autouse fixture
