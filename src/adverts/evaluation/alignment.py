"""Hold the labels of a dataset against those of a model, by name and never by position."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from adverts.advert import Task
from adverts.errors import InputError

Targets = Mapping[str, NDArray[np.float32]]


def align_targets(
    asked: Sequence[Task], answered: Sequence[Task], targets: Targets
) -> dict[str, NDArray[np.float32]]:
    """Return the targets of the tasks that a model answers, in the model's order of labels.

    Tasks without a single label are left out, as are those that the model does not answer. A label
    of the model that the dataset does not have weighs nothing; for ``multi`` it is not judged.

    Args:
        asked: The tasks of the dataset.
        answered: The tasks of the model.
        targets: By task ``(N, L)``, in the dataset's order of labels.

    Raises:
        InputError: A task is of another kind for the model, its levels stand in another order, or
            an advert has a label that the model does not know.
    """
    known = {task.name: task for task in asked}
    aligned = {}
    for task in answered:
        if task.name not in known or np.isnan(targets[task.name]).all():
            continue
        aligned[task.name] = _align(known[task.name], task, targets[task.name])
    return aligned


def unjudged_where(left_out: NDArray[np.bool_], targets: Targets) -> dict[str, NDArray[np.float32]]:
    """Return targets without the labels of some adverts ``(N,)``, and without tasks of no label."""
    kept = {
        name: np.where(left_out[:, None], np.float32(np.nan), values_NL)
        for name, values_NL in targets.items()
    }
    return {name: values_NL for name, values_NL in kept.items() if not np.isnan(values_NL).all()}


def _align(asked: Task, answered: Task, targets_NL: NDArray[np.float32]) -> NDArray[np.float32]:
    if asked.kind != answered.kind:
        raise InputError(
            f"task {asked.name!r} is {asked.kind} in the dataset and {answered.kind} in the model; "
            "prepare the dataset with the tasks that the model was trained on"
        )
    _check_labels(asked, answered, targets_NL)
    labelled = ~np.isnan(targets_NL).all(axis=1)
    aligned = np.full((len(targets_NL), answered.num_labels), np.nan, dtype=np.float32)
    if answered.kind != "multi":
        aligned[labelled] = 0.0
    for column, label in enumerate(asked.labels):
        if label in answered.labels:
            place = answered.labels.index(label)
            aligned[labelled, place] = targets_NL[labelled, column]
    return aligned


def _check_labels(asked: Task, answered: Task, targets_NL: NDArray[np.float32]) -> None:
    for column, label in enumerate(asked.labels):
        adverts = int((np.nan_to_num(targets_NL[:, column]) > 0).sum())
        if label not in answered.labels and adverts:
            raise InputError(
                f"task {asked.name!r}: {adverts} adverts have the label {label!r}, which the model "
                f"does not know; it knows {', '.join(answered.labels)}. Map or mask that label in "
                "the data config and prepare again"
            )
    common = [label for label in asked.labels if label in answered.labels]
    ranks = [answered.labels.index(label) for label in common]
    if answered.kind == "ordinal" and ranks != sorted(ranks):
        raise InputError(
            f"task {asked.name!r}: the levels stand in another order, {', '.join(asked.labels)} "
            f"here and {', '.join(answered.labels)} in the model"
        )
