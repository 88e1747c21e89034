"""Compare the adverts of a collection with those that its bundle was judged on.

The distance of a fact is the total variation: the share of adverts that would have to have another
value for both to be alike. Its interval is the distance, more or less what chance alone makes of
it in 95 % of resamples of whole texts, with all their copies, and of the adverts judged on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from adverts.arrays import Floats, Weights
from adverts.evaluation.statistics.bootstrap import LEVEL, Estimate, Resampled, Statistic, resample
from adverts.runtime.rules.seen_facts import OTHER, FactName, SeenFact, SeenFacts
from adverts.scoring.drift_sample import Row

TOLERATED = 0.05
"""Share of adverts with another value that is not called drift."""
FEWEST_TEXTS = 100
"""Fewest independent texts, here and of those judged on, from which drift is judged."""
WIDEST = 0.1
"""Widest reach of an interval to either side with which a fact is called not drifted."""
_RESAMPLES, _SEED, _MOST_NAMED = 1_000, 0, 3
_UNSEEN = 3.0
"""A value that none of N adverts has may have a share of up to 3 / N, at 95 %."""
DriftVerdict = Literal["drifted", "not drifted", "cannot say"]


@dataclass(frozen=True, slots=True)
class GroupShare:
    """Shares of one value of a fact.

    Attributes:
        group: Name of the value, or place of its group.
        here: Share of the adverts of the collection.
        seen: Share of the adverts that the bundle was judged on.
    """

    group: str
    here: float
    seen: float


@dataclass(frozen=True, slots=True)
class FactDrift:
    """How one fact differs.

    Attributes:
        fact: The fact, as the bundle has it.
        distance: Total variation between both, with its 95 % interval.
        verdict: Whether the interval lies above the share that is tolerated.
        groups: Shares of every value.
        others: The most frequent names here that the bundle has no count of.
    """

    fact: SeenFact
    distance: Estimate
    verdict: DriftVerdict
    groups: tuple[GroupShare, ...]
    others: tuple[str, ...]

    @property
    def name(self) -> FactName:
        """Name of the fact."""
        return self.fact.name

    @property
    def largest(self) -> GroupShare:
        """The value that is more frequent here by the most."""
        return max(self.groups, key=lambda one: (one.here - one.seen, one.here))


@dataclass(frozen=True, slots=True)
class Drift:
    """How a collection differs from the adverts that its bundle was judged on.

    Attributes:
        texts: Number of distinct texts that were looked at.
        adverts: Number of adverts with these texts.
        effective: Number of texts, each of one advert, that would be worth as much.
        seen: Facts of the adverts that the bundle was judged on.
        facts: The facts, each compared.
    """

    texts: int
    adverts: int
    effective: float
    seen: SeenFacts
    facts: tuple[FactDrift, ...]

    @property
    def verdict(self) -> DriftVerdict:
        """``drifted`` if any fact did; ``cannot say`` if that cannot be said of any."""
        found = {one.verdict for one in self.facts}
        if "drifted" in found:
            return "drifted"
        return "cannot say" if "cannot say" in found or not found else "not drifted"

    @property
    def lack(self) -> str | None:
        """What there is too little of to judge anything; None where there is enough."""
        if self.effective < FEWEST_TEXTS:
            return f"the collection has too few independent texts ({self.effective:,.0f})"
        if self.seen.effective < FEWEST_TEXTS:
            return f"the model was judged on too few clusters ({self.seen.effective:,.0f})"
        return None


def compare(rows: Mapping[Row, int], seen: SeenFacts) -> Drift:
    """Compare a sample of a collection with the facts of a bundle.

    Args:
        rows: Rows of whole texts with their numbers of adverts; each has the facts of ``seen``.
        seen: Facts of the adverts that the bundle was judged on.
    """
    numbers_N = np.array(list(rows.values()), dtype=np.float64)
    keys = [str(row[0]) for row in rows]
    by_text: dict[str, float] = {}
    for key, number in zip(keys, numbers_N.tolist(), strict=True):
        by_text[key] = by_text.get(key, 0.0) + number
    squares = sum(number * number for number in by_text.values())
    effective = float(numbers_N.sum()) ** 2 / squares if squares else 0.0
    facts = []
    if rows:
        columns = [[str(row[1 + place]) for row in rows] for place in range(len(seen.facts))]
        counted = [_Counted(one, c, numbers_N) for one, c in zip(seen.facts, columns, strict=True)]
        statistics: list[Statistic] = [one.shares for one in counted]
        found = resample(statistics, keys, resamples=_RESAMPLES, seed=_SEED)
        rng = np.random.default_rng(_SEED)
        for one, shares in zip(counted, found, strict=True):
            facts.append(one.drift(shares, seen, rng, effective=effective))
    return Drift(len(by_text), int(numbers_N.sum()), effective, seen, tuple(facts))


class _Counted:
    """One fact of the rows of a sample, in the groups of a bundle and those that are new."""

    def __init__(self, fact: SeenFact, values: list[str], numbers_N: Floats) -> None:
        self._fact, self._numbers_N = fact, numbers_N
        names = [one if one in fact.counts or fact.is_number else OTHER for one in values]
        self._groups = list(dict.fromkeys((*fact.counts, *sorted(set(names)))))
        place = {group: i for i, group in enumerate(self._groups)}
        self._counts_NG = np.zeros((len(values), len(self._groups)), dtype=np.float32)
        self._counts_NG[np.arange(len(values)), [place[one] for one in names]] = numbers_N
        others: dict[str, float] = {}
        for value, name, number in zip(values, names, numbers_N.tolist(), strict=True):
            if name == OTHER:
                others[value] = others.get(value, 0.0) + number
        ordered = sorted(others, key=lambda one: (-others[one], one))
        self._others = tuple(one for one in ordered if one != OTHER)[:_MOST_NAMED]

    def shares(self, weights_RN: Weights) -> Floats:
        """Return the share of adverts in each group, ``(R, G)``."""
        counts_RG = (weights_RN @ self._counts_NG).astype(np.float64)
        return np.asarray(counts_RG / counts_RG.sum(axis=1, keepdims=True))

    def drift(
        self,
        here: Resampled,
        seen: SeenFacts,
        rng: np.random.Generator,
        *,
        effective: float,
    ) -> FactDrift:
        """Return how the fact differs, from its shares and those of the resamples."""
        here_G, here_RG = here.point, here.samples
        counts = [self._fact.counts.get(group, 0) for group in self._groups]
        seen_G = np.array(counts, dtype=np.float64) / seen.adverts
        draws = max(1, round(seen.effective))
        seen_RG = rng.multinomial(draws, seen_G, size=len(here_RG)) / draws
        chance_R = np.abs((here_RG - here_G) - (seen_RG - seen_G)).sum(axis=1) / 2
        fewest = min(effective, seen.effective)
        reach = max(float(np.quantile(chance_R, LEVEL)), _UNSEEN / fewest)
        value = float(np.abs(here_G - seen_G).sum() / 2)
        distance = Estimate(value, max(0.0, value - reach), min(1.0, value + reach))
        return FactDrift(
            fact=self._fact,
            distance=distance,
            verdict="cannot say" if fewest < FEWEST_TEXTS else _verdict(value - reach, reach),
            groups=tuple(
                GroupShare(group, float(now), float(known))
                for group, now, known in zip(self._groups, here_G, seen_G, strict=True)
            ),
            others=self._others,
        )


def _verdict(low: float, reach: float) -> DriftVerdict:
    if low > TOLERATED:
        return "drifted"
    return "cannot say" if reach > WIDEST else "not drifted"
