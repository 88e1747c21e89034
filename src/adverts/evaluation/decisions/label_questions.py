"""List the labels that need thresholds, each with the scores and truth of its clean adverts.

*Clean* adverts were reviewed by a person, and the model was not trained on their campaign.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adverts.advert import Task
from adverts.arrays import Floats, Ints, Targets
from adverts.evaluation.predictions.prediction_file import Predictions
from adverts.evaluation.truth import NOT_JUDGED, label_truth
from adverts.runtime.rules.thresholds import deciding_labels, has_queue, label_scores


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """One label against the rest, on the ``N`` clean adverts that are judged for it.

    Attributes:
        task: Name of the task.
        label: Name of the label.
        scores: Scores that are compared with a threshold, ``(N,)``.
        positive: Whether each advert has the label, ``(N,)``.
        clusters: Cluster of each advert, ``(N,)``.
        prevalence: Share of positives at which a precision is promised.
        recall_first: Whether the label is a sign of danger to a person.
    """

    task: str
    label: str
    scores: Floats
    positive: NDArray[np.bool_]
    clusters: NDArray[np.object_]
    prevalence: float
    recall_first: bool

    def holding(self, positive: bool) -> int:
        """Count the clusters with a positive advert, or with another advert."""
        return len(set(self.clusters[self.positive == positive]))


def label_questions(
    predictions: Predictions,
    targets: Targets,
    *,
    prevalence: float | None,
    safeguarding: tuple[str, ...],
) -> Iterator[Question]:
    """Yield a question for every deciding label with targets, and for every safeguarding label.

    Args:
        predictions: Calibrated predictions for validation adverts.
        targets: Maps each task name to ``(N, L)``, rows as in the predictions; NaN: not judged.
        prevalence: Share of a queue's positive label in service; None, and other labels: as here.
        safeguarding: Labels of ``multi`` tasks that are recall-first.
    """
    clean = predictions.reviewed & ~predictions.seen
    clusters = np.asarray(predictions.clusters, dtype=object)
    for task in predictions.tasks:
        said = predictions.probabilities[task.name]
        stated = prevalence if has_queue(task) else None
        for label in deciding_labels(task):
            recall_first = task.kind == "multi" and label in safeguarding
            if task.name not in targets and not recall_first:
                continue
            truth = _truth(task, label, targets, len(predictions))
            rows = np.flatnonzero(clean & (truth != NOT_JUDGED))
            positive = truth[rows] == 1
            yield Question(
                task=task.name,
                label=label,
                scores=label_scores(task, said, label)[rows],
                positive=positive,
                clusters=clusters[rows],
                prevalence=stated or float(positive.sum() / max(len(rows), 1)),
                recall_first=recall_first,
            )


def _truth(task: Task, label: str, targets: Targets, num_adverts: int) -> Ints:
    """Return 1, 0, or -1 for not judged, for each advert, ``(N,)``."""
    if task.name not in targets:
        return np.full(num_adverts, NOT_JUDGED)
    return label_truth(task, targets[task.name], label)
