"""Find the adverts of which a run decides otherwise than the reference."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from adverts.advert import LabelSchema, Task
from adverts.arrays import Targets
from adverts.candidates.review_bands import decisions
from adverts.evaluation.figures.figures_by_kind import SIGNAL_THRESHOLD
from adverts.evaluation.predictions.prediction_file import Predictions
from adverts.evaluation.truth import NOT_JUDGED, label_truth, predicted_labels, true_labels
from adverts.judging.run_comparison import CHANGED_COLUMNS
from adverts.runtime.rules.decision_rules import DecisionRules
from adverts.runtime.rules.routing import Decision

Row = dict[str, str | int | float | bool | None]


@dataclass(frozen=True, eq=False)
class Decided:
    """What a run decides on adverts: with its thresholds a band, always the likeliest label.

    Attributes:
        said: Calibrated predictions.
        rules: Rules frozen with the run; None where it has none.
        schema: The tasks of the run, which are those of all runs.
    """

    said: Predictions
    rules: DecisionRules | None
    schema: LabelSchema

    @cached_property
    def routed(self) -> list[Decision | None]:
        """The decision on each advert; None where no threshold or no label orders a queue."""
        orders = self.schema.task(self.schema.headline).positive_index is not None
        if self.rules is None or not self.rules.thresholds.thresholds or not orders:
            return [None] * len(self.said)
        return list(decisions(self.said, self.rules, self.schema))


def changed_adverts(run: str, ours: Decided, reference: Decided, targets: Targets) -> list[Row]:
    """Return a row for each question on an advert that a run decides otherwise.

    A question is a task, or one signal of a ``multi`` task. The row of the headline task also has
    the review bands and the signs of danger, if they changed or not.

    Args:
        run: Name of the run.
        ours: Decisions of the run.
        reference: Decisions of the reference, on the same adverts.
        targets: Truth by task, in the order of the labels of both.
    """
    rows = []
    for task in ours.said.tasks:
        if task.kind == "multi":
            rows += [one for label in task.labels for one in _signal(ours, reference, task, label)]
        else:
            rows += _labelled(ours, reference, task)
    truth = {
        one: _truth(one, task, targets)
        for task in ours.said.tasks
        if task.name in targets
        for one in _asked(task)
    }
    unknown: list[str | None] = [None] * len(ours.said)
    for row in rows:
        place = row.pop("row")
        assert isinstance(place, int)
        row["label"] = truth.get(str(row["question"]), unknown)[place]
        row["run"], row["id"] = run, ours.said.ids[place]
        row["cluster"] = ours.said.clusters[place]
    return [{name: row.get(name) for name in CHANGED_COLUMNS} for row in rows]


def _labelled(ours: Decided, reference: Decided, task: Task) -> Iterator[Row]:
    """Yield the adverts with another likeliest label; of the headline also with another band."""
    said, before = (one.said.probabilities[task.name] for one in (ours, reference))
    labels, earlier = predicted_labels(task, said), predicted_labels(task, before)
    is_headline = task.name == ours.schema.headline
    positive = task.positive_index if is_headline else None
    for row in range(len(said)):
        routed = [one.routed[row] if is_headline else None for one in (ours, reference)]
        (band, danger), (old_band, old_danger) = (_of(one) for one in routed)
        if (labels[row], band, danger) == (earlier[row], old_band, old_danger):
            continue
        shown = positive if positive is not None else int(labels[row])
        shown_before = positive if positive is not None else int(earlier[row])
        yield {
            "row": row,
            "question": task.name,
            "reference_band": old_band,
            "band": band,
            "reference_decision": task.labels[int(earlier[row])],
            "decision": task.labels[int(labels[row])],
            "reference_probability": float(before[row, shown_before]),
            "probability": float(said[row, shown]),
            "reference_danger": old_danger,
            "danger": danger,
        }


def _of(decision: Decision | None) -> tuple[str | None, str | None]:
    if decision is None:
        return None, None
    return decision.review_band, ", ".join(sorted(one.label for one in decision.safeguarding))


def _signal(ours: Decided, reference: Decided, task: Task, label: str) -> Iterator[Row]:
    place = task.labels.index(label)
    said, before = (one.said.probabilities[task.name][:, place] for one in (ours, reference))
    held, held_before = said >= SIGNAL_THRESHOLD, before >= SIGNAL_THRESHOLD
    for row in np.flatnonzero(held != held_before).tolist():
        yield {
            "row": row,
            "question": f"{task.name}: {label}",
            "reference_decision": "yes" if held_before[row] else "no",
            "decision": "yes" if held[row] else "no",
            "reference_probability": float(before[row]),
            "probability": float(said[row]),
        }


def _asked(task: Task) -> list[str]:
    return [f"{task.name}: {one}" for one in task.labels] if task.kind == "multi" else [task.name]


def _truth(question: str, task: Task, targets: Targets) -> list[str | None]:
    """Return the true label of each advert; None where it is not judged."""
    if task.kind == "multi":
        signal = question.removeprefix(f"{task.name}: ")
        names = {1: "yes", 0: "no", NOT_JUDGED: None}
        return [names[one] for one in label_truth(task, targets[task.name], signal).tolist()]
    found = true_labels(task, targets[task.name]).tolist()
    return [None if one == NOT_JUDGED else task.labels[one] for one in found]
