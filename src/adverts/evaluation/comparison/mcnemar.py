"""McNemar's exact test of two models' decisions, with a cluster of copies as one observation.

Source: McNemar, "Note on the sampling error of the difference between correlated proportions or
percentages", Psychometrika 1947; the exact form is the sign test of Dixon, Mood, JASA 1946.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from adverts.advert import Task
from adverts.arrays import Bools, Ints
from adverts.evaluation.comparison.compared import DecisionsCompared
from adverts.evaluation.comparison.pairing import Pair
from adverts.evaluation.predictions.prediction_file import Predictions
from adverts.evaluation.truth import NOT_JUDGED, label_truth
from adverts.runtime.rules.thresholds import Threshold, Thresholds, label_scores


def p_value(only_first: int, only_second: int) -> float:
    """Return the two-sided p-value; 1.0 where the two differ in no observation."""
    from scipy.stats import binomtest

    discordant = only_first + only_second
    return float(binomtest(only_first, discordant, 0.5).pvalue) if discordant else 1.0


def discordant_clusters(
    first_right: Bools, second_right: Bools, clusters: Sequence[str]
) -> tuple[int, int]:
    """Count the clusters that each model wins: it alone is right on more adverts than the other.

    A cluster in which both are alone right equally often counts for neither.

    Args:
        first_right: ``(N,)``, whether the first model is right.
        second_right: ``(N,)``, whether the second model is right.
        clusters: Cluster of each advert, ``N`` names.
    """
    names, cluster_of = np.unique(np.asarray(clusters, dtype=str), return_inverse=True)
    gains = first_right.astype(np.int64) - second_right.astype(np.int64)
    balance = np.bincount(cluster_of, weights=gains, minlength=len(names))
    return int((balance > 0).sum()), int((balance < 0).sum())


def flagged(predictions: Predictions, thresholds: Thresholds, wanted: Threshold) -> Bools | None:
    """Return which adverts are flagged with a label, each at the threshold of its language.

    None where the model ships no threshold for that label and purpose.

    Args:
        predictions: Calibrated predictions of the model.
        thresholds: Thresholds frozen with the same model.
        wanted: A threshold with the wanted task, label and purpose.
    """
    task = next(one for one in predictions.tasks if one.name == wanted.task)
    asked = (wanted.task, wanted.label, wanted.purpose)
    values = {}
    for lang in {None, *predictions.langs}:
        found = thresholds.find(*asked, lang)
        values[lang] = None if found is None else found.value
    if values[None] is None:
        return None
    bars = [values[lang] for lang in predictions.langs]
    bar_N = np.array([np.inf if bar is None else bar for bar in bars])
    said = label_scores(task, predictions.probabilities[task.name], wanted.label)
    return np.asarray((said >= bar_N) & ~predictions.unreadable)


def compare_decisions(
    both: Pair, task: Task, candidate: Thresholds | None, champion: Thresholds | None
) -> list[DecisionsCompared]:
    """Compare the decisions of two models, each at the thresholds that it ships.

    A label and purpose for which one of them ships no threshold is left out.

    Args:
        both: Calibrated predictions of both models.
        task: A task that both models answer.
        candidate: Thresholds of the judged model; None where it has none.
        champion: Thresholds of the champion; None where it has none.
    """
    if candidate is None or champion is None:
        return []
    found = []
    # thresholds of single languages are applied by ``flagged`` and get no result of their own
    for one in (one for one in candidate.thresholds if one.language is None):
        if one.task != task.name or one.label not in task.labels:
            continue
        truth = label_truth(task, both.targets[task.name], one.label)
        ours = flagged(both.candidate, candidate, one)
        theirs = flagged(both.champion, champion, one)
        if ours is not None and theirs is not None:
            found.append(_compared(one, truth, ours, theirs, both.candidate.clusters))
    return found


def _compared(
    one: Threshold, truth: Ints, ours: Bools, theirs: Bools, clusters: Sequence[str]
) -> DecisionsCompared:
    rows = np.flatnonzero(truth != NOT_JUDGED)
    we_right, they_right = ((said == (truth == 1))[rows] for said in (ours, theirs))
    judged_clusters = [clusters[i] for i in rows.tolist()]
    only_ours, only_theirs = discordant_clusters(we_right, they_right, judged_clusters)
    return DecisionsCompared(
        task=one.task,
        label=one.label,
        purpose=one.purpose,
        only_candidate_right=only_ours,
        only_champion_right=only_theirs,
        p_value=p_value(only_ours, only_theirs),
    )
