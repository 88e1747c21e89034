"""Strata of a recorded design, and what its draws say once people have labelled them.

A draw is one advert that a design picked by chance and a person labelled. Its *value* is what it
alone would estimate the total of its stratum to be: the advert's size (1 for a count of adverts,
its views for a total of views) if it is positive, divided by the probability of picking it in one
draw. The estimate of a stratum is the mean of its values, so that every design below is unbiased
whatever the scores are worth.

Source: Hansen and Hurwitz, "On the theory of sampling from finite populations", 1943 (values of
draws); Horvitz and Thompson, "A generalization of sampling without replacement", 1952 (weights).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from adverts.arrays import Floats, Ints


@dataclass(frozen=True, slots=True)
class Stratum:
    """A part of the frame from which a number of labels is drawn.

    Attributes:
        name: Its name; the one that comes first in a design is the lowest by score.
        adverts: Number of adverts of the frame in it.
        expected_positives: Sum of their calibrated probabilities, in [0, adverts].
        clusters: Number of clusters of the frame with an advert in it.
    """

    name: str
    adverts: int
    expected_positives: float
    clusters: int

    def __post_init__(self) -> None:
        if self.adverts < 0 or not 0 <= self.clusters <= self.adverts:
            raise ValueError(
                f"stratum {self.name}: {self.clusters} clusters of {self.adverts} adverts; want "
                "at least 0, and no more clusters than adverts"
            )
        if not 0 <= self.expected_positives <= self.adverts:
            raise ValueError(
                f"stratum {self.name}: {self.expected_positives:g} expected positives among "
                f"{self.adverts} adverts; want the sum of their probabilities"
            )

    @property
    def expected_share(self) -> float:
        """The mean calibrated probability, 0.0 in a stratum without adverts."""
        return self.expected_positives / self.adverts if self.adverts else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class StratumDraws:
    """What the draws of one stratum say about one total.

    Attributes:
        name: Name of the stratum.
        values: Value of each draw, ``(n,)``: what it alone estimates the stratum's total to be.
        largest: The largest value that a draw of this stratum could have, known from the frame.
        smallest: The smallest such value; 0 unless values are differences.
        finite: Number of adverts of the stratum if the draws are a simple random sample of its
            adverts without replacement; None for draws of other kinds.
        certain: Total of the adverts that were all labelled because the design takes them whole.
    """

    name: str
    values: Floats
    largest: float
    smallest: float = 0.0
    finite: int | None = None
    certain: float = 0.0

    def __post_init__(self) -> None:
        values = self.values
        if values.ndim != 1 or not np.isfinite(values).all():
            raise ValueError(f"stratum {self.name}: values must be finite numbers in one row")
        slack = 1e-9 * (abs(self.largest) + abs(self.smallest))
        if len(values) and (
            values.max() > self.largest + slack or values.min() < self.smallest - slack
        ):
            raise ValueError(
                f"stratum {self.name}: values from {values.min():g} to {values.max():g} outside of "
                f"what its frame allows, {self.smallest:g} to {self.largest:g}"
            )
        if self.finite is not None and len(values) > self.finite:
            raise ValueError(
                f"stratum {self.name}: {len(values)} draws without replacement of {self.finite}"
            )
        if not len(values) and (self.largest > 0 or self.smallest < 0):
            raise ValueError(f"stratum {self.name} has no draw, so nothing bounds its total")

    @property
    def estimate(self) -> float:
        """The unbiased estimate of the stratum's total."""
        return float(self.values.mean() if len(self.values) else 0.0) + self.certain


def advert_draws(
    name: str,
    positive: ArrayLike,
    adverts: int,
    *,
    sizes: ArrayLike = 1.0,
    largest_size: float = 1.0,
) -> StratumDraws:
    """Return the values of a simple random sample of adverts without replacement.

    Args:
        name: Name of the stratum.
        positive: What people said of each advert drawn, 0 or 1, ``(n,)``.
        adverts: Number of adverts of the stratum in the frame.
        sizes: What each advert counts, at least 0, ``(n,)`` or one number: 1, or its views.
        largest_size: The largest size of an advert of the stratum in the frame.
    """
    values = np.asarray(positive, dtype=np.float64) * np.asarray(sizes, np.float64) * adverts
    return StratumDraws(name, values, adverts * largest_size, finite=adverts)


def line_draws(
    name: str, positive: ArrayLike, sizes: ArrayLike, probabilities: ArrayLike, largest: float
) -> StratumDraws:
    """Return the values of independent draws of adverts, see :mod:`drawing`.

    Args:
        name: Name of the stratum.
        positive: What people said of each advert drawn, 0 or 1, ``(n,)``.
        sizes: What each advert counts, ``(n,)`` or one number.
        probabilities: Mean probability of the advert in one draw, ``(n,)`` or one number: its
            expected number of draws, divided by the number of draws.
        largest: The largest ratio of size and probability in the stratum's frame.
    """
    chances = np.asarray(probabilities, dtype=np.float64)
    if (chances <= 0).any() or (chances > 1).any():
        raise ValueError(f"stratum {name}: a probability of drawing must be in (0, 1]")
    values = np.asarray(positive, np.float64) * np.asarray(sizes, np.float64) / chances
    return StratumDraws(name, np.atleast_1d(values), largest)


def whole_draws(name: str, total: float) -> StratumDraws:
    """Return a stratum whose adverts were all labelled: its total is known."""
    return StratumDraws(name, np.zeros(0), largest=0.0, certain=total)


def of_group(draws: StratumDraws, member: ArrayLike) -> StratumDraws:
    """Return the draws for the total of one group: adverts of other groups count 0.

    Args:
        draws: Draws of a stratum that the group shares with others.
        member: Whether each advert drawn belongs to the group, ``(n,)``.

    Raises:
        ValueError: The stratum has adverts taken whole, whose groups its total does not tell.
    """
    if draws.certain:
        raise ValueError(f"stratum {draws.name} has adverts taken whole; give it apart by group")
    kept = np.where(np.asarray(member, dtype=np.bool_), draws.values, 0.0)
    return StratumDraws(draws.name, kept, draws.largest, draws.smallest, draws.finite)


def cut_by_score(probabilities: ArrayLike, *, strata: int = 4) -> Ints:
    """Return the stratum of each advert, ``(N,)``, 0 being the lowest by score.

    The lowest stratum holds the adverts that are at most as probable as the mean advert. The others
    have about equal sums of the spread sqrt(p (1 - p)). Adverts of one probability stay together.

    Source: Dalenius and Hodges, "Minimum variance stratification", 1959, in the form for shares.

    Args:
        probabilities: Calibrated probability of each advert, ``(N,)``.
        strata: Number of strata, at least 2; fewer come out where few probabilities differ.
    """
    chance = np.asarray(probabilities, dtype=np.float64)
    if strata < 2 or not len(chance):
        raise ValueError(f"want at least 2 strata and 1 advert, got {strata} and {len(chance)}")
    if ((chance < 0) | (chance > 1) | np.isnan(chance)).any():
        raise ValueError("probabilities must be in [0, 1]")
    distinct, place, count = np.unique(chance, return_inverse=True, return_counts=True)
    low = distinct <= max(float(chance.mean()), float(distinct[0]))
    spread = np.where(low, 0.0, np.sqrt(distinct * (1 - distinct)) * count)
    middle = np.cumsum(spread) - spread / 2
    part = np.floor(middle / max(float(spread.sum()), 1e-300) * (strata - 1))
    stratum = np.where(low, 0, part.clip(0, strata - 2) + 1)
    return np.unique(stratum, return_inverse=True)[1].astype(np.int64)[place]
