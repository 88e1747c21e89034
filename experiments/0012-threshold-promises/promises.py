"""Choose thresholds on simulated validation sets and hold their promises against what is true.

Scores of positives and of others are normal on the scale of log-odds, the adverts of a cluster
alike, so recall and false-positive rate of any threshold are known in service, without a sample.

Usage:: python experiments/0012-threshold-promises/promises.py [draws]
"""

from __future__ import annotations

import functools
import json
import sys
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit
from scipy.stats import norm

from adverts.evaluation.decisions.threshold_search import ThresholdSearch
from adverts.evaluation.statistics.bounds import precision_at
from adverts.runtime.rules.thresholds import Threshold

Floats = NDArray[np.float64]
RECALL = 0.9


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A validation set: score and truth of each advert, and the search over both."""

    scores: Floats
    truth: NDArray[np.bool_]
    search: ThresholdSearch


@dataclass(frozen=True, slots=True)
class World:
    """How scores are distributed, and how adverts come in clusters.

    ``shared`` others score like a positive, whatever the threshold: look-alikes that no score tells
    apart. ``alike`` is the correlation of the log-odds within a cluster. ``spread_by``: all of the
    look-alikes are in clusters of this size or a larger one.
    """

    positive: tuple[float, float]
    negative: tuple[float, float]
    shared: float = 0.0
    sizes: str = "one"
    alike: float = 0.9
    spread_by: int = 1

    def rates(self, value: float) -> tuple[float, float]:
        """Return the true recall and false-positive rate of a threshold."""
        at = logit(value)
        recall, other = (float(norm.sf(at, *one)) for one in (self.positive, self.negative))
        return recall, self.shared * recall + (1 - self.shared) * other

    def draw(self, rng: np.random.Generator, positives: int, negatives: int) -> Drawn:
        """Return a validation set of so many clusters."""
        number = positives + negatives
        truth = np.arange(number) < positives
        sizes = _sizes(rng, number, self.sizes)
        chance = np.where(sizes >= self.spread_by, self.shared / self._mass(), 0.0)
        like_positive = truth | (rng.random(number) < chance)
        mean, spread = np.where(like_positive[:, None], self.positive, self.negative).T
        cluster = np.repeat(np.arange(number), sizes)
        common = np.sqrt(self.alike) * rng.normal(size=number)[cluster]
        own = np.sqrt(1 - self.alike) * rng.normal(size=len(cluster))
        scores = expit(mean[cluster] + spread[cluster] * (common + own))
        held = truth[cluster]
        return Drawn(
            scores, held, ThresholdSearch(scores, held, cluster.astype(str).tolist(), 0.95)
        )

    def _mass(self) -> float:
        """Return the share of adverts that are in clusters as large as look-alikes are."""
        return 1.0 if self.spread_by == 1 else _mass(self.sizes, self.spread_by)


@functools.cache
def _mass(kind: str, least: int) -> float:
    sizes = _sizes(np.random.default_rng(0), 1_000_000, kind)
    return float(sizes[sizes >= least].sum() / sizes.sum())


def _sizes(rng: np.random.Generator, number: int, kind: str) -> NDArray[np.int64]:
    match kind:
        case "one":
            return np.ones(number, dtype=np.int64)
        case "some":
            return rng.geometric(1 / 3, number)
        case _:
            return np.minimum(np.ceil(rng.pareto(2.2, number) * 2 + 1e-9), 200).astype(np.int64)


GOOD = World((4.0, 1.5), (-4.0, 1.5))
FAIR = World((2.0, 1.5), (-2.0, 1.5))
TAILS = World((3.0, 4.0), (-4.0, 1.5))


@dataclass(frozen=True, slots=True)
class Case:
    """A world, a size of validation and what is promised in service."""

    name: str
    world: World
    positives: int
    negatives: int
    prevalence: float = 0.05
    precision: float = 0.8


Rule = Callable[[Case, Drawn], float | None]


def _hopeless(precision: float, prevalence: float) -> float:
    """Return the share of look-alikes at which every threshold just misses a precision."""
    return 1.03 * prevalence * (1 - precision) / ((1 - prevalence) * precision)


CASES = (
    Case("good, 1,000", GOOD, 100, 1000),
    Case("good, 300", GOOD, 100, 300),
    Case("long tail of positives, 1,000", TAILS, 100, 1000),
    Case("fair, 1,000", FAIR, 100, 1000),
    Case("fair, 5,000", FAIR, 300, 5000),
    Case("fair, copies, 5,000", replace(FAIR, sizes="some"), 300, 5000),
    Case("fair, loose copies, 5,000", replace(FAIR, sizes="some", alike=0.3), 300, 5000),
    Case("good, large campaigns, 3,000", replace(GOOD, sizes="large"), 300, 3000),
    Case("fair, large campaigns, 10,000", replace(FAIR, sizes="large"), 500, 10000),
    Case("prevalence 0.01, good, 5,000", GOOD, 200, 5000, 0.01, 0.9),
    Case("prevalence 0.25, fair, 1,000", FAIR, 300, 1000, 0.25, 0.9),
    Case("look-alikes, just missed, 1,000", replace(GOOD, shared=_hopeless(0.8, 0.05)), 100, 1000),
    Case("look-alikes, just missed, 5,000", replace(GOOD, shared=_hopeless(0.8, 0.05)), 300, 5000),
    Case(
        "look-alikes, copies, just missed, 5,000",
        replace(GOOD, shared=_hopeless(0.8, 0.05), sizes="some", alike=0.99),
        300,
        5000,
    ),
    Case(
        "look-alikes, large campaigns, 10,000",
        replace(GOOD, shared=_hopeless(0.8, 0.05), sizes="large", alike=0.99),
        500,
        10000,
    ),
    Case(
        "look-alikes re-posted 10 times, 3,000",
        replace(GOOD, shared=_hopeless(0.8, 0.05), sizes="large", alike=0.99, spread_by=10),
        300,
        3000,
    ),
    Case(
        "look-alikes, half as many, 5,000",
        replace(GOOD, shared=0.5 * _hopeless(0.8, 0.05)),
        300,
        5000,
    ),
)


COMPLETE = Threshold("refer", "yes", "recall", RECALL, None)


def precise(case: Case) -> Threshold:
    """Return the precision that is asked for, without a value."""
    return Threshold("refer", "yes", "precision", case.precision, None, case.prevalence)


def ours(case: Case, drawn: Drawn) -> float | None:
    """Return what the shipped rule chooses for precision."""
    found = drawn.search.keeping(precise(case))
    return None if found is None else found.value


def for_recall(case: Case, drawn: Drawn) -> float | None:
    """Return what the shipped rule chooses for recall."""
    del case
    found = drawn.search.keeping(COMPLETE)
    return None if found is None else found.value


def as_seen(case: Case, drawn: Drawn) -> float | None:
    """Return the threshold of highest recall whose precision, as seen, is what is promised."""
    order = np.argsort(-drawn.scores)
    recall, false = (np.cumsum(one[order]) / one.sum() for one in (drawn.truth, ~drawn.truth))
    kept = np.flatnonzero(precision_at(recall, false, case.prevalence) >= case.precision)
    return float(drawn.scores[order][kept[-1]]) if len(kept) else None


@dataclass(slots=True)
class Outcome:
    """How often a rule chose a threshold, how often its promise was kept, and at what recall."""

    draws: int = 0
    kept: int = 0
    recalls: list[float] = field(default_factory=list)

    def add(self, case: Case, value: float | None, *, of_recall: bool) -> None:
        """Count one more draw; where nothing is chosen, nothing is promised."""
        self.draws += 1
        if value is None:
            self.kept += 1
            return
        recall, false = case.world.rates(value)
        self.recalls.append(recall)
        precision = float(precision_at(recall, false, case.prevalence))
        self.kept += recall >= RECALL if of_recall else precision >= case.precision

    def shares(self) -> dict[str, float]:
        """Return the shares of draws that kept it and that shipped one, and the mean recall."""
        named = {"kept": self.kept / self.draws, "shipped": len(self.recalls) / self.draws}
        return named | ({"recall": float(np.mean(self.recalls))} if self.recalls else {})


def try_out(case: Case, rules: Sequence[Rule], draws: int) -> list[dict[str, float]]:
    """Return what each rule did, all of them on the same draws."""
    rng = np.random.default_rng(zlib.crc32(case.name.encode()))
    outcomes = [Outcome() for _ in rules]
    for _ in range(draws):
        drawn = case.world.draw(rng, case.positives, case.negatives)
        for rule, outcome in zip(rules, outcomes, strict=True):
            outcome.add(case, rule(case, drawn), of_recall=rule is for_recall)
    return [one.shares() for one in outcomes]


def main(draws: int) -> None:
    """Write ``results.json`` beside this file."""
    arms = []
    for case in CASES:
        found, naive, recall = try_out(case, (ours, as_seen, for_recall), draws)
        values = {
            **{f"precision_{name}": [value] for name, value in found.items()},
            "seen_kept": [naive["kept"]],
            **{f"recall_{name}": [recall[name]] for name in ("kept", "shipped")},
        }
        arms.append({"name": case.name, "values": values})
        print(case.name, values, flush=True)
    metrics = {
        "precision_kept": "precision kept",
        "precision_shipped": "shipped",
        "precision_recall": "true recall",
        "seen_kept": "kept, if chosen as seen",
        "recall_kept": "recall 0.9 kept",
        "recall_shipped": "shipped ",
    }
    caption = (
        f"{draws:,} simulated validation sets a row, confidence 0.95. The number in a name is of "
        "negative clusters; 100 to 500 positive ones. Promised: precision 0.8 at prevalence "
        "0.05, unless the name says another prevalence (then 0.9). Kept: the true precision is at "
        "least what was promised, or no threshold was shipped. Command: "
        "python experiments/0012-threshold-promises/promises.py"
    )
    record = {"metrics": metrics, "arms": arms, "comparisons": [], "caption": caption}
    Path(__file__).with_name("results.json").write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
