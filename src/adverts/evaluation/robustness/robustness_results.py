"""Effect of disguises on decisions at one frozen threshold: recall kept, false alarms gained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from adverts.arrays import Bools, Floats, Weights
from adverts.errors import plural
from adverts.evaluation.figures.evidence import MIN_CLUSTERS
from adverts.evaluation.statistics.bootstrap import LEVEL, Estimate, estimate, resample
from adverts.evaluation.statistics.bounds import effective_number, lower_bound, upper_bound


@dataclass(frozen=True, slots=True)
class Perturbed:
    """Result of one perturbation at one strength, compared with the same adverts unchanged.

    Attributes:
        name: Name of the perturbation, e.g. ``zero_width``.
        kind: Whether it changes the text or the picture.
        strength: How much it changes, e.g. ``light``.
        adverts: Number of adverts that it changed.
        positives: Number of positive adverts among them.
        found_clusters: Clusters with a positive advert that is found unchanged; recall rests on
            them.
        recall_kept: Recall at the frozen threshold divided by recall of the same adverts unchanged,
            the mean over the draws; above 1 where a disguise makes the model find more.
        worst_recall_kept: Of the positive adverts found unchanged, the share that is found in every
            one of ``draws`` draws.
        false_positives_gained: Share of the negatives that are flagged only when disguised, the
            mean over the draws.
        draws: Number of seeds tried, ``k`` of "worst of k".
        lack: Why there are no figures; None where there are.
        unchanged: Number of adverts that it could not change, which count in no figure.
        applies: Whether it can change what the model reads of these adverts. If not, there is
            nothing to judge, rather than too little evidence.
        found_worth: Independent adverts that the positives found unchanged are worth; None: not
            known, and clusters are counted instead.
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
    """Results of all perturbations of one suite.

    Attributes:
        task: Name of the headline task.
        label: Positive label of the task; empty where it has none.
        threshold: Frozen probability at which everything is counted.
        adverts: Number of adverts drawn from the judged ones, in whole clusters.
        perturbed: One result for each perturbation and strength.
        threshold_from: Where the threshold comes from, in words.
        learnt: Names of the disguises in which the model learnt from copies of its adverts.
    """

    task: str
    label: str
    threshold: float
    adverts: int
    perturbed: tuple[Perturbed, ...]
    threshold_from: str = ""
    learnt: tuple[str, ...] = ()


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
        positive_N: Whether the true label of each advert is the positive one.
        before_N: Whether each advert is flagged unchanged.
        after_KN: Whether each advert is flagged when disguised, for each draw.
    """

    positive_N: Bools
    before_N: Bools
    after_KN: Bools

    def __call__(self, weights_RN: Weights) -> Floats:
        """Return recall kept, the worst of K, and false positives gained, ``(R, 3)``."""
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

    Recall has no figure if fewer than :data:`~adverts.evaluation.figures.evidence.MIN_CLUSTERS`
    clusters hold a positive advert that is found unchanged. False positives have none if so few
    clusters hold a negative advert.

    Args:
        decided: Decisions of the model on ``N`` adverts.
        clusters: Name of the cluster of each advert, ``N`` names.
        resamples: Number of resamples of clusters.
        seed: Seed of the resamples.
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
    """Return a share of ``number`` independent adverts, its interval exact if resamples agree."""
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
    return f"{plural(found, 'cluster')} {which}, wanted {MIN_CLUSTERS}"
