"""Choose under which score of the n-grams an advert may leave early, with a promise that holds.

The limit is an order statistic of the positive clusters. How many of them may lie under it is fixed
by their number, before any score is seen, so choosing the limit costs no confidence: whatever the
distribution of the scores, the limit is a distribution-free tolerance limit. It equals testing
limits in a fixed sequence, from the safest one upward, until the exact bound at one is too high.

Source: Wilks, "Determination of sample sizes for setting tolerance limits", 1941; Clopper, Pearson,
"The use of confidence or fiducial limits", 1934.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.stats import binom

from adverts.arrays import Bools, Floats
from adverts.errors import InputError
from adverts.evaluation.statistics.bounds import number_without_event, upper_bound
from adverts.runtime.rules.early_exit import ExitLimit


def lost_allowed(clusters: int, max_loss: float, confidence: float) -> int | None:
    """Return how many of some clusters may be lost, so that a promise is shown; None if none may.

    Args:
        clusters: Number of clusters.
        max_loss: Largest share of all such clusters that may be lost, in (0, 1).
        confidence: Confidence of the promise, in (0, 1).

    Raises:
        InputError: ``max_loss`` or ``confidence`` is not in (0, 1).
    """
    if not (0 < max_loss < 1 and 0 < confidence < 1):
        raise InputError(
            f"exit.max_loss and the confidence must be in (0, 1), got {max_loss} and {confidence}"
        )
    if clusters < number_without_event(max_loss, confidence):
        return None
    lost = int(binom.ppf(1 - confidence, clusters, max_loss))
    while lost > 0 and binom.cdf(lost, clusters, max_loss) > 1 - confidence:
        lost -= 1
    return lost


def lowest_by_cluster(odds_N: Floats, clusters: Sequence[str]) -> Floats:
    """Return the lowest score of each cluster, ascending, ``(number of clusters,)``.

    A cluster is lost as soon as one of its adverts is; NaN, an unknown score, counts as lost first.

    Args:
        odds_N: Log-odds of the label by the n-grams, of positives that reach the threshold.
        clusters: Cluster of each of these adverts.
    """
    names, cluster_of = np.unique(np.asarray(clusters, dtype=str), return_inverse=True)
    lowest = np.full(len(names), np.inf)
    known_N = np.where(np.isnan(odds_N), -np.inf, odds_N)
    np.minimum.at(lowest, cluster_of, known_N)
    return np.sort(lowest)


def exit_limit(
    task: str,
    label: str,
    odds_N: Floats,
    reaches_N: Bools,
    clusters: Sequence[str],
    *,
    max_loss: float,
    confidence: float,
) -> ExitLimit:
    """Return the highest limit that keeps the promise, or why there is none.

    Args:
        task: Name of the task.
        label: Name of the label.
        odds_N: Log-odds of the label by the n-grams alone, for ``N`` positives that neither branch
            learnt from.
        reaches_N: Whether each of them reaches the recall threshold by both branches.
        clusters: Cluster of each of them.
        max_loss: Largest share of the clusters that reach the threshold which may be lost.
        confidence: Confidence of the promise.

    Raises:
        InputError: ``max_loss`` or ``confidence`` is not in (0, 1).
    """
    rows = np.flatnonzero(reaches_N)
    lowest = lowest_by_cluster(odds_N[rows], [clusters[row] for row in rows.tolist()])
    count = len(lowest)
    lost = lost_allowed(count, max_loss, confidence)
    if lost is None:
        return ExitLimit(task, label, None, count, lack=_missing(count, max_loss, confidence))
    value = float(lowest[lost])
    if not np.isfinite(value):
        lack = f"the n-grams have no score for more than {lost} of {count} positive clusters"
        return ExitLimit(task, label, None, count, lack=lack)
    under = int((lowest < value).sum())
    high = float(upper_bound(lost / count, count, confidence))
    return ExitLimit(task, label, value, count, under, high)


def _missing(clusters: int, max_loss: float, confidence: float) -> str:
    wanted = number_without_event(max_loss, confidence)
    return (
        f"it would rest on {clusters:,} positive clusters, and a loss of at most "
        f"{100 * max_loss:g} % takes {wanted:,} with none lost: {wanted - clusters:,} more are "
        "missing"
    )
