"""What a robustness suite found, at thresholds that were frozen before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from adverts.evaluation.statistics.bootstrap import Estimate


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
