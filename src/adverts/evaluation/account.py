"""From all adverts of a split to those that are judged, and which of them the model answers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adverts.advert import Task
from adverts.evaluation.figures import judge
from adverts.evaluation.predictions import Predictions

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Answers:
    """How many of some judged adverts a model answers.

    Attributes:
        adverts: Of them in all.
        unreadable: That the model cannot read; it never flags them.
        abstained: That its bundle leaves to people; None where that is not known.
    """

    adverts: int
    unreadable: int
    abstained: int | None

    @property
    def given(self) -> int | None:
        """Adverts that the model can read and does not leave to people; None: not known."""
        if self.abstained is None:
            return None
        return self.adverts - self.unreadable - self.abstained


@dataclass(frozen=True, slots=True)
class Account:
    """What became of every advert of a split, for one task; each is counted once until ``judged``.

    Attributes:
        task: Name of the task.
        split: Adverts of the split.
        without_label: That have no label of the task.
        without_one_answer: Whose annotators are evenly split.
        not_reviewed: The rest of those that no person has reviewed, which enter no figure.
        judged: What is left: the adverts that every figure rests on, with how many of them the
            model answers. What it cannot read is among them, and counts as never flagged.
        seen: Judged adverts that share a cluster with adverts of the training.
        positives: The same as ``judged``, of those with the positive label; None where no label is
            special.
    """

    task: str
    split: int
    without_label: int
    without_one_answer: int
    not_reviewed: int
    judged: Answers
    seen: int
    positives: Answers | None = None

    def __post_init__(self) -> None:
        """Refuse an account that does not add up."""
        left_out = self.without_label + self.without_one_answer + self.not_reviewed
        assert self.split == left_out + self.judged.adverts, f"{self} does not add up"


def account_for(
    predictions: Predictions, task: Task, targets_NL: NDArray[np.float32] | None
) -> Account:
    """Return the account of a task.

    Args:
        predictions: Of every advert of the split, ``N``.
        task: The question.
        targets_NL: Truth in the order of its labels; None where no advert has a label of it.
    """
    count = len(predictions)
    labelled: Bools = np.zeros(count, dtype=bool)
    decided, positive = labelled.copy(), labelled.copy()
    if targets_NL is not None:
        judged = judge(task, targets_NL)
        labelled = np.asarray(~np.isnan(targets_NL).all(axis=1))
        decided[judged.rows] = True
        if task.kind == "single" and task.positive_index is not None:
            positive = np.asarray(judged.labels == task.positive_index)
    kept = decided & predictions.reviewed
    has_positive = task.kind == "single" and task.positive_index is not None
    return Account(
        task=task.name,
        split=count,
        without_label=int((~labelled).sum()),
        without_one_answer=int((labelled & ~decided).sum()),
        not_reviewed=int((decided & ~predictions.reviewed).sum()),
        judged=_answers(predictions, kept),
        seen=int((kept & predictions.seen).sum()),
        positives=_answers(predictions, kept & positive) if has_positive else None,
    )


def _answers(predictions: Predictions, among: Bools) -> Answers:
    found = [predictions.answers[row] for row in np.flatnonzero(among).tolist()]
    known = None not in found
    return Answers(
        adverts=len(found),
        unreadable=found.count("unreadable"),
        abstained=found.count("abstained") if known else None,
    )
