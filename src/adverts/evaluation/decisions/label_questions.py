"""What thresholds are asked for: each label that decides, against the rest, on clean adverts.

*Clean* are adverts that a person has reviewed and whose campaign the model was not trained on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from adverts.advert import Task
from adverts.arrays import Floats, Ints, Targets
from adverts.evaluation.predictions.prediction_file import Predictions
from adverts.evaluation.truth import NOT_JUDGED, label_truth
from adverts.runtime.rules.thresholds import deciding_labels, has_queue, label_scores


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """One label against the rest, on the clean adverts that are judged by it, ``N`` of them.

    Attributes:
        task: Name of the task.
        label: The label.
        scores: What a threshold is held against, ``(N,)``.
        positive: Do they hold the label? ``(N,)``.
        clusters: Of each, ``(N,)``.
        langs: Language of each, ``(N,)``; None where not known.
        prevalence: At which a precision is promised.
        recall_first: Is it a sign of danger to a person?
    """

    task: str
    label: str
    scores: Floats
    positive: NDArray[np.bool_]
    clusters: NDArray[np.object_]
    langs: NDArray[np.object_]
    prevalence: float
    recall_first: bool

    def of(self, rows: Ints) -> Question:
        """Return the question on some of its adverts."""
        return replace(
            self,
            scores=self.scores[rows],
            positive=self.positive[rows],
            clusters=self.clusters[rows],
            langs=self.langs[rows],
        )

    def holding(self, positive: bool) -> int:
        """Count the clusters that hold a positive, or another."""
        return len(set(self.clusters[self.positive == positive]))


def label_questions(
    predictions: Predictions,
    targets: Targets,
    *,
    prevalence: float | None,
    safeguarding: tuple[str, ...],
) -> Iterator[Question]:
    """Yield every label that decides and is judged at all; a safeguarding label always.

    Args:
        predictions: Calibrated, of validation adverts.
        targets: By task ``(N, L)``, rows in the order of the predictions; NaN where not judged.
        prevalence: Of the positive label of a queue in service; None, and other labels: as here.
        safeguarding: Labels of ``multi`` tasks that are recall-first.
    """
    clean = predictions.reviewed & ~predictions.seen
    clusters = np.asarray(predictions.clusters, dtype=object)
    langs = np.asarray(predictions.langs, dtype=object)
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
                langs=langs[rows],
                prevalence=stated or float(positive.sum() / max(len(rows), 1)),
                recall_first=recall_first,
            )


def _truth(task: Task, label: str, targets: Targets, num_adverts: int) -> Ints:
    """Return 1, 0 or -1, not judged, for each advert, ``(N,)``."""
    if task.name not in targets:
        return np.full(num_adverts, NOT_JUDGED)
    return label_truth(task, targets[task.name], label)
