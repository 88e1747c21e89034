"""What made-up people say of adverts whose truth is known, by the rules of the tool's rounds."""

from __future__ import annotations

import numpy as np

from adverts.arrays import Bools

SENSITIVITY, SPECIFICITY = 0.95, 0.995
PLANTED = {
    "perfect": (0, 0),
    "one reviewer": (200, 1_000),
    "rounds": (200, 1_000),
    "rounds, 400 planted": (200, 200),
    "rounds, 400 unequal": (50, 350),
}
"""Positives and negatives planted for each kind of reviewers; ``planted=400`` makes 200 and 200."""


def answers(truth: Bools, second: Bools, reviewers: str, rng: np.random.Generator) -> Bools:
    """Return what counts of each advert once its rounds are complete, ``(n,)``.

    Args:
        truth: Whether each advert is positive, ``(n,)``.
        second: Whether a second reviewer looks at it in any case, ``(n,)``.
        reviewers: ``perfect``; ``one reviewer`` who errs; or ``rounds`` of people who err alike and
            independently: a second looks where the first says positive, a third where they differ.
        rng: Source of their errors.
    """
    if reviewers == "perfect":
        return truth
    first = _word(truth, rng)
    if reviewers == "one reviewer":
        return first
    again, last = _word(truth, rng), _word(truth, rng)
    asked = second | first
    return np.where(asked & (again != first), last, first)


def _word(truth: Bools, rng: np.random.Generator) -> Bools:
    return rng.random(len(truth)) < np.where(truth, SENSITIVITY, 1 - SPECIFICITY)
