"""Count which adverts of a split are judged, and which of them the model answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from adverts.advert import Task
from adverts.arrays import Bools
from adverts.evaluation.figures.slices import Names, cells
from adverts.evaluation.predictions.prediction_file import Answer, Predictions
from adverts.evaluation.truth import judge

ServedAnswer = Answer | Literal["undecided"]
"""``undecided``: the model reads the advert, but no threshold decides its review band, so that it
is marked ``abstain`` and left to people like one that is ``abstained``."""


@dataclass(frozen=True, slots=True)
class Answers:
    """How many of some judged adverts a model answers.

    Attributes:
        adverts: Number of these adverts in all.
        unreadable: Number that the model cannot read; it never flags them.
        abstained: Number that its bundle leaves to people whatever the score; None where it is
            unknown.
        undecided: Number of the others that it leaves to people since no threshold decides them;
            None where it is unknown.
        given_by_cell: How many of them it answers of each language, script and modality, by the
            names of :func:`adverts.evaluation.figures.slices.cells`; None where it is unknown.
    """

    adverts: int
    unreadable: int
    abstained: int | None
    undecided: int | None
    given_by_cell: Mapping[str, int] | None = field(default=None, compare=False)

    @property
    def given(self) -> int | None:
        """Number that the model can read and does not leave to people; None: unknown."""
        if self.abstained is None or self.undecided is None:
            return None
        return self.adverts - self.unreadable - self.abstained - self.undecided


@dataclass(frozen=True, slots=True)
class Account:
    """How the adverts of a split are used for one task.

    Each advert is either judged or counted under the first reason why it is not.

    Attributes:
        task: Name of the task.
        split: Number of adverts of the split.
        without_label: Number without a label of the task.
        without_one_answer: Number whose annotators are evenly split.
        not_reviewed: Number of the remaining adverts that no person has reviewed.
        set_aside: Number of the remaining adverts that are left out as not new to the model; None
            where nobody knows which are new. With a ``lack``, it is a least number.
        judged: The remaining adverts, on which every figure rests, and how many the model answers.
            Those that it cannot read are included, and count as never flagged.
        seen: Judged adverts that are not new to the model; 0 where they were set aside, None where
            nobody knows. With a ``lack``, it is a least number.
        positives: The same as ``judged``, for adverts with the positive label; None where the task
            has no positive label.
        lack: Why it is not fully known which adverts are new to the model; empty where it is.
    """

    task: str
    split: int
    without_label: int
    without_one_answer: int
    not_reviewed: int
    set_aside: int | None
    judged: Answers
    seen: int | None
    positives: Answers | None = None
    lack: str = ""

    def __post_init__(self) -> None:
        """Reject an account that does not add up."""
        left_out = self.without_label + self.without_one_answer + self.not_reviewed
        left_out += self.set_aside or 0
        assert self.split == left_out + self.judged.adverts, f"{self} does not add up"


def account_for(
    predictions: Predictions,
    task: Task,
    targets_NL: NDArray[np.float32] | None,
    *,
    served: Sequence[ServedAnswer | None],
    set_aside: Bools | None = None,
    lack: str = "",
) -> Account:
    """Return the account of a task.

    Args:
        predictions: Predictions for every advert of the split, ``N``.
        task: The task.
        targets_NL: Targets of all adverts in the order of the task's labels, including those set
            aside; None where no advert has a label of the task.
        served: What a service would be told of each advert, ``N``; None where it is unknown.
        set_aside: Adverts that enter no figure since they are not new to the model, ``(N,)``; None:
            none is left out for that.
        lack: Why it is not fully known which adverts are new to the model; empty where it is.
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
    reviewed = decided & predictions.reviewed
    aside = np.zeros(count, dtype=bool) if set_aside is None else set_aside
    kept = reviewed & ~aside
    names = cells(predictions)
    has_positive = task.kind == "single" and task.positive_index is not None
    return Account(
        task=task.name,
        split=count,
        without_label=int((~labelled).sum()),
        without_one_answer=int((labelled & ~decided).sum()),
        not_reviewed=int((decided & ~predictions.reviewed).sum()),
        set_aside=_number(reviewed & aside, lack),
        judged=_answers(served, kept, names),
        seen=_number(kept & predictions.seen, lack),
        positives=_answers(served, kept & positive, names) if has_positive else None,
        lack=lack,
    )


def _number(known: Bools, lack: str) -> int | None:
    """Return how many adverts are known; None, not 0, where none is and some may not be known."""
    count = int(known.sum())
    return None if lack and not count else count


def _answers(served: Sequence[ServedAnswer | None], among: Bools, names: Names) -> Answers:
    rows = np.flatnonzero(among).tolist()
    found = [served[row] for row in rows]
    known = None not in found
    given = Counter(str(names[row]) for row in rows if served[row] == "given")
    return Answers(
        adverts=len(found),
        unreadable=found.count("unreadable"),
        abstained=found.count("abstained") if known else None,
        undecided=found.count("undecided") if known else None,
        given_by_cell=given if known else None,
    )
