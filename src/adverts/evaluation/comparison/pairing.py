"""Align the predictions of two models by name: same adverts, tasks and order of labels."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from adverts.advert import Task
from adverts.arrays import Floats, Targets
from adverts.errors import InputError, plural
from adverts.evaluation.predictions.prediction_file import Predictions, select


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """Predictions of two models for the same tasks and the same ``N`` reviewed adverts.

    Attributes:
        candidate: Predictions of the judged model, with the context of the adverts.
        champion: Predictions of the champion, with labels in the candidate's order.
        targets: Maps each task that both answer to its targets ``(N, L)``.
        notes: What could not be compared, and why.
    """

    candidate: Predictions
    champion: Predictions
    targets: Targets
    notes: tuple[str, ...]


def pair(candidate: Predictions, champion: Predictions, targets: Targets) -> Pair:
    """Keep the reviewed adverts that both models were scored on, and the tasks that both answer.

    In a ``multi`` task the signals that both know are kept; a ``single`` or ``ordinal`` task is
    kept only if it has the same labels for both.

    Raises:
        InputError: They share no reviewed advert or no task, or targets have another shape.
    """
    place = {advert: i for i, advert in enumerate(champion.ids)}
    reviewed = np.flatnonzero(candidate.reviewed).tolist()
    rows = [i for i in reviewed if candidate.ids[i] in place]
    if not rows:
        raise InputError(
            f"no reviewed advert was scored by both models ({plural(len(reviewed), 'reviewed')} of "
            f"{plural(len(candidate), 'advert')} here, {len(champion):,} of the champion); "
            "evaluate both on the same prepared dataset and split"
        )
    notes = []
    if len(rows) < len(reviewed):
        missing = plural(len(reviewed) - len(rows), "reviewed advert")
        notes.append(f"{missing} of {len(reviewed):,} have no score of the champion.")
    ours, theirs = (
        select(candidate, rows),
        select(champion, [place[candidate.ids[i]] for i in rows]),
    )
    asked, untold = _common_tasks(candidate.tasks, champion.tasks, targets)
    return Pair(
        candidate=_restricted(ours, asked),
        champion=_restricted(theirs, asked),
        targets=_targets(candidate, asked, targets, rows),
        notes=(*notes, *untold),
    )


def _common_tasks(
    ours: tuple[Task, ...], theirs: tuple[Task, ...], targets: Targets
) -> tuple[tuple[Task, ...], list[str]]:
    known = {task.name: task for task in theirs}
    common, notes = [], []
    for task in ours:
        if task.name not in targets:
            continue
        other = known.get(task.name)
        asked = None if other is None else same_question(task, other)
        if other is None:
            notes.append(f"The champion does not answer task {task.name}.")
        elif asked is None:
            notes.append(f"Task {task.name} has other labels for the champion: not compared.")
        else:
            common.append(asked)
            if asked != task:
                missing = plural(task.num_labels - asked.num_labels, "signal")
                notes.append(f"The champion does not know {missing} of task {task.name}.")
    if not common:
        asked_for = ", ".join(task.name for task in ours if task.name in targets)
        raise InputError(
            f"the champion answers none of the judged tasks ({asked_for}) with the same labels; "
            "compare the candidate with a model of the same label schema"
        )
    return tuple(common), notes


def same_question(task: Task, other: Task) -> Task | None:
    """Return the part of ``task`` that ``other`` also asks; None where they do not match."""
    if task.kind != other.kind:
        return None
    if task.kind == "multi":
        kept = tuple(label for label in task.labels if label in other.labels)
        return replace(task, labels=kept) if kept else None
    alike = task.labels == other.labels
    if task.kind == "single":
        alike = set(task.labels) == set(other.labels)
    return task if alike else None


def _restricted(predictions: Predictions, asked: tuple[Task, ...]) -> Predictions:
    """Return the predictions for these tasks alone, with labels in their order."""
    own = {task.name: task for task in predictions.tasks}
    said: dict[str, Floats] = {
        task.name: predictions.probabilities[task.name][:, _places(own[task.name], task)]
        for task in asked
    }
    return replace(predictions, tasks=asked, logits={}, probabilities=said)


def _targets(
    candidate: Predictions, asked: tuple[Task, ...], targets: Targets, rows: list[int]
) -> Targets:
    own = {task.name: task for task in candidate.tasks}
    found = {}
    for task in asked:
        shape, wanted = targets[task.name].shape, (len(candidate), own[task.name].num_labels)
        if shape != wanted:
            raise InputError(f"targets of task {task.name!r}: shape {shape}, wanted {wanted}")
        found[task.name] = targets[task.name][rows][:, _places(own[task.name], task)]
    return found


def _places(own: Task, asked: Task) -> list[int]:
    return [own.labels.index(label) for label in asked.labels]
