"""What disguises did to decisions at one frozen threshold: recall kept, false alarms gained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from adverts.arrays import Bools, Floats, Weights
from adverts.evaluation.figures.evidence import MIN_CLUSTERS
from adverts.evaluation.statistics.bootstrap import LEVEL, Estimate, estimate, resample
from adverts.evaluation.statistics.bounds import effective_number, lower_bound, upper_bound


@dataclass(frozen=True, slots=True)
class Perturbed:
    """One perturbation at one strength, against the same adverts as they are.

    Attributes:
        name: Of the perturbation, e.g. ``zero_width``.
        kind: Whether it changes the text or the picture.
        strength: How much it changes, e.g. ``light``.
        adverts: Adverts that it changed.
        positives: Positive ones among them.
        found_clusters: Clusters with a positive one that is found as it is: what recall rests on.
        recall_kept: Recall at the frozen threshold over recall of the same adverts unchanged, the
            mean over the draws; above 1 where a disguise makes the model find more.
        worst_recall_kept: Over ``draws`` seeds, an advert counting as lost if any draw loses it:
            of what is found unchanged, the share that every draw leaves found.
        false_positives_gained: Share of the negatives that are flagged now and were not before,
            the mean over the draws.
        draws: Seeds tried, ``k`` of "worst of k".
        lack: Why there are no figures; None where there are.
        unchanged: Adverts that it could not change, which count in no figure.
        applies: Can it do anything to what the model reads of these adverts? Where not, there is
            nothing to judge, rather than too little evidence.
        found_worth: Independent adverts that the positives found as they are are worth; None: not
            known, and clusters are counted.
    """

    name: str
    kind: Literal["text", "image"]
    strength: str
    adverts: int
    positives: int
    found_clusters: int
    recall_kept: Estimate
    worst_recall_kept: Estimate
    false_positives_gained: Estimate
    draws: int
    lack: str | None = None
    unchanged: int = 0
    applies: bool = True
    found_worth: float | None = None


@dataclass(frozen=True, slots=True)
class Robustness:
    """All perturbations of one suite.

    Attributes:
        task: The headline task.
        label: Its positive label; empty where it has none.
        threshold: Frozen probability at which everything is counted.
        adverts: Adverts that were drawn from the judged ones, whole clusters.
        perturbed: One for each perturbation and strength.
        threshold_from: Where the threshold comes from, in words.
    """

    task: str
    label: str
    threshold: float
    adverts: int
    perturbed: tuple[Perturbed, ...]
    threshold_from: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """Recall kept, on average and in the worst of the draws, and false positives gained."""

    recall_kept: Estimate
    worst_recall_kept: Estimate
    false_positives_gained: Estimate


@dataclass(frozen=True, slots=True, eq=False)
class Decided:
    """Decisions on the adverts that one perturbation changed.

    Attributes:
        positive_N: Whose true label is the positive one.
        before_N: Flagged as they are.
        after_KN: Flagged when disguised, for each draw.
    """

    positive_N: Bools
    before_N: Bools
    after_KN: Bools

    def __call__(self, weights_RN: Weights) -> Floats:
        """Return recall kept, its worst of K, and false positives gained, ``(R, 3)``."""
        weights = weights_RN.astype(np.float64)
        found = weights @ (self.positive_N & self.before_N)
        found_now = weights @ (self.positive_N * self.after_KN.mean(axis=0))
        always = weights @ (self.positive_N & self.before_N & self.after_KN.all(axis=0))
        gained = weights @ (~self.positive_N * (self.after_KN & ~self.before_N).mean(axis=0))
        negatives = weights @ ~self.positive_N
        with np.errstate(divide="ignore", invalid="ignore"):
            parts = [found_now / found, always / found, gained / negatives]
        return np.stack([np.where(np.isfinite(part), part, np.nan) for part in parts], axis=1)


def count(decided: Decided, clusters: Sequence[str], *, resamples: int, seed: int) -> Figures:
    """Return the figures with intervals from a bootstrap over whole clusters.

    Where fewer than :data:`~adverts.evaluation.figures.evidence.MIN_CLUSTERS` clusters hold a
    positive advert that is found as it is, there is no figure of recall, and none of false
    positives where so few hold a negative one.

    Args:
        decided: What the model said of ``N`` adverts.
        clusters: Cluster of each, ``N`` names.
        resamples: Of clusters.
        seed: Decides what is drawn.
    """
    names = np.asarray(clusters, dtype=object)
    lacks = [
        _lack(names[decided.positive_N & decided.before_N], "whose positive adverts it finds"),
        _lack(names[~decided.positive_N], "with negative adverts"),
    ]
    if all(lacks):
        kept, worst, gained = (Estimate(None, reason=lacks[i]) for i in (0, 0, 1))
        return Figures(kept, worst, gained)
    found = resample([decided], clusters, resamples=resamples, seed=seed)[0]
    on_kept, on_negatives = (
        effective_number(names[held].tolist())
        for held in (decided.positive_N & decided.before_N, ~decided.positive_N)
    )
    figures = [
        Estimate(None, reason=lack) if lack else _or_exact(estimate(float(point), samples), number)
        for lack, number, point, samples in zip(
            (lacks[0], lacks[0], lacks[1]),
            (on_kept, on_kept, on_negatives),
            found.point,
            found.samples.T,
            strict=True,
        )
    ]
    return Figures(*figures)


def _or_exact(share: Estimate, number: float) -> Estimate:
    """Return a share of ``number`` independent adverts, with exact ends if no resample differs."""
    if share.value is None or share.low is None or share.low != share.high:
        return share
    seen, confidence = min(max(share.value, 0.0), 1.0), (1 + LEVEL) / 2
    low = min(share.low, float(lower_bound(seen, number, confidence)))
    high = max(share.low, float(upper_bound(seen, number, confidence)))
    return Estimate(share.value, low, high, "the interval is exact, since no resample differs")


def lack_of(figures: Figures) -> str | None:
    """Say why there is no figure at all; None where there is one."""
    if figures.recall_kept.value is None and figures.false_positives_gained.value is None:
        return f"{figures.recall_kept.reason}; {figures.false_positives_gained.reason}"
    return None


def _lack(clusters: NDArray[np.object_], which: str) -> str | None:
    found = len(set(clusters))
    if found >= MIN_CLUSTERS:
        return None
    return f"{found} cluster{'' if found == 1 else 's'} {which}, wanted {MIN_CLUSTERS}"
