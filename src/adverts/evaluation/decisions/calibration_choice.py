"""Choose the calibration method of a task by cross-validation over whole clusters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from adverts.arrays import Bools, Floats, Ints
from adverts.evaluation.decisions.calibration_fits import Material, fit_map
from adverts.evaluation.decisions.calibration_losses import log_losses
from adverts.evaluation.truth import NOT_JUDGED, Judged
from adverts.runtime.rules.calibration import METHODS, Method, TaskCalibration
from adverts.runtime.rules.probabilities import mapped_probabilities

FOLDS = 5
ENOUGH_CLUSTERS = 100
"""Clusters with the rarer answer from which validation calibrates better than training did."""
MIN_CLUSTERS = 10
"""Fewest clusters with a label, and without it, for the label to have a map of its own."""


def choose_map(
    judged: Judged, logits_NK: Floats, clusters: Sequence[str], *, seed: int
) -> TaskCalibration:
    """Return the map of the method with the least cross-validated log loss, fitted on all adverts.

    A simpler method is preferred unless its loss exceeds the least by more than one standard error
    of their difference over clusters. With too little evidence nothing is fitted, and the result
    gives the reason.

    Args:
        judged: True labels; every advert has a judged label.
        logits_NK: Logits of the model for these adverts.
        clusters: Cluster of each advert.
        seed: Seed of the assignment of clusters to folds.

    Source: Breiman et al. (1984), Classification and Regression Trees, section 3.4.3 (the rule of
    one standard error), here on paired differences.
    """
    task = judged.task
    cluster_of = np.unique(np.asarray(clusters, dtype=str), return_inverse=True)[1]
    held = clusters_by_label(judged, clusters)
    plain = TaskCalibration(task.name, shares=label_shares(judged))
    reason = _lack(judged, held)
    if reason is not None:
        return replace(plain, reason=reason)
    fitted = held.min(axis=0) >= MIN_CLUSTERS
    if task.kind == "multi":  # a signal without evidence does not influence the method
        judged = replace(judged, labels=np.where(fitted, judged.labels, NOT_JUDGED))
    material = Material(judged, logits_NK, fitted)
    folds = _deal(judged, held, cluster_of, seed=seed)
    losses = {method: _losses(method, material, folds) for method in METHODS}
    labels_N = losses["none"][1]
    sums = {method: loss_N for method, (loss_N, _) in losses.items()}
    return replace(
        fit_map(_simplest(sums, labels_N, cluster_of), material),
        shares=plain.shares,
        losses={method: float(one.sum() / labels_N.sum()) for method, one in sums.items()},
    )


def label_shares(judged: Judged) -> tuple[float, ...]:
    """Return the share of each label among the adverts that are judged for it; 0.0 without any."""
    is_NL = _one_hot(judged)
    known_L = (is_NL != NOT_JUDGED).sum(axis=0)
    return tuple(((is_NL == 1).sum(axis=0) / np.maximum(known_L, 1)).tolist())


def _one_hot(judged: Judged) -> Ints:
    """Return 1, 0 or -1 for each advert and label, ``(N, L)``, whatever the kind of task."""
    labels = judged.labels
    if judged.task.kind == "multi":
        return labels
    is_NL = (labels[:, None] == np.arange(judged.task.num_labels)).astype(np.int64)
    return np.where(labels[:, None] == NOT_JUDGED, NOT_JUDGED, is_NL)


def clusters_by_label(judged: Judged, clusters: Sequence[str]) -> Ints:
    """Count the clusters with an advert of each label, and with one of another, ``(2, L)``."""
    names = np.asarray(clusters, dtype=str)
    columns = _one_hot(judged).T
    return np.array([[len(set(names[is_N == value])) for is_N in columns] for value in (1, 0)])


@dataclass(frozen=True, slots=True)
class CalibrationEvidence:
    """What the calibration of a task rests on.

    Attributes:
        clusters: Number of clusters with the rarer answer, see :func:`evidence_of`.
        shares: Share of each label among the adverts that are judged for it.
    """

    clusters: int
    shares: tuple[float, ...]


def evidence_of(judged: Judged, clusters: Sequence[str]) -> CalibrationEvidence:
    """Return what a calibration on these adverts rests on.

    With a positive label, the clusters that hold it are counted, or those that hold another one if
    they are fewer. Without, those with any label but the most frequent one; in a ``multi`` task,
    those with any signal that is neither always nor never there.

    Args:
        judged: True labels of ``N`` adverts.
        clusters: Cluster of each advert.
    """
    held_2L, positive = clusters_by_label(judged, clusters), judged.task.positive_index
    if positive is not None:
        return CalibrationEvidence(int(held_2L[:, positive].min()), label_shares(judged))
    counted_L: Bools = np.asarray((held_2L > 0).all(axis=0))
    if judged.task.kind != "multi":
        counted_L[held_2L[0].argmax()] = False
    rare_N = (_one_hot(judged)[:, counted_L] == 1).any(axis=1)
    held = set(np.asarray(clusters, dtype=str)[rare_N].tolist())
    return CalibrationEvidence(len(held), label_shares(judged))


def _lack(judged: Judged, held: Ints) -> str | None:
    """Return why no map can be fitted; None where one can."""
    task, evidence = judged.task, held.min(axis=0)
    needed = 1 if task.kind == "multi" else 2
    if (evidence >= MIN_CLUSTERS).sum() >= needed:
        return None
    if task.kind == "multi":
        best = int(evidence.argmax())
        return (
            f"no label occurs in {MIN_CLUSTERS} clusters and is absent in as many; the nearest, "
            f"{task.labels[best]!r}, occurs in {held[0, best]} and is absent in {held[1, best]}"
        )
    if task.num_labels < 2:
        return "the task has only one label, which is always right"
    second = int(np.argsort(held[0], kind="stable")[-2])
    return (
        f"two labels must occur in {MIN_CLUSTERS} clusters each, and {task.labels[second]!r}, the "
        f"second most frequent, occurs in {held[0, second]}"
    )


def _deal(judged: Judged, held: Ints, cluster_of: Ints, *, seed: int) -> Ints:
    """Return the fold of each advert; clusters with the same rarest label go to folds in turn."""
    rarity = np.argsort(np.argsort(held[0], kind="stable"))
    ranks_NL = np.where(_one_hot(judged) == 1, rarity, len(rarity))
    rarest = np.full(cluster_of.max() + 1, len(rarity))
    np.minimum.at(rarest, cluster_of, ranks_NL.min(axis=1))
    drawn = np.random.default_rng(seed).permutation(len(rarest))
    order = drawn[np.argsort(rarest[drawn], kind="stable")]
    fold_of = np.empty(len(rarest), dtype=np.int64)
    fold_of[order] = np.arange(len(rarest)) % FOLDS
    return np.asarray(fold_of[cluster_of])


def _losses(method: Method, material: Material, folds: Ints) -> tuple[Floats, Floats]:
    """Return each advert's loss by a map not fitted on its fold, and its number of labels."""
    losses, labels = np.zeros((2, len(folds)))
    for fold in range(FOLDS):
        inside = folds == fold
        fitted = fit_map(method, material.rows(~inside))
        kept = material.rows(inside)
        said_NL = mapped_probabilities(material.task, kept.logits, fitted)
        losses[inside], labels[inside] = log_losses(kept.judged, said_NL)
    return losses, labels


def _simplest(sums: Mapping[Method, Floats], labels_N: Floats, cluster_of: Ints) -> Method:
    """Return the first method that is not worse than the best by more than one standard error."""
    best = min(sums, key=lambda method: sums[method].sum())
    for method in METHODS:
        excess_N = sums[method] - sums[best]
        mean = excess_N.sum() / labels_N.sum()
        by_cluster = np.bincount(cluster_of, excess_N - mean * labels_N)
        if mean <= np.sqrt((by_cluster**2).sum()) / labels_N.sum():
            return method
    return best
